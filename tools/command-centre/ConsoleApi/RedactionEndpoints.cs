using EdgeAgent.CommandCentre.Exhibits;
using EdgeAgent.CommandCentre.Exhibits.Redaction;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

internal sealed record ReasonBody(string? Reason);

/// <summary>A copy in which faces and plates cannot be recognised: detectors look first, a person corrects, then it is made. By whom it was begun.</summary>
internal sealed class RedactionEndpoints(Redactions redactions, EvidenceItems items, ConsoleAccess access)
{
    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/evidence/{id:guid}/redactions", BeginAsync).Needs(Permission.ReadEvidence);
        _ = api.MapGet("/redactions/{jobId:guid}", Tell).Needs(Permission.ReadEvidence);
        _ = api.MapPost("/redactions/{jobId:guid}/render", Render).Needs(Permission.ReadEvidence);
        _ = api.MapDelete("/redactions/{jobId:guid}", Cancel).Needs(Permission.ReadEvidence);
    }

    private async Task<IResult> BeginAsync(Guid id, ReasonBody body, HttpContext context)
    {
        var reason = body.Reason?.Trim() ?? "";
        if (LiveEndpoints.Problem(reason) is { } problem)
            return Refusal.Of(400, problem);
        if (items.Find(id) is not { } item || !access.MaySee(context, item.UnitId))
            return Results.NotFound();
        if (item.File.State != "here" || item.Verdict == Verdict.Rejected)
            return Refusal.Of(409, "nothing_to_redact");
        // The detectors read the original: a look at it, whoever looks.
        await access.AuditAsync(new AuditRow(context.Account(), "redaction_begun", id.ToString(), reason));
        return redactions.Begin(new RedactionAsked(item, context.Account(), reason)) is { } job
            ? Results.Ok(new { jobId = job.Id })
            : Refusal.Of(409, "too_many_redactions");
    }

    private IResult Tell(Guid jobId, HttpContext context) => Own(jobId, context) is { } job
        ? Results.Json(
            new
            {
                job.State,
                job.Code,
                job.FramesDone,
                frames = job.Video?.Frames ?? 0,
                width = job.Video?.Width ?? 0,
                height = job.Video?.Height ?? 0,
                framesPerSecond = job.Video?.FramesPerSecond ?? 0,
                itemId = job.Asked.Item.Id,
                job.CopyId,
                tracks = job.State is "ready" or "rendering" or "done" ? job.Found : [],
            },
            ConsoleJson.Options)
        : Refusal.Of(404, "unknown_redaction");

    private IResult Render(Guid jobId, RedactionEdits body, HttpContext context)
    {
        if (Own(jobId, context) is not { } job || !access.MaySee(context, job.Asked.Item.UnitId))
            return Refusal.Of(404, "unknown_redaction");
        if (job.Video is not { } video)
            return Refusal.Of(409, "redaction_not_ready");
        if (RedactionPlan.Problem(body, video) is { } problem)
            return Refusal.Of(400, problem);
        return redactions.Render(job, body) ? Results.NoContent() : Refusal.Of(409, "redaction_not_ready");
    }

    private IResult Cancel(Guid jobId, HttpContext context)
    {
        if (Own(jobId, context) is not { } job)
            return Refusal.Of(404, "unknown_redaction");
        Redactions.Cancel(job);
        return Results.NoContent();
    }

    private RedactionJob? Own(Guid jobId, HttpContext context) =>
        redactions.Find(jobId) is { } job && job.Asked.Account == context.Account() ? job : null;
}
