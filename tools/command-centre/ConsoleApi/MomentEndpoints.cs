using EdgeAgent.CommandCentre.Exhibits;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <param name="CapturedAtUnixMs">Of the picture that the page shows; left out: the newest.</param>
internal sealed record MomentBody(string? Reason, string? CallNumber, long? CapturedAtUnixMs, int? SecondsBefore, int? SecondsAfter);

/// <summary>
/// Keeping a moment of a live view, by whom it was given to and while it runs: a still, or a clip that the car is asked for. A clip may be
/// asked for about a decided alert as well; the car has it only while its ring reaches back so far.
/// </summary>
internal sealed class MomentEndpoints(
    LiveLeases leases, Moments moments, EvidenceItems items, SessionRegistry sessions, ConsoleAccess access, TimeProvider time)
{
    public const int MostSecondsBefore = 20, MostSecondsAfter = 25;
    private const int DefaultSeconds = 10, MostCallNumber = 40;

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/live/{leaseId:guid}/snapshot", SnapshotAsync).Needs(Permission.ViewLive);
        _ = api.MapPost("/live/{leaseId:guid}/mark", MarkAsync).Needs(Permission.ViewLive);
        _ = api.MapPost("/evidence/{id:guid}/clip", AskAsync).Needs(Permission.ReadEvidence);
    }

    private async Task<IResult> SnapshotAsync(Guid leaseId, MomentBody body, HttpContext context)
    {
        if (Words(body, context) is not { } said)
            return Refusal.Of(400, ProblemOf(body));
        if (Own(leaseId, context) is not { } lease)
            return Refusal.Of(403, "own_lease_needed");
        try
        {
            return await moments.SnapshotAsync(lease, body.CapturedAtUnixMs ?? long.MaxValue / 2, said) is { } taken
                ? Results.Ok(new { exhibitId = taken.Id, capturedAtUnixMs = taken.FromUnixMs })
                : Refusal.Of(409, "no_picture");
        }
        catch (CentreException)
        {
            return Refusal.Of(503, "snapshot_failed");
        }
    }

    private async Task<IResult> MarkAsync(Guid leaseId, MomentBody body, HttpContext context)
    {
        if (Words(body, context) is not { } said)
            return Refusal.Of(400, ProblemOf(body));
        if (Span(body) is not (var before, var after))
            return Refusal.Of(400, "bad_clip_span");
        if (Own(leaseId, context) is not { } lease)
            return Refusal.Of(403, "own_lease_needed");
        if (!sessions.IsOnline(lease.Row.UnitId))
            return Refusal.Of(409, "unit_offline");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        // What was before the view began nobody was given to see.
        var asked = new ClipRequest
        {
            CameraId = lease.Row.CameraId,
            LeaseId = ByteString.CopyFrom(lease.Row.LeaseId),
            FromUnixMs = Math.Max(now - before, lease.Row.StartedAt),
            ToUnixMs = now + after,
        };
        asked.ToUnixMs = Math.Max(asked.ToUnixMs, asked.FromUnixMs + 1000);
        var kept = await moments.AskClipAsync(lease.Row.UnitId, asked, said);
        sessions.CommandsWait(lease.Row.UnitId);
        return Results.Ok(new { exhibitId = kept.Id, fromUnixMs = kept.FromUnixMs, toUnixMs = kept.ToUnixMs });
    }

    private async Task<IResult> AskAsync(Guid id, MomentBody body, HttpContext context)
    {
        if (Words(body, context) is not { } said)
            return Refusal.Of(400, ProblemOf(body));
        if (Span(body) is not (var before, var after))
            return Refusal.Of(400, "bad_clip_span");
        if (items.Find(id) is not { Told: { } told } item || item.Verdict == Verdict.Rejected || !access.MaySee(context, item.UnitId))
            return Results.NotFound();
        if (!sessions.IsOnline(item.UnitId))
            return Refusal.Of(409, "unit_offline");
        var asked = new ClipRequest
        {
            CameraId = item.CameraId,
            AboutEventId = told.Event.Id,
            FromUnixMs = item.FromUnixMs - before,
            ToUnixMs = item.FromUnixMs + after,
        };
        var kept = await moments.AskClipAsync(item.UnitId, asked, said);
        sessions.CommandsWait(item.UnitId);
        return Results.Ok(new { exhibitId = kept.Id, fromUnixMs = kept.FromUnixMs, toUnixMs = kept.ToUnixMs });
    }

    /// <summary>Milliseconds before and after; null where they are not possible.</summary>
    private static (long Before, long After)? Span(MomentBody body)
    {
        var (before, after) = (body.SecondsBefore ?? DefaultSeconds, body.SecondsAfter ?? DefaultSeconds);
        return before is >= 0 and <= MostSecondsBefore && after is >= 0 and <= MostSecondsAfter && before + after > 0 ? (before * 1000L, after * 1000L) : null;
    }

    private LiveView? Own(Guid leaseId, HttpContext context) =>
        leases.Find(leaseId) is { } lease && lease.Row.Account == context.Account() && lease.Left > TimeSpan.Zero && access.MaySee(context, lease.Row.UnitId) ? lease : null;

    private static MomentWords? Words(MomentBody body, HttpContext context) =>
        ProblemOf(body).Length == 0 ? new MomentWords(context.Account(), context.Role(), body.Reason!.Trim(), body.CallNumber?.Trim() ?? "") : null;

    private static string ProblemOf(MomentBody body) =>
        LiveEndpoints.Problem(body.Reason?.Trim() ?? "") ?? (body.CallNumber?.Trim().Length > MostCallNumber ? "call_number_too_long" : "");
}
