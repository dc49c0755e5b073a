using System.Data.Common;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

/// <summary>Revokes a unit that answered for the order to be none any more, once it has had its minute to tell what waited in it.</summary>
internal sealed class DecommissionSweep(CentreDatabase database, CommitQueue commits, TimeProvider time, ILogger<DecommissionSweep> log) : Rounds(TimeSpan.FromSeconds(5), time)
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    protected override async Task RoundAsync()
    {
        try
        {
            var now = Time.GetUtcNow().ToUnixTimeMilliseconds();
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
