using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Patrolling;

/// <summary>Who changes plans: an account, with the district that it is bound to ("" the city).</summary>
internal sealed record PlanEditor(string Account, string District);

/// <summary>Plans in versions; each unit is sent one signed plan with everything that it is to patrol.</summary>
internal sealed class PatrolIssuing(CentreSigner signer, CommandTable commands, TimeProvider time)
{
    /// <summary>Stores the next version of a plan and leaves their plans for the units that it is given to, or no longer.</summary>
    /// <returns>The version and the units that have something new.</returns>
    /// <exception cref="PlanFault">A unit is unknown or not the editor's, the plan is another district's, or there are too many.</exception>
    public (long Version, IReadOnlyList<string> Units) Put(DbTransaction transaction, PlanDocument plan, PlanEditor editor)
    {
        var before = PatrolTable.Newest(transaction.Connection!, transaction, plan.Route.PlanId);
        RequireOwn(before, editor);
        if (before is null && PatrolTable.Current(transaction.Connection!, transaction).Count >= PatrolTable.MostPlans)
            throw new PlanFault("too_many_plans");
        foreach (var unitId in plan.Units)
        {
            if (UnitTable.Find(transaction, unitId) is not { RevokedAt: null } unit || (editor.District.Length > 0 && unit.District != editor.District))
                throw new PlanFault("unknown_unit", unitId);
        }
        return Store(transaction, plan, before, editor, retired: false);
    }

    /// <summary>Ends a plan; its versions and its history stay.</summary>
    /// <exception cref="PlanFault">There is none of this id, or it is another district's.</exception>
    public IReadOnlyList<string> Retire(DbTransaction transaction, string planId, PlanEditor editor)
    {
        if (PatrolTable.Newest(transaction.Connection!, transaction, planId) is not { Retired: 0 } before)
            throw new PlanFault("unknown_plan");
        RequireOwn(before, editor);
        return Store(transaction, PlanDocument.Read(before.Document), before, editor, retired: true).Units;
    }

    /// <summary>For a car that holds an older plan, or none, and has none on the way (a new disk, say).</summary>
    public void EnsureHeld(DbTransaction transaction, string unitId, ulong heldVersion)
    {
        var current = PatrolTable.UnitVersion(transaction, unitId);
        var onTheWay = transaction.Connection!.ExecuteScalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM commands WHERE unit_id = @unitId AND kind = 'Patrol' AND answered_at IS NULL)", new { unitId }, transaction);
        if (current > (long)Math.Min(heldVersion, long.MaxValue) && !onTheWay)
            Send(transaction, unitId, "centre");
    }

    private (long Version, IReadOnlyList<string> Units) Store(DbTransaction transaction, PlanDocument plan, PlanRow? before, PlanEditor editor, bool retired)
    {
        var version = (before?.Version ?? 0) + 1;
        plan.Route.Version = (ulong)version;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        PatrolTable.Add(transaction, new PlanRow
        {
            PlanId = plan.Route.PlanId,
            Version = version,
            District = before?.District ?? editor.District,
            IssuedAt = now,
            IssuedBy = editor.Account,
            Retired = retired ? 1 : 0,
            Document = plan.Write(),
        });
        AuditTable.Add(transaction, new AuditRow(editor.Account, retired ? "patrol_plan_ended" : "patrol_plan_set", $"{plan.Route.PlanId} v{version}", ""), now);
        var concerned = (before is null ? [] : PlanDocument.Read(before.Document).Units).Concat(plan.Units).Distinct().ToList();
        foreach (var unitId in concerned)
            Send(transaction, unitId, editor.Account);
        ChangeTable.Note(transaction, ChangeKind.Topics, "patrol", now);
        return (version, concerned);
    }

    private void Send(DbTransaction transaction, string unitId, string issuer)
    {
        // A unit that was revoked meanwhile is sent nothing any more.
        if (UnitTable.Find(transaction, unitId) is not { RevokedAt: null })
            return;
        var plan = new PatrolPlan
        {
            Version = (ulong)PatrolTable.NextUnitVersion(transaction, unitId),
            UnitId = unitId,
            IssuedAtUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        foreach (var row in PatrolTable.Current(transaction.Connection!, transaction))
        {
            var document = PlanDocument.Read(row.Document);
            if (!document.Units.Contains(unitId) || plan.Routes.Count >= PatrolCheck.MostRoutes)
                continue;
            document.Route.Version = (ulong)row.Version;
            plan.Routes.Add(document.Route);
        }
        // The centre's own words, not a person's: whoever may edit plans was asked before.
        var command = CommandTable.New(issuer, "system", time);
        command.Patrol = signer.Sign(Envelopes.PatrolType, plan);
        commands.Add(transaction, unitId, command);
        ChangeTable.Note(transaction, ChangeKind.Commands, unitId, command.IssuedAtUnixMs);
    }

    private static void RequireOwn(PlanRow? plan, PlanEditor editor)
    {
        if (plan is not null && editor.District.Length > 0 && plan.District != editor.District)
            throw new PlanFault("plan_of_other_district");
    }
}
