using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;
using V1 = Patrol.Dispatch.V1.Verdict;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>What the console knows of an incident's video: expected (nothing told yet), coming, here, or none with a reason.</summary>
internal sealed record ClipView(string State, string CameraId, long FromUnixMs, long ToUnixMs, string Reason, long? SizeBytes, string? Url);

/// <summary>The video of a confirmed alert: whether it is here, and the file itself, to play and to keep.</summary>
internal sealed class ClipEndpoints(EventTable events, ClipTable clips, EvidenceFiles files, Sealing sealing, ConsoleAccess access)
{
    public IResult Tell(Guid eventId, HttpContext context)
    {
        if (Confirmed(eventId, context) is not { } stored)
            return Results.NotFound();
        var clip = clips.Of(stored.UnitId, eventId);
        return Results.Json(
            clip is null ? new ClipView("expected", "", 0, 0, "", null, null) : View(eventId, clip), ConsoleJson.Options);
    }

    /// <summary>First the audit row is on disk, then the video is sent; one row for each request, since each may be of another part.</summary>
    public async Task<IResult> PlayAsync(Guid eventId, HttpContext context)
    {
        if (Confirmed(eventId, context) is not { } stored || clips.Of(stored.UnitId, eventId) is not { Sha256: { } hash, SizeBytes: { } size })
            return Results.NotFound();
        var kept = context.Request.Query.ContainsKey("keep");
        await access.AuditAsync(new AuditRow(context.Account(), kept ? "clip_saved" : "clip_read", eventId.ToString(), "console"));
        // A player asks for parts; what it got of one incident must not be shown to whoever signs in next.
        context.Response.Headers.CacheControl = "no-store";
        return Results.Stream(
            new EvidenceStream(files.PathOf(hash), sealing, size), "video/mp4", kept ? $"{eventId}.mp4" : null, enableRangeProcessing: true);
    }

    private static ClipView View(Guid eventId, Clip clip) => new(
        clip.Sha256 is null ? "none" : clip.SizeBytes is null ? "coming" : "here",
        clip.CameraId, clip.FromUnixMs, clip.ToUnixMs, clip.Reason, clip.SizeBytes,
        clip.SizeBytes is null ? null : $"/api/incidents/{eventId}/clip.mp4");

    private StoredEvent? Confirmed(Guid eventId, HttpContext context) =>
        events.Find(eventId) is { Event.AlertDecided: { } decided } stored && access.MaySee(context, stored.UnitId)
            && Decision.Parser.ParseFrom(decided.Decision.Payload).Verdict == V1.Confirmed
            ? stored
            : null;
}
