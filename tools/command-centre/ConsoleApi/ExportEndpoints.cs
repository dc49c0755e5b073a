using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Exhibits;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>Evidence that leaves the centre: a redacted copy by anybody who may see it, an original by a supervisor or above; each with a reason.</summary>
internal sealed class ExportEndpoints(ExportPackage packages, EvidenceItems items, ConsoleAccess access)
{
    public void Map(RouteGroupBuilder api) => _ = api.MapPost("/evidence/{id:guid}/export", ExportAsync).Needs(Permission.ReadEvidence);

    private async Task<IResult> ExportAsync(Guid id, ReasonBody body, HttpContext context)
    {
        var reason = body.Reason?.Trim() ?? "";
        if (LiveEndpoints.Problem(reason) is { } problem)
            return Refusal.Of(400, problem);
        if (items.Find(id) is not { } item || !access.MaySee(context, item.UnitId))
            return Results.NotFound();
        if (item.Kind != ExhibitTable.Copy && context.Role() is not ("supervisor" or "admin"))
            return Refusal.Of(403, "original_not_allowed");
        // Of a rejected alert nothing leaves; of one that is not here there is nothing to leave.
        if (item.Verdict == Verdict.Rejected || (item.File.State != "here" && item.Told is null))
            return Refusal.Of(409, "nothing_to_export");
        try
        {
            var package = packages.Make(item, context.Account(), context.Role(), reason);
            await access.AuditAsync(new AuditRow(context.Account(), "evidence_exported", $"{id} {Convert.ToHexStringLower(SHA256.HashData(package))}", reason));
            context.Response.Headers.CacheControl = "no-store";
            return Results.Bytes(package, "application/zip", $"{id}.zip");
        }
        catch (Exception e) when (e is CryptographicException or IOException)
        {
            return Refusal.Of(500, "evidence_damaged");
        }
    }
}
