using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

/// <summary>Pin left out: the officer keeps the one that they have.</summary>
internal sealed record OfficerBody(string? OfficerId, string? Name, string? Role, string? PoliceType, string? Pin);

/// <summary>Who may sign in to a unit. A PIN comes in once, becomes a verifier, and is never shown.</summary>
internal sealed class OfficerAdmin(CentreDatabase database, CommitQueue commits, OfficerTable officers, RosterIssuing rosters, ConsoleAccess access, TimeProvider time)
{
    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet("/admin/rosters", (HttpContext context) => Administration.Ok(Rosters(context))).Needs(Permission.ManageOfficers);
        _ = api.MapGet("/admin/rosters/{unitId}", ReadAsync).Needs(Permission.ManageOfficers);
        _ = api.MapPost("/admin/rosters/{unitId}/officers", PutAsync).Needs(Permission.ManageOfficers).Costly();
        _ = api.MapPost("/admin/rosters/{unitId}/officers/{officerId}/remove", RemoveAsync).Needs(Permission.ManageOfficers);
    }

    private IReadOnlyList<object> Rosters(HttpContext context) => [.. database.Read(c => c.Query<(string UnitId, string Label, string District, long Officers, long Version, long? ValidTo, string? Outcome)>(
        """
        SELECT u.unit_id, u.label, u.district, (SELECT count(*) FROM officers o WHERE o.unit_id = u.unit_id), coalesce(r.version, 0), r.valid_to,
               (SELECT coalesce(m.outcome, 'waiting') FROM commands m WHERE m.unit_id = u.unit_id AND m.kind = 'Officers' ORDER BY m.issued_at DESC, m.command_id DESC LIMIT 1)
        FROM units u LEFT JOIN rosters r ON r.unit_id = u.unit_id WHERE u.revoked_at IS NULL ORDER BY u.unit_id
        """))
        .Where(row => UnitAdmin.IsReached(context, row.District))
        .Select(row => (object)new { row.UnitId, row.Label, row.District, row.Officers, row.Version, row.ValidTo, outcome = row.Outcome ?? "" })];

    private async Task<IResult> ReadAsync(string unitId, HttpContext context)
    {
        var (known, found) = database.Snapshot(transaction =>
            (UnitTable.Find(transaction, unitId) is { } unit && UnitAdmin.IsReached(context, unit.District), officers.Of(transaction, unitId)));
        if (!known)
            return Refusal.Of(404, "unknown_unit");
        await access.AuditAsync(new AuditRow(context.Account(), "roster_read", unitId, ""));
        return Administration.Ok(found.Select(officer => new
        {
            officer.OfficerId,
            officer.DisplayName,
            officer.Role,
            policeType = officer.PoliceType == PoliceType.Traffic ? "traffic" : "public_order",
            faces = officer.Faces.Count,
            faceConsentAtUnixMs = officer.FaceConsent?.GivenAtUnixMs,
        }));
    }

    private async Task<IResult> PutAsync(string unitId, OfficerBody body, HttpContext context)
    {
        var (officerId, name, role, police, pin) = (body.OfficerId?.Trim() ?? "", body.Name?.Trim() ?? "", body.Role ?? "officer", body.PoliceType ?? "public_order", body.Pin ?? "");
        if (!UnitAdmin.IsId(officerId))
            return Refusal.Of(400, "bad_officer_id");
        if (name.Length is 0 or > 64)
            return Refusal.Of(400, "bad_name");
        if (role is not ("officer" or "leader") || !UnitTable.PoliceTypes.Contains(police))
            return Refusal.Of(400, "bad_officer_role");
        if (pin.Length > 0 && (pin.Length is < RosterIssuing.LeastPinDigits or > 32 || !pin.All(char.IsAsciiDigit)))
            return Refusal.Of(400, "bad_pin");
        var type = police == "traffic" ? PoliceType.Traffic : PoliceType.PublicOrder;
        // Slow by design, so before the writer's turn and not within it.
        var fresh = pin.Length > 0 ? await Task.Run(() => RosterIssuing.WithPin(officerId, name, role, type, pin)) : null;
        return await ChangeAsync(unitId, context, (transaction, account) =>
        {
            var known = officers.Of(transaction, unitId).FirstOrDefault(officer => officer.OfficerId == officerId);
            if (fresh is null && known is null)
                return "pin_required";
            var entry = fresh ?? known!.Clone();
            (entry.DisplayName, entry.Role, entry.PoliceType) = (name, role, type);
            if (fresh is not null && known is not null)
            {
                // A new PIN is no withdrawal of consent.
                entry.Faces.Clear();
                entry.Faces.AddRange(known.Faces);
                entry.FaceConsent = known.FaceConsent;
            }
            officers.Put(transaction, unitId, entry);
            Note(transaction, account, known is null ? "officer_added" : fresh is null ? "officer_changed" : "officer_pin_reset", $"{unitId} {officerId}");
            return "";
        });
    }

    private Task<IResult> RemoveAsync(string unitId, string officerId, HttpContext context) => ChangeAsync(unitId, context, (transaction, account) =>
    {
        if (OfficerTable.Remove(transaction, unitId, officerId) == 0)
            return "unknown_officer";
        Note(transaction, account, "officer_removed", $"{unitId} {officerId}");
        return "";
    });

    /// <summary>The change, its audit row and the signed roster in one commit.</summary>
    private async Task<IResult> ChangeAsync(string unitId, HttpContext context, Func<DbTransaction, string, string> change)
    {
        var account = context.Account();
        var (refusal, version) = await commits.CommitAsync(transaction =>
        {
            if (UnitTable.Find(transaction, unitId) is not { RevokedAt: null } unit || !UnitAdmin.IsReached(context, unit.District))
                return ("unknown_unit", 0L);
            var problem = change(transaction, account);
            return problem.Length > 0 ? (problem, 0L) : ("", rosters.Issue(transaction, unitId, account));
        });
        return refusal.Length == 0 ? Administration.Ok(new { rosterVersion = version }) : Refusal.Of(refusal.StartsWith("unknown", StringComparison.Ordinal) ? 404 : 400, refusal);
    }

    private void Note(DbTransaction transaction, string account, string action, string subject) =>
        AuditTable.Add(transaction, new AuditRow(account, action, subject, ""), time.GetUtcNow().ToUnixTimeMilliseconds());
}
