using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Patrolling;

/// <summary>
/// Follows the stored track events and writes how far each car got with each plan and shift. Where it is lies in the database, in the same
/// transaction as what it made of it: a centre that was killed goes on where it was, and no event counts twice. Trails come late and out
/// of order; a shift that hears of older positions than it has taken is counted anew from all that is stored.
/// </summary>
internal sealed class PatrolSweep(
    CentreDatabase database, PatrolTable table, CommitQueue commits, Sealing sealing, TimeProvider time, PatrolNews news) : BackgroundService
{
    private const int AtOnce = 500, MostKept = 5_000;
    private const long HourMs = 3_600_000, SegmentMs = 10 * 60_000;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    // The rules of shifts that go on, so that a new segment costs its own points and not the whole shift's.
    private readonly Dictionary<(string PlanId, long Version, long From, string UnitId), PatrolRules> going = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await RunAsync();
                }
                catch (DbException e)
                {
                    // The next period tries again from where the database says.
                    going.Clear();
                    CentreLog.PatrolSweepFailed(news.Log, e.GetType().Name);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            // The centre stops.
        }
    }

    /// <summary>Takes all that is stored and not taken yet.</summary>
    /// <returns>How many events.</returns>
    public async Task<int> RunAsync()
    {
        for (var all = 0; ;)
        {
            var some = await StepAsync();
            all += some;
            if (some < AtOnce)
            {
                if (all > 0)
                    news.Feed.Changed("patrol");
                return all;
            }
        }
    }

    private async Task<int> StepAsync()
    {
        var from = database.Read(PatrolTable.Swept);
        var events = database.Read(c => c.Query<(long Seq, string UnitId, byte[] Payload)>(
            "SELECT seq, unit_id, payload FROM events WHERE kind = 'track' AND seq > @from ORDER BY seq LIMIT @AtOnce", new { from, AtOnce }).AsList());
        if (events.Count == 0)
            return 0;
        var plans = PlanBook.Of(table);
        var rows = new List<ProgressRow>();
        foreach (var unit in events.GroupBy(row => row.UnitId))
        {
            var fixes = unit.SelectMany(row => Fixes(row.Payload)).OrderBy(fix => fix.AtUnixMs).ToList();
            if (fixes.Count > 0)
                rows.AddRange(Progress(plans, unit.Key, fixes));
        }
        _ = await commits.CommitAsync(transaction =>
        {
            foreach (var row in rows)
                table.Put(transaction, row);
            PatrolTable.SweptTo(transaction, events[^1].Seq);
            return rows.Count;
        });
        ForgetOver();
        return events.Count;
    }

    private IEnumerable<ProgressRow> Progress(PlanBook plans, string unitId, List<PatrolFix> fixes)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        // A clock that is far out has no shift here.
        var (first, last) = (Math.Max(fixes[0].AtUnixMs, now - (92 * 24 * HourMs)), Math.Min(fixes[^1].AtUnixMs, now + HourMs));
        foreach (var (plan, shift) in first <= last ? plans.Shifts(first, last + 1) : [])
        {
            if (!plan.Units.Contains(unitId) || !fixes.Exists(fix => shift.Has(fix.AtUnixMs)))
                continue;
            var key = (plan.Row.PlanId, plan.Row.Version, shift.FromUnixMs, unitId);
            if (!going.TryGetValue(key, out var rules) || fixes.First(fix => shift.Has(fix.AtUnixMs)).AtUnixMs <= rules.LastAtUnixMs)
            {
                going[key] = rules = new PatrolRules(plan.Route, shift);
                foreach (var fix in Stored(unitId, shift))
                    rules.Take(fix);
            }
            foreach (var fix in fixes)
                rules.Take(fix);
            yield return new ProgressRow(plan.Row.PlanId, shift, unitId, plan.Row.Version, rules.Record());
        }
    }

    private IEnumerable<PatrolFix> Stored(string unitId, PatrolShift shift) => database.Read(c => c.Query<byte[]>(
        "SELECT payload FROM events WHERE kind = 'track' AND unit_id = @unitId AND captured_at >= @from AND captured_at < @to",
        new { unitId, from = shift.FromUnixMs - SegmentMs, to = shift.ToUnixMs + SegmentMs }).AsList())
        .SelectMany(Fixes).OrderBy(fix => fix.AtUnixMs);

    private IEnumerable<PatrolFix> Fixes(byte[] payload)
    {
        try
        {
            return TrackPoints.Fixes(Event.Parser.ParseFrom(sealing.Open(payload)));
        }
        catch (Exception e) when (e is CryptographicException or InvalidProtocolBufferException)
        {
            // What cannot be read ticks nothing; the ledger still has its number.
            return [];
        }
    }

    private void ForgetOver()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var key in going.Where(entry => entry.Value.LastAtUnixMs < now - HourMs).Select(entry => entry.Key).ToList())
            _ = going.Remove(key);
        if (going.Count > MostKept)
            going.Clear();
    }
}

/// <summary>Where the sweep tells of itself.</summary>
internal sealed record PatrolNews(ConsoleFeed Feed, ILogger<PatrolSweep> Log);
