using Dapper;
using EdgeAgent.CommandCentre.Acceptances;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record UnitBody(string? UnitId, string? Label, string? District, string? PoliceType, int? ValidHours);

internal sealed record SettingsBody(string? Settings);

/// <summary>A unit as its administration sees it; nothing of where it is.</summary>
internal sealed record UnitAdminView
{
    public string UnitId { get; init; } = "";
    public string Label { get; init; } = "";
    public string District { get; init; } = "";
    public string PoliceType { get; init; } = "";
    public string SoftwareVersion { get; init; } = "";
    public bool Online { get; init; }
    public long? EnrolledAt { get; init; }
    public long? LastSeenAt { get; init; }
    public long? RevokedAt { get; init; }
    public string? RevokeReason { get; init; }
    public long? CertificateEndsAt { get; init; }
    public long? CodeEndsAt { get; init; }
    public string Settings { get; init; } = "";
    public long SettingsVersion { get; init; }
    public string SettingsOutcome { get; init; } = "";

    /// <summary>What came of the order to be none any more: proposed, waiting, stored, refused; "": there is none.</summary>
    public string Decommission { get; init; } = "";

    /// <summary>The newest acceptance: accepted or not_accepted; null: there was none.</summary>
    public string? Acceptance { get; init; }
    public long? AcceptanceMadeAt { get; init; }
    public string? Technician { get; init; }
}

/// <summary>Units: enrolled with a code that is shown once, named and placed, set up within bounds, revoked for good.</summary>
internal sealed class UnitAdmin(CentreDatabase database, CommitQueue commits, CommandTable commands, DeviceAuthority authority, ConfigurationIssuing configurations, TimeProvider time)
{
    private const int MostHours = 24 * 30, MostLabel = 64;
    private const int LeastLapse = 10, MostLapse = 3600;

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet("/admin/units", (HttpContext context, SessionRegistry sessions) => Administration.Ok(Views(context, sessions))).Needs(Permission.ManageUnits);
        _ = api.MapGet("/admin/units/{unitId}/acceptance", Acceptance).Needs(Permission.ManageUnits);
        _ = api.MapPost("/admin/units", EnrolAsync).Needs(Permission.ManageUnits);
        _ = api.MapPost("/admin/units/{unitId}/place", PlaceAsync).Needs(Permission.ManageUnits);
        _ = api.MapPost("/admin/units/{unitId}/settings", SetUpAsync).Needs(Permission.ManageUnits);
        _ = api.MapPost("/admin/units/{unitId}/revoke", RevokeAsync).Needs(Permission.ManageUnits);
    }

    private IReadOnlyList<UnitAdminView> Views(HttpContext context, SessionRegistry sessions)
    {
        var (district, now) = (Visibility.DistrictOf(context), Now());
        var proposed = database.Read(DecommissionAdmin.Proposed);
        return [.. database.Read(c => c.Query<UnitAdminView>(
            """
            SELECT u.unit_id AS UnitId, u.label AS Label, u.district AS District, u.police_type AS PoliceType, u.software_version AS SoftwareVersion,
                   u.enrolled_at AS EnrolledAt, u.last_seen_at AS LastSeenAt, u.revoked_at AS RevokedAt, u.revoke_reason AS RevokeReason,
                   (SELECT max(k.not_after) FROM certificates k WHERE k.unit_id = u.unit_id AND k.replaced_at IS NULL) AS CertificateEndsAt,
                   (SELECT max(e.expires_at) FROM enrolment_codes e WHERE e.unit_id = u.unit_id AND e.used_at IS NULL AND e.expires_at > @now) AS CodeEndsAt,
                   coalesce(s.settings, '') AS Settings, coalesce(s.version, 0) AS SettingsVersion,
                   coalesce((SELECT coalesce(m.outcome, 'waiting') FROM commands m WHERE m.unit_id = u.unit_id AND m.kind = 'Configuration'
                             ORDER BY m.issued_at DESC, m.command_id DESC LIMIT 1), '') AS SettingsOutcome,
                   coalesce((SELECT coalesce(m.outcome, 'waiting') FROM commands m WHERE m.unit_id = u.unit_id AND m.kind = 'Decommission' AND coalesce(m.outcome, '') <> 'withdrawn'
                             ORDER BY m.issued_at DESC, m.command_id DESC LIMIT 1), '') AS Decommission,
                   CASE a.accepted WHEN 1 THEN 'accepted' WHEN 0 THEN 'not_accepted' END AS Acceptance, a.made_at AS AcceptanceMadeAt, a.technician AS Technician
            FROM units u LEFT JOIN configurations s ON s.unit_id = u.unit_id
            LEFT JOIN acceptances a ON a.unit_id = u.unit_id AND a.made_at = (SELECT max(b.made_at) FROM acceptances b WHERE b.unit_id = u.unit_id)
            WHERE @district = '' OR u.district = @district ORDER BY u.unit_id
            """,
            new { now, district })).Select(unit => unit with { Online = sessions.IsOnline(unit.UnitId), Decommission = proposed.Contains(unit.UnitId) ? "proposed" : unit.Decommission })];
    }

    /// <summary>What was found when the unit was accepted last.</summary>
    private IResult Acceptance(string unitId, HttpContext context, AcceptanceTable acceptances, UnitTable units) =>
        units.All().FirstOrDefault(u => u.UnitId == unitId) is not { } unit || !IsReached(context, unit.District) ? Refusal.Of(404, "unknown_unit")
        : acceptances.Newest(unitId) is not { } found ? Refusal.Of(404, "not_accepted")
        : Administration.Ok(new
        {
            found.Accepted,
            found.MadeAtUnixMs,
            found.Technician,
            found.SoftwareVersion,
            parts = found.Parts.Select(p => new { p.Kind, p.Place, p.Model, p.Serial, p.Firmware }),
            checks = found.Checks.Select(c => new { c.Name, c.Skipped, findings = c.Findings.Select(f => new { f.Code, f.About, f.Detail, f.Grave, f.WordsZh, f.WordsEn }) }),
        });

    /// <summary>The code is told in this answer and nowhere again; asking anew ends it.</summary>
    private async Task<IResult> EnrolAsync(UnitBody body, HttpContext context)
    {
        var (unitId, label, district, police) = (body.UnitId?.Trim() ?? "", body.Label?.Trim() ?? "", body.District?.Trim() ?? "", body.PoliceType ?? UnitTable.PoliceTypes[0]);
        if (Problem(unitId, label, district, police) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        if (body.ValidHours is < 1 or > MostHours)
            return Refusal.Of(400, "bad_valid_hours");
        if (!IsReached(context, district))
            return Refusal.Of(403, "other_district");
        var (account, now, valid) = (context.Account(), Now(), TimeSpan.FromHours(body.ValidHours ?? 24));
        var (code, refusal) = await commits.CommitAsync(transaction =>
        {
            if (UnitTable.Find(transaction, unitId) is { } known && (known.RevokedAt is not null || !IsReached(context, known.District)))
                return ("", known.RevokedAt is not null ? "unit_revoked" : "other_district");
            UnitTable.Register(transaction, unitId, label, now);
            UnitTable.Place(transaction, unitId, district, police);
            EntryRevocations.SendAll(transaction, commands, unitId, time);
            ChangeTable.Note(transaction, ChangeKind.Units, unitId, now);
            AuditTable.Add(transaction, new AuditRow(account, "enrolment_code", unitId, ""), now);
            return (EnrolmentCodes.Create(transaction, unitId, valid, now), "");
        });
        return refusal.Length > 0
            ? Refusal.Of(409, refusal)
            : Administration.Ok(new { code = $"{code}.{authority.FingerprintHex}", unitId, endsAtUnixMs = now + (long)valid.TotalMilliseconds });
    }

    private async Task<IResult> PlaceAsync(string unitId, UnitBody body, HttpContext context)
    {
        var (label, district, police) = (body.Label?.Trim() ?? "", body.District?.Trim() ?? "", body.PoliceType ?? "");
        if (Problem(unitId, label, district, police) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        return await ChangeAsync(unitId, context, "unit_placed", $"{label} {district} {police}".Trim(), transaction =>
        {
            UnitTable.Register(transaction, unitId, label, Now());
            UnitTable.Place(transaction, unitId, district, police);
            ChangeTable.Note(transaction, ChangeKind.Units, unitId, Now());
        }, alsoReached: district);
    }

    private async Task<IResult> SetUpAsync(string unitId, SettingsBody body, HttpContext context)
    {
        var text = body.Settings ?? "";
        var (settings, problem) = UnitSettings.Read(text);
        if (settings is null)
            return Administration.Refused(400, "bad_settings", problem);
        if (settings["AlertLapseSeconds"] is { } lapse && !(lapse.GetValueKind() == System.Text.Json.JsonValueKind.Number && lapse.GetValue<double>() is >= LeastLapse and <= MostLapse))
            return Administration.Refused(400, "bad_settings", $"AlertLapseSeconds: {LeastLapse}-{MostLapse}");
        return await ChangeAsync(unitId, context, "", "", transaction => _ = configurations.Issue(transaction, unitId, text, context.Account()));
    }

    private async Task<IResult> RevokeAsync(string unitId, RevokeBody body, HttpContext context)
    {
        var reason = body.Reason?.Trim() ?? "";
        if (Administration.ReasonProblem(reason) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        if (body.Typed?.Trim() != unitId)
            return Refusal.Of(400, "typed_wrong");
        return await ChangeAsync(unitId, context, "unit_revoked", reason, transaction =>
        {
            UnitTable.Revoke(transaction, unitId, reason, Now());
            ChangeTable.Note(transaction, ChangeKind.Units, unitId, Now());
        });
    }

    /// <summary>One commit of the change and its audit row; a unit of another district is one that there is not.</summary>
    private async Task<IResult> ChangeAsync(string unitId, HttpContext context, string action, string purpose, Action<System.Data.Common.DbTransaction> change, string? alsoReached = null)
    {
        var account = context.Account();
        var refusal = await commits.CommitAsync(transaction =>
        {
            if (UnitTable.Find(transaction, unitId) is not { } unit || !IsReached(context, unit.District))
                return "unknown_unit";
            if (unit.RevokedAt is not null)
                return "unit_revoked";
            if (alsoReached is not null && !IsReached(context, alsoReached))
                return "other_district";
            change(transaction);
            if (action.Length > 0)
                AuditTable.Add(transaction, new AuditRow(account, action, unitId, purpose), Now());
            return "";
        });
        return refusal.Length == 0 ? Results.NoContent() : Refusal.Of(refusal == "unknown_unit" ? 404 : 409, refusal);
    }

    internal static bool IsReached(HttpContext context, string district) => Visibility.DistrictOf(context) is var own && (own.Length == 0 || own == district);

    private static string Problem(string unitId, string label, string district, string police) =>
        !IsId(unitId) ? "bad_unit_id"
        : label.Length is 0 or > MostLabel ? "bad_label"
        : district.Length > 0 && !IsId(district) ? "bad_district"
        : !UnitTable.PoliceTypes.Contains(police) ? "bad_police_type"
        : "";

    internal static bool IsId(string id) => id.Length is > 0 and <= 32 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
