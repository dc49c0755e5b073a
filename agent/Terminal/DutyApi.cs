using EdgeAgent.Agent.Patrolling;

namespace EdgeAgent.Agent.Terminal;

/// <summary>/api/duty: what an officer says about items of the plan.</summary>
internal static class DutyApi
{
    internal sealed record ReliefBody(string? RelievedBy, string? ToUnitId);

    internal sealed record ReasonBody(string? Reason, string? Words);

    public static void MapDuty(this WebApplication app)
    {
        RouteGroupBuilder item = app.MapGroup("/api/duty/{planId}/{itemId}").AddEndpointFilter(TerminalApi.SignedIn);
        _ = item.MapPost("/hand-over", (string planId, string itemId, ReliefBody body, HttpContext http, DutyNotes notes) =>
            Answer(notes.HandOver(planId, itemId, body.RelievedBy ?? "", body.ToUnitId ?? "", TerminalApi.OfficerOf(http))));
        _ = item.MapPost("/reason", (string planId, string itemId, ReasonBody body, HttpContext http, DutyNotes notes) =>
            Answer(notes.Explain(planId, itemId, body.Reason ?? "", body.Words ?? "", TerminalApi.OfficerOf(http))));
    }

    private static IResult Answer(string code) => code switch
    {
        "" => Results.NoContent(),
        "unknown_item" => TerminalApi.Refused(404, code),
        _ => TerminalApi.Refused(400, code),
    };
}
