using System.Security.Cryptography;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Assist;
using EdgeAgent.Agent.Officers;

namespace EdgeAgent.Agent.Terminal;

/// <summary>/api/assist: one at a time, for the officer who began it.</summary>
internal static class AssistApi
{
    internal sealed record BeginBody(string? Reason, string? Words);

    internal sealed record CheckBody(string? VisitId);

    public static void MapAssist(this WebApplication app)
    {
        RouteGroupBuilder assist = app.MapGroup("/api/assist").AddEndpointFilter(TerminalApi.SignedIn);
        _ = assist.MapGet("", (HttpContext http, OfficerDesk officers, AssistDesk desk) =>
            TerminalApi.SessionOf(http, officers) is { } officer ? Shown(desk.Of(officer)) : NoSession());
        _ = assist.MapPost("", (BeginBody body, HttpContext http, OfficerDesk officers, AssistDesk desk) =>
        {
            if (TerminalApi.SessionOf(http, officers) is not { } officer)
                return NoSession();
            string code = desk.Begin(body.Reason ?? "", body.Words ?? "", officer);
            return code switch
            {
                "" => Shown(desk.Of(officer)),
                "reason_unknown" or "words_needed" or "words_too_long" => TerminalApi.Refused(400, code),
                _ => TerminalApi.Refused(409, code),
            };
        });
        _ = assist.MapPost("/check", (CheckBody body, HttpContext http, OfficerDesk officers, AssistDesk desk) =>
        {
            if (TerminalApi.SessionOf(http, officers) is not { } officer)
                return NoSession();
            (string code, AssistOutcome outcome) = desk.Check(body.VisitId ?? "", officer);
            return code.Length == 0 ? Results.Json(new { outcome = Words.Of(outcome) }) : TerminalApi.Refused(409, code);
        });
        _ = assist.MapDelete("", (HttpContext http, OfficerDesk officers, AssistDesk desk) =>
        {
            if (TerminalApi.SessionOf(http, officers) is not { } officer)
                return NoSession();
            desk.End(officer);
            return Results.NoContent();
        });
        _ = assist.MapGet("/views/{visitId}.jpg", SendAsync);
    }

    // A stranger's face: overwritten here as soon as it is sent, and nothing on the way may store it.
    private static async Task SendAsync(string visitId, HttpContext http, OfficerDesk officers, AssistDesk desk)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (TerminalApi.SessionOf(http, officers) is not { } officer || desk.PictureOf(visitId, officer) is not { } picture)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        try
        {
            http.Response.ContentType = "image/jpeg";
            await http.Response.Body.WriteAsync(picture, http.RequestAborted);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(picture);
        }
    }

    private static IResult Shown(AssistNow? now) => Results.Json(new { assist = now });

    private static IResult NoSession() => TerminalApi.Refused(401, "no_session");
}
