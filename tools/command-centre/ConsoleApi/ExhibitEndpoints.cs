using System.Data.Common;
using EdgeAgent.CommandCentre.Exhibits;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

internal sealed record NearBody(double Latitude, double Longitude, double RadiusMetres);

internal sealed record EvidenceSearchBody(
    long? FromUnixMs, long? ToUnixMs, IReadOnlyList<string>? Kinds, string? UnitId, string? CallNumber, NearBody? Near, string? Plate, string? Purpose, bool? HeldOnly);

internal sealed record HoldBody(bool Hold, string? Reason);

/// <summary>What evidence can be looked at with: search, one piece with its copies, its file, its custody, holds.</summary>
internal sealed class ExhibitEndpoints(EvidenceSearch search, EvidenceItems items, ExhibitViews views, Holds holds, ConsoleAccess access, CommitQueue commits)
{
    private const long LongestSpanMs = 400L * 24 * 3_600_000;
    private const int LeastPlate = 3, MostText = 40, LeastPurpose = 3, MostPurpose = 200;
    private static readonly string[] Kinds = [EvidenceItem.Alert, ExhibitTable.Snapshot, ExhibitTable.Clip, ExhibitTable.Copy];

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/evidence/search", SearchAsync).Needs(Permission.ReadEvidence);
        _ = api.MapGet("/evidence/{id:guid}", TellAsync).Needs(Permission.ReadEvidence);
        _ = api.MapGet("/evidence/{id:guid}/file", FileAsync).Needs(Permission.ReadEvidence);
        _ = api.MapGet("/evidence/{id:guid}/custody", CustodyAsync).Needs(Permission.ReadEvidence);
        _ = api.MapPost("/evidence/{id:guid}/hold", HoldAsync).Needs(Permission.ReadEvidence);
    }

    /// <summary>A search names no person and no plate in its answer; it is a row of the audit all the same, and one for a plate needs a purpose.</summary>
    private async Task<IResult> SearchAsync(EvidenceSearchBody body, HttpContext context, ReadingLimit limit)
    {
        var (plate, purpose) = (body.Plate?.Trim() ?? "", body.Purpose?.Trim() ?? "");
        if (ProblemOf(body, plate, purpose) is { } problem)
            return Refusal.Of(400, problem);
        if (plate.Length > 0 && limit.Take(context.Account()) is { } wait)
            return Results.Json(new { code = "too_many_readings", retryAfterS = (int)Math.Ceiling(wait.TotalSeconds) }, statusCode: StatusCodes.Status429TooManyRequests);
        var query = new EvidenceQuery(
            body.FromUnixMs ?? 0, body.ToUnixMs ?? 0, body.Kinds ?? [], body.UnitId?.Trim() ?? "", body.CallNumber?.Trim() ?? "",
            body.Near is { } near ? new Near(near.Latitude, near.Longitude, near.RadiusMetres) : null, plate, body.HeldOnly == true);
        var answer = search.Run(query, unitId => access.MaySee(context, unitId));
        var action = plate.Length > 0 ? "evidence_searched_by_plate" : "evidence_searched";
        await access.AuditAsync(new AuditRow(context.Account(), action, $"{answer.Found.Count} found", purpose.Length > 0 ? purpose : "console"));
        return Results.Json(answer, ConsoleJson.Options);
    }

    private async Task<IResult> TellAsync(Guid id, HttpContext context)
    {
        if (Visible(id, context) is not { } item)
            return Results.NotFound();
        await access.AuditAsync(new AuditRow(context.Account(), item.Told is null ? "exhibit_read" : "incident_read", id.ToString(), "console"));
        return Results.Json(views.Of(item), ConsoleJson.Options);
    }

    /// <summary>First the audit row is on disk, then the content is sent; one row for each request, since each may be of another part.</summary>
    private async Task<IResult> FileAsync(Guid id, HttpContext context)
    {
        if (Visible(id, context) is not { File: { State: "here", Sha256: { } hash, SizeBytes: { } size } } item)
            return Results.NotFound();
        await access.AuditAsync(new AuditRow(context.Account(), "evidence_file_read", id.ToString(), "console"));
        context.Response.Headers.CacheControl = "no-store";
        return Results.Stream(views.Open(hash, size), item.File.MediaType, enableRangeProcessing: true);
    }

    private async Task<IResult> CustodyAsync(Guid id, HttpContext context)
    {
        if (Visible(id, context) is not { } item)
            return Results.NotFound();
        await access.AuditAsync(new AuditRow(context.Account(), "custody_read", id.ToString(), "console"));
        return Results.Json(views.CustodyOf(item), ConsoleJson.Options);
    }

    private async Task<IResult> HoldAsync(Guid id, HoldBody body, HttpContext context)
    {
        if (context.Role() is not ("supervisor" or "admin"))
            return Refusal.Of(403, "not_allowed");
        var reason = body.Reason?.Trim() ?? "";
        if (LiveEndpoints.Problem(reason) is { } problem)
            return Refusal.Of(400, problem);
        if (Visible(id, context) is not { } item)
            return Results.NotFound();
        try
        {
            _ = await commits.CommitAsync(transaction => Set(transaction, item, body.Hold, reason, context.Account()));
            return Results.NoContent();
        }
        catch (CentreException)
        {
            return Refusal.Of(409, item.Verdict == Patrol.Dispatch.V1.Verdict.Rejected ? "rejected_not_held" : body.Hold ? "held_already" : "not_held");
        }
    }

    private int Set(DbTransaction transaction, EvidenceItem item, bool hold, string reason, string by)
    {
        if (item.Told is null)
            holds.SetExhibit(transaction, item.Id, hold, reason, by);
        else
            holds.Set(transaction, item.Id, hold, reason, by);
        return 0;
    }

    /// <summary>What is of a unit outside the district, or not there, is equally not there.</summary>
    private EvidenceItem? Visible(Guid id, HttpContext context) => items.Find(id) is { } item && access.MaySee(context, item.UnitId) ? item : null;

    private static string? ProblemOf(EvidenceSearchBody body, string plate, string purpose)
    {
        if (body.FromUnixMs is not { } from || body.ToUnixMs is not { } to || from > to || to - from > LongestSpanMs)
            return "bad_search_span";
        if (body.Kinds?.Any(kind => !Kinds.Contains(kind)) == true || body.UnitId?.Length > MostText || body.CallNumber?.Length > MostText)
            return "bad_search";
        if (body.Near is { } near && !(Math.Abs(near.Latitude) <= 90 && Math.Abs(near.Longitude) <= 180 && near.RadiusMetres is >= 10 and <= 50_000))
            return "bad_place";
        if (purpose.Length > MostPurpose)
            return "purpose_too_long";
        if (plate.Length == 0)
            return null;
        return plate.Length < LeastPlate ? "plate_too_short" : plate.Length > MostText ? "bad_search" : purpose.Length < LeastPurpose ? "purpose_required" : null;
    }
}
