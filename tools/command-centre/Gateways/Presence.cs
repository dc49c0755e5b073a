using System.Data.Common;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Gateways;

/// <summary>
/// Each second: shows that this gateway lives, and sees which others do and which cars they hold. One whose number has not moved
/// for a while, by our own clock, is dead, and its cars are off the line until they come to another.
/// </summary>
internal sealed class Presence(
    Gateway gateway, CentreDatabase database, CommitQueue commits, SessionRegistry sessions, TimeProvider time, ILogger<Presence> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1), DeadAfter = TimeSpan.FromSeconds(5), ForgottenAfter = TimeSpan.FromMinutes(10);
    private readonly Dictionary<string, (long Beats, long SeenAt)> others = new(StringComparer.Ordinal);
    private int lastSeen = -1;
    private bool failing;

    /// <summary>Whether another gateway lives now.</summary>
    public bool IsAccompanied => lastSeen > 0;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!gateway.IsShared)
            return;
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
                await LookAsync();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!gateway.IsShared)
            return;
        try
        {
            _ = await commits.CommitAsync(transaction => GatewayTable.Forget(transaction, gateway.Id), cancellationToken);
        }
        catch (Exception e) when (e is DbException or ChannelClosedException or OperationCanceledException)
        {
            // Then the others see it by themselves, some seconds later.
        }
    }

    private async Task LookAsync()
    {
        try
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            _ = await commits.CommitOfUnitAsync($"gateway {gateway.Id}", transaction => GatewayTable.Beat(transaction, gateway.Id, now));
            using var connection = database.Connect();
            var living = Living(GatewayTable.Gateways(connection));
            var held = sessions.All.ToList();
            var rows = GatewayTable.Sessions(connection).ToDictionary(session => session.UnitId, session => session.GatewayId, StringComparer.Ordinal);
            sessions.Elsewhere(rows.Where(row => living.Contains(row.Value)).Select(row => row.Key));
            // A note may have come before the session that it was about had been entered here.
            foreach (var session in held.Where(session => rows.TryGetValue(session.UnitId, out var holder) && holder != gateway.Id))
                session.Close("replaced", "A newer session of this unit has begun.");
            if (living.Count != lastSeen)
                GatewayLog.Others(log, gateway.Id, lastSeen = living.Count);
            foreach (var (gone, _) in others.Where(other => time.GetElapsedTime(other.Value.SeenAt) > ForgottenAfter).ToList())
            {
                _ = others.Remove(gone);
                _ = await commits.CommitAsync(transaction => GatewayTable.Forget(transaction, gone));
            }
            failing = false;
        }
        catch (Exception e) when (e is DbException or ChannelClosedException)
        {
            if (!failing)
                GatewayLog.Unseen(log, e.GetType().Name);
            failing = true;
        }
    }

    private HashSet<string> Living(IReadOnlyList<(string GatewayId, long Beats)> rows)
    {
        foreach (var (id, beats) in rows.Where(row => row.GatewayId != gateway.Id))
        {
            if (!others.TryGetValue(id, out var known))
                others[id] = (beats, time.GetTimestamp());
            else if (known.Beats != beats)
                others[id] = (beats, time.GetTimestamp());
        }
        return [.. rows.Where(row => others.TryGetValue(row.GatewayId, out var other) && time.GetElapsedTime(other.SeenAt) < DeadAfter).Select(row => row.GatewayId)];
    }
}
