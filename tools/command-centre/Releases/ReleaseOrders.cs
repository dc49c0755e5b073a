using System.Data.Common;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Releases;

/// <summary>What the centre orders a unit about a release.</summary>
internal sealed class ReleaseOrders(CommandTable commands, CentreSigner signer, TimeProvider time)
{
    public void Offer(DbTransaction transaction, string version, string unitId, string actor) =>
        ReleaseStore.Offer(transaction, commands, version, [unitId], required: false, actor, time);

    /// <summary>
    /// Has the unit go back to what it ran before, which it still holds. No bundle is sent for it: an old one would be refused, since
    /// the unit takes nothing that is not newer than what it found good.
    /// </summary>
    public void GoBack(DbTransaction transaction, string unitId, string leave, string backTo, string actor, string reason)
    {
        ReleaseStore.Withdraw(transaction, unitId, leave);
        var command = CommandTable.New(actor, "admin", time);
        command.ReleaseRollback = signer.Sign(Envelopes.RollbackType, new ReleaseRollback
        {
            Version = (ulong)command.IssuedAtUnixMs,
            UnitId = unitId,
            Leave = leave,
            BackTo = backTo,
            Reason = reason,
        });
        commands.Add(transaction, unitId, command);
        AuditTable.Add(transaction, new AuditRow(actor, "release_rollback_ordered", $"{unitId} {leave} {backTo}", reason), command.IssuedAtUnixMs);
    }
}
