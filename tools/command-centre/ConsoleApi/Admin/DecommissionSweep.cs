using System.Data.Common;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

/// <summary>Revokes a unit that answered for the order to be none any more, once it has had its minute to tell what waited in it.</summary>
internal sealed class DecommissionSweep(CentreDatabase database, CommitQueue commits, TimeProvider time, ILogger<DecommissionSweep> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5), Grace = TimeSpan.FromMinutes(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await RunOnceAsync();
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
    }

    private async Task RunOnceAsync()
    {
        try
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var unitId in database.Read(c => UnitTable.Decommissioned(c, now - (long)Grace.TotalMilliseconds)))
                _ = await commits.CommitAsync(transaction => Revoke(transaction, unitId, now));
        }
        catch (Exception e) when (e is DbException or CentreException or ChannelClosedException)
        {
            CentreLog.DecommissionFailed(log, e.GetType().Name);
        }
    }

    // Another gateway may have been quicker.
    private static bool Revoke(DbTransaction transaction, string unitId, long now)
    {
        if (UnitTable.Find(transaction, unitId) is not { RevokedAt: null })
            return false;
        UnitTable.Revoke(transaction, unitId, "decommissioned", now);
        AuditTable.Add(transaction, new AuditRow("centre", "unit_revoked", unitId, "decommissioned"), now);
        ChangeTable.Note(transaction, ChangeKind.Units, unitId, now);
        return true;
    }
}
