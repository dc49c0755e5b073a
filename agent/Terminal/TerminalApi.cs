using System.Net;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Box;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Emergencies;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Live;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Officers.Face;
using EdgeAgent.Agent.Voice;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Terminal;

/// <summary>The terminal's HTTP interface. Times are Unix milliseconds, names camelCase, refusals {code}.</summary>
internal static class TerminalApi
{
    internal const string Cookie = "edgeagent";

    private static readonly CookieOptions CookieRules = new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" };

    internal sealed record SignInBody(string? OfficerId, string? Pin, string? Screen, string? FaceTicket);

    internal sealed record DecisionBody(string? Verdict, string? Reason, string? Note, string? SecondOfficerId, string? SecondPin);


    public static void MapTerminal(this WebApplication app)
    {
        TerminalOptions options = app.Services.GetRequiredService<CarOptions>().Terminal;
        _ = app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(10) });
        var guard = new PageGuard(options);
        _ = app.Use(guard.CheckAsync);
        _ = app.Use(SayWhenDiskIsFullAsync);
        app.MapPages(options);
        app.MapSession();
        app.MapFaceLogin();
        app.MapAlerts();
        app.MapPtz();
        app.MapCalls();
        app.MapGround();
        app.MapInstructions();
        app.MapLookUps();
        app.MapAssist();
        app.MapSos();
        app.MapBox();
        app.MapVoice();
        app.MapDuty();
        app.MapHazards();
        app.MapMoments();
        app.MapRecords();
        app.MapStreams();
        _ = app.MapGet("/api/summary", (HttpContext http, CarFacts car, CameraView cameras) =>
            http.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from)
                ? Results.Json(car.Summary(cameras.Streaming()))
                : Refused(403, "loopback_only"));
        _ = app.MapGet("/api/health", (HttpContext http, HostHealth health) =>
            http.Connection.RemoteIpAddress is not { } from || !IPAddress.IsLoopback(from) ? Refused(403, "loopback_only")
            : health.View() is var view && view.Well ? Results.Json(view)
            : Results.Json(view, statusCode: StatusCodes.Status503ServiceUnavailable));
    }

    // Nothing was written down, so nothing happened: the page says so, and the officer can try again.
    private static async Task SayWhenDiskIsFullAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (OutboxException full) when (full.IsDiskFull && !http.Response.HasStarted)
        {
            await Refused(StatusCodes.Status507InsufficientStorage, full.Code).ExecuteAsync(http);
        }
    }

    private static void MapSession(this WebApplication app)
    {
        _ = app.MapGet("/api/roster", (OfficerDesk desk) => Results.Json(desk.Roster.Officers.Select(o => new { o.OfficerId, o.DisplayName })));
        _ = app.MapGet("/api/session", (HttpContext http, OfficerDesk desk) =>
            SessionOf(http, desk) is { } s ? Results.Json(Shown(s)) : NoSession(http, desk));
        _ = app.MapPost("/api/session", SignInAsync);
        _ = app.MapPost("/api/session/touch", (HttpContext http, OfficerDesk desk) =>
        {
            desk.Touch(OfficerOf(http).SessionId);
            return Results.NoContent();
        }).AddEndpointFilter(SignedIn);
        _ = app.MapDelete("/api/session", (HttpContext http, OfficerDesk desk) =>
        {
            if (SessionOf(http, desk) is not { } session)
                return NoSession(http, desk);
            desk.SignOut(session, "");
            http.Response.Cookies.Delete(Cookie, CookieRules);
            return Results.NoContent();
        });
    }

    /// <summary>By PIN, by a face that was recognised a moment ago (a ticket), or by both.</summary>
    private static async Task<IResult> SignInAsync(SignInBody body, HttpContext http, OfficerDesk desk, FaceDesk faces)
    {
        DutyScreen screen = FaceLoginApi.ScreenOf(body.Screen);
        string? seen = body.FaceTicket is { Length: > 0 } ticket ? faces.Redeem(ticket, screen) : null;
        bool byFace = string.IsNullOrEmpty(body.Pin) && body.FaceTicket is { Length: > 0 };
        if (byFace && seen is null)
            return Refused(401, "face_ticket");
        string officerId = body.OfficerId ?? "";
        SignIn result = byFace
            ? await desk.SignInByFaceAsync(seen!, screen, http.RequestAborted)
            : await desk.SignInAsync(officerId, body.Pin ?? "", screen, seen is not null && seen == officerId ? "face+pin" : "pin", http.RequestAborted);
        if (result.Session is null)
            return RefusedSignIn(result, StatusCodes.Status401Unauthorized);
        http.Response.Cookies.Append(Cookie, result.Token, CookieRules);
        return Results.Json(Shown(result.Session));
    }

    /// <summary>Nobody, or somebody whose screen locked itself: then the page says who may come back.</summary>
    private static IResult NoSession(HttpContext http, OfficerDesk desk) => desk.FindLocked(http.Request.Cookies[Cookie]) is { } locked
        ? Results.Json(new { code = "screen_locked", locked.OfficerId, locked.DisplayName, screen = Words.Of(locked.Screen) }, statusCode: 401)
        : Refused(401, "no_session");

    private static void MapAlerts(this WebApplication app)
    {
        RouteGroupBuilder alerts = app.MapGroup("/api/alerts/{id:guid}").AddEndpointFilter(SignedIn);
        _ = alerts.MapPost("/decision", async (Guid id, DecisionBody body, HttpContext http, OfficerDesk desk, AlertBook book) =>
        {
            Verdict verdict = body.Verdict switch { "confirmed" => Verdict.Confirmed, "rejected" => Verdict.Rejected, _ => Verdict.Unspecified };
            if (verdict == Verdict.Unspecified)
                return Refused(400, "verdict_required");
            DutySession session = OfficerOf(http);
            string second = body.SecondOfficerId ?? "";
            if (second.Length > 0 && await desk.VouchAsync(second, body.SecondPin ?? "", http.RequestAborted) is { Code.Length: > 0 } wrong)
                return RefusedSignIn(wrong, StatusCodes.Status403Forbidden);
            (string code, string decisionId) = book.Decide(id, verdict, body.Reason ?? "", body.Note ?? "", session, second);
            return code.Length == 0 ? Results.Json(new { decisionId }) : Refused(code == "closed" ? 409 : 400, code);
        });
        _ = alerts.MapPost("/painted", (Guid id, AlertBook book, TrustedClock clock) =>
        {
            book.Painted(id, clock.MonoMs);
            return Results.NoContent();
        });
    }

    private static void MapInstructions(this WebApplication app) =>
        _ = app.MapPost("/api/instructions/{id}/read", (string id, HttpContext http, InstructionBook instructions) =>
        {
            if (id.Length != 32 || !id.All(char.IsAsciiHexDigit))
                return Refused(404, "unknown_instruction");
            string problem = instructions.Read(ByteString.CopyFrom(Convert.FromHexString(id)), OfficerOf(http));
            return problem.Length == 0 ? Results.NoContent() : Refused(404, problem);
        }).AddEndpointFilter(SignedIn);

    private static void MapStreams(this WebApplication app)
    {
        CancellationToken stopping = app.Lifetime.ApplicationStopping;
        _ = app.MapGet("/api/stream", async (HttpContext http, StateStream stream) =>
        {
            if (!http.WebSockets.IsWebSocketRequest)
                return Refused(400, "websocket_only");
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await stream.ServeAsync(socket, http.Request.Cookies[Cookie], stopping);
            return Results.Empty;
        });
        _ = app.MapGet("/api/preview", async (HttpContext http, PictureSockets pictures) =>
        {
            if (!http.WebSockets.IsWebSocketRequest)
                return Refused(400, "websocket_only");
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await pictures.PreviewAsync(socket, stopping);
            return Results.Empty;
        }).AddEndpointFilter(SignedIn);
        _ = app.MapGet("/api/live/{cameraId}", async (string cameraId, string? quality, HttpContext http, EyesMedia media, PictureSockets pictures) =>
        {
            if (!http.WebSockets.IsWebSocketRequest)
                return Refused(400, "websocket_only");
            if (media.WhyNoLive(cameraId) is { Length: > 0 } why)
                return Refused(404, why);
            using LiveWatch? watch = media.WatchLive(cameraId, quality == "main");
            if (watch is null)
                return Refused(503, "too_many_live_views");
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await pictures.LiveAsync(socket, watch, stopping);
            return Results.Empty;
        }).AddEndpointFilter(SignedIn);
    }

    /// <summary>Lets only the officer on duty through, whom <see cref="OfficerOf"/> then gives.</summary>
    internal static async ValueTask<object?> SignedIn(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        if (SessionOf(http, http.RequestServices.GetRequiredService<OfficerDesk>()) is not { } officer)
            return Refused(401, "no_session");
        http.Items[typeof(DutySession)] = officer;
        return await next(context);
    }

    /// <summary>Whose request it is, behind <see cref="SignedIn"/>.</summary>
    internal static DutySession OfficerOf(HttpContext http) => (DutySession)http.Items[typeof(DutySession)]!;

    private static DutySession? SessionOf(HttpContext http, OfficerDesk desk) => desk.Find(http.Request.Cookies[Cookie]);

    private static object Shown(DutySession s) => new { s.OfficerId, s.DisplayName, s.Role, s.SessionId, screen = Words.Of(s.Screen), s.Method };

    private static IResult RefusedSignIn(SignIn refused, int status) => refused.Code == "locked"
        ? Results.Json(new { refused.Code, retryAfterS = (int)Math.Ceiling(refused.RetryAfter.TotalSeconds) }, statusCode: 423)
        : Refused(status, refused.Code);

    internal static IResult Refused(int status, string code) => Results.Json(new { code }, statusCode: status);
}
