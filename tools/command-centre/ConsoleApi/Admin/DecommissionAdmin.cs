using System.Data.Common;
using System.Text;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

/// <summary>
/// Units that are to be none any more, stolen ones too: one person proposes it, another one approves, and the unit is ordered to destroy
/// its keys and all that it keeps. Once it has answered and had its time to tell what waits, it is revoked (<see cref="UnitTable.Decommissioned"/>).
/// </summary>
internal sealed class DecommissionAdmin
{
    private const string Path = "/admin/decommissions";

    private readonly CentreDatabase database;
    private readonly ProposalDesk desk;
    private readonly UnitTable units;
    private readonly CommandTable commands;
    private readonly CentreSigner signer;
    private readonly TimeProvider time;
    private readonly ProposalKind kind;

    public DecommissionAdmin(CentreDatabase database, ProposalDesk desk, UnitTable units, CommandTable commands, CentreSigner signer, TimeProvider time)
    {
        (this.database, this.desk, this.units, this.commands, this.signer, this.time) = (database, desk, units, commands, signer, time);
        kind = new ProposalKind(ProposalTable.Decommission, UnitOf, Order, (proposal, context) => Find(UnitOf(proposal), context) is not null);
    }

    /// <summary>Units for which a second person is waited for.</summary>
    public static HashSet<string> Proposed(DbConnection connection) =>
        ProposalTable.All(connection, ProposalTable.Decommission).Where(p => p.State == "proposed").Select(UnitOf).ToHashSet(StringComparer.Ordinal);

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet(Path, View).Needs(Permission.ProposePolicies);
        _ = api.MapPost("/admin/units/{unitId}/decommission", ProposeAsync).Needs(Permission.ManageUnits);
        desk.Map(api, Path, kind);
    }

    private static string UnitOf(Proposal proposal) => Encoding.UTF8.GetString(proposal.Content);

    private UnitRow? Find(string unitId, HttpContext context) =>
        units.All().FirstOrDefault(u => u.UnitId == unitId) is { } unit && UnitAdmin.IsReached(context, unit.District) ? unit : null;

    private IResult View(HttpContext context)
    {
        var reached = units.All().Where(u => UnitAdmin.IsReached(context, u.District)).Select(u => u.UnitId).ToHashSet(StringComparer.Ordinal);
        var proposals = database.Read(c => ProposalTable.All(c, kind.Name));
        return Administration.Ok(ProposalDesk.Shown(proposals.Where(p => reached.Contains(UnitOf(p))), UnitOf));
    }

    private async Task<IResult> ProposeAsync(string unitId, RevokeBody body, HttpContext context)
    {
        if (Find(unitId, context) is not { } unit)
            return Refusal.Of(404, "unknown_unit");
        // A revoked unit is not spoken to any more.
        if (unit.RevokedAt is not null)
            return Refusal.Of(409, "unit_revoked");
        // There is no box that could hear of it, and the next one to be this unit is not meant.
        if (unit.EnrolledAt is null)
            return Refusal.Of(409, "not_enrolled");
        if (body.Typed?.Trim() != unitId)
            return Refusal.Of(400, "typed_wrong");
        return database.Read(Proposed).Contains(unitId)
            ? Refusal.Of(409, "already_proposed")
            : await desk.ProposeAsync(kind, Encoding.UTF8.GetBytes(unitId), body.Reason, context);
    }

    private object Order(DbTransaction transaction, Proposal proposal, string account)
    {
        var unitId = UnitOf(proposal);
        // Another box that was enrolled since it was proposed is not the one that was meant.
        if (UnitTable.Find(transaction, unitId) is not { RevokedAt: null } unit || unit.EnrolledAt is null || unit.EnrolledAt > proposal.ProposedAt)
            return new { ordered = false };
        var command = CommandTable.New(account, "admin", time);
        command.Decommission = signer.Sign(
            Envelopes.DecommissionType, new UnitDecommission { UnitId = unitId, Reason = proposal.Reason, ProposedBy = proposal.ProposedBy, ApprovedBy = account });
        commands.Add(transaction, unitId, command);
        ChangeTable.Note(transaction, ChangeKind.Units, unitId, command.IssuedAtUnixMs);
        return new { ordered = true };
    }
}
