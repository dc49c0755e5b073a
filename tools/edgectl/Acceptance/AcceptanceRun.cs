using System.Text.Json;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Vision.Inference;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>All checks of a unit: what does not depend on each other at the same time, what disturbs alone and last.</summary>
internal sealed class AcceptanceRun : IDisposable
{
    private readonly UnitAtHand _unit;
    private readonly bool _disturbs;
    private readonly Action<string> _tell;

    // Opened once; what is wrong with them is said by the check of their own each time that it is asked.
    private readonly Lazy<ModelStore> _models = new(() => ModelStore.Open());
    private readonly PersonCover _cover;
    private readonly List<CheckOutcome> _done = [];
    private readonly Lock _gate = new();

    /// <param name="unit">Which one.</param>
    /// <param name="disturbs">Also turns the roof camera and ends the agent: an acceptance, not a look in passing.</param>
    /// <param name="tell">A line for who waits.</param>
    public AcceptanceRun(UnitAtHand unit, bool disturbs, Action<string> tell)
    {
        (_unit, _disturbs, _tell) = (unit, disturbs, tell);
        _cover = new PersonCover(new Lazy<ModelStore?>(Models));
    }

    /// <summary>In the order of the report.</summary>
    public async Task<IReadOnlyList<CheckOutcome>> RunAsync(CancellationToken stop)
    {
        List<ICheck> order =
        [
            new SettingsCheck(), new AgentCheck(), new IdentityCheck(), new CentreCheck(), new ClockCheck(), new GnssCheck(), new CamerasCheck(_cover),
            new DiskCheck(), new BooksCheck(), new ListsCheck(), new OfficersCheck(), new ModelsCheck(() => _models.Value),
        ];
        await AllAsync([order[0]], stop);
        // What the agent and the centre say is used by the others.
        await AllAsync([order[1], order[2]], stop);
        await AllAsync([order[3]], stop);
        await AllAsync(order[4..], stop);
        if (_disturbs)
        {
            order.AddRange([new PtzCheck(), new RecoveryCheck()]);
            await AllAsync([order[^2]], stop);
            await AllAsync([order[^1]], stop);
        }
        return [.. order.Select(check => _done.Single(o => o.Title == check.Title))];
    }

    public void Dispose() => _cover.Dispose();

    private Task AllAsync(IReadOnlyList<ICheck> checks, CancellationToken stop) => Task.WhenAll(checks.Select(check => OneAsync(check, stop)));

    private async Task OneAsync(ICheck check, CancellationToken stop)
    {
        var outcome = new CheckOutcome(check.Title);
        long began = _unit.Time.GetTimestamp();
        if (Missing(check) is { } missing)
        {
            outcome.Skipped = missing;
        }
        else
        {
            try
            {
                await check.LookAsync(_unit, outcome, stop);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or ArgumentException or FormatException
                or SqliteException or OutboxException or JsonException or System.Net.Sockets.SocketException or EdgeAgent.AuditVerifier.FormatException)
            {
                outcome.Found("check_failed", check.Title.Name, e.Message);
            }
        }
        outcome.Seconds = _unit.Time.GetElapsedTime(began).TotalSeconds;
        lock (_gate)
            _done.Add(outcome);
        _tell($"  {Mark(outcome)} {check.Title.En,-26} {outcome.Seconds,5:0.0} s");
    }

    /// <summary>The first of what it needs that is not well.</summary>
    private string? Missing(ICheck check)
    {
        lock (_gate)
            return check.Needs.FirstOrDefault(need => _done.Find(o => o.Title.Name == need) is not { } o || o.Skipped.Length > 0 || IsInTheWay(o));
    }

    /// <summary>A camera that is lost does not keep the roof camera from being turned, nor a part of the agent that is ill its lists from being read.</summary>
    private static bool IsInTheWay(CheckOutcome outcome) => outcome.Title.Name switch
    {
        CamerasCheck.Name => false,
        // One that runs and could not be heard has told nothing either.
        AgentCheck.Name => outcome.Findings.Any(f => f.Fault.Code is "agent_down" or "check_failed"),
        _ => outcome.IsGrave,
    };

    internal static string Mark(CheckOutcome outcome) => outcome.Skipped.Length > 0 ? "–" : outcome.IsGrave ? "✗" : outcome.Findings.Count > 0 ? "!" : "✓";

    private ModelStore? Models()
    {
        try
        {
            return _models.Value;
        }
        catch (ModelException)
        {
            return null;
        }
    }
}
