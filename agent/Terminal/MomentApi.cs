using EdgeAgent.Agent.Live;

namespace EdgeAgent.Agent.Terminal;

/// <summary>/api/moments: what a camera has just shown is kept.</summary>
internal static class MomentApi
{
    internal sealed record MomentBody(string? CameraId);

    public static void MapMoments(this WebApplication app) =>
        app.MapPost("/api/moments", (MomentBody body, HttpContext http, MomentDesk moments) =>
        {
            (string code, int seconds) = moments.Mark(body.CameraId ?? "", TerminalApi.OfficerOf(http));
            return code switch
            {
                "" => Results.Json(new { seconds }),
                "unknown_camera" => TerminalApi.Refused(404, code),
                _ => TerminalApi.Refused(409, code),
            };
        }).AddEndpointFilter(TerminalApi.SignedIn);
}
