using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Assist;

namespace EdgeAgent.Agent.Terminal;

/// <summary>/api/assist: one at a time, for the officer who began it.</summary>
internal static class AssistApi
{
    internal sealed record BeginBody(string? Reason, string? Words);

    internal sealed record CheckBody(string? VisitId);

    public static void MapAssist(this WebApplication app)
    {
        RouteGroupBuilder assist = app.MapGroup("/api/assist").AddEndpointFilter(TerminalApi.SignedIn);
        _ = assist.MapGet("", (HttpContext http, AssistDesk desk) => Shown(desk.Of(TerminalApi.OfficerOf(http))));
        _ = assist.MapPost("", (BeginBody body, HttpContext http, AssistDesk desk) =>
        {
            string code = desk.Begin(body.Reason ?? "", body.Words ?? "", TerminalApi.OfficerOf(http));
            return code switch
            {
                "" => Shown(desk.Of(TerminalApi.OfficerOf(http))),
                "reason_unknown" or "words_needed" or "words_too_long" => TerminalApi.Refused(400, code),
                _ => TerminalApi.Refused(409, code),
            };
        });
        _ = assist.MapPost("/check", (CheckBody body, HttpContext http, AssistDesk desk) =>
        {
            (string code, AssistOutcome outcome) = desk.Check(body.VisitId ?? "", TerminalApi.OfficerOf(http));
            return code.Length == 0 ? Results.Json(new { outcome = Words.Of(outcome) }) : TerminalApi.Refused(409, code);
        });
        _ = assist.MapDelete("", (HttpContext http, AssistDesk desk) =>
        {
            desk.End(TerminalApi.OfficerOf(http));
            return Results.NoContent();
        });
        _ = assist.MapGet("/views/{visitId}.jpg", (string visitId, HttpContext http, AssistDesk desk) =>
            PrivatePicture.SendAsync(http, desk.PictureOf(visitId, TerminalApi.OfficerOf(http))));
    }

    private static IResult Shown(AssistNow? now) => Results.Json(new { assist = now });
}
