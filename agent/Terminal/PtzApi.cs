using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Live;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Hw.Ptz;
using Patrol.Dispatch.V1;
using PtzVector = EdgeAgent.Hw.Ptz.PtzVector;

namespace EdgeAgent.Agent.Terminal;

/// <summary>/api/ptz: the officer on duty turns a camera: for as long as a key is held, to a stored place, or to what was touched in the picture.</summary>
internal static class PtzApi
{
    /// <param name="Right">Of what was touched, from the picture's middle, in shares of its width; with <paramref name="Down"/> instead of a movement.</param>
    internal sealed record PtzBody(string? CameraId, double Pan, double Tilt, double Zoom, int HoldMs, string? Preset = null, double? Right = null, double? Down = null);

    public static void MapPtz(this WebApplication app)
    {
        RouteGroupBuilder ptz = app.MapGroup("/api/ptz").AddEndpointFilter(TerminalApi.SignedIn);
        _ = ptz.MapPost("", async (PtzBody body, HttpContext http, PtzDesk desk, Ledger ledger) =>
        {
            DutySession officer = TerminalApi.OfficerOf(http);
            string camera = body.CameraId ?? "";
            if (!desk.CanSteer(camera))
                return TerminalApi.Refused(404, "no_ptz");
            if (desk.IsNewHand(camera, officer.SessionId))
                ledger.Note(new AuditDraft(AuditKind.Ptz, officer.OfficerId, officer.SessionId, camera, "officer"));
            string problem = await ActAsync(desk, camera, body, http.RequestAborted);
            return problem.Length == 0 ? Results.NoContent() : TerminalApi.Refused(problem == "privacy_sector" ? 409 : 502, problem);
        });
        _ = ptz.MapGet("/{cameraId}/presets", async (string cameraId, HttpContext http, PtzDesk desk) =>
            Results.Json((await desk.PresetsAsync(cameraId, http.RequestAborted)).Select(p => new { p.Token, p.Name })));
    }

    private static Task<string> ActAsync(PtzDesk desk, string camera, PtzBody body, CancellationToken stop) => body switch
    {
        { Preset.Length: > 0 } => desk.GoToPresetAsync(camera, body.Preset, stop),
        { Right: { } right, Down: { } down } => desk.CentreAsync(camera, right, down, stop),
        _ => desk.MoveAsync(camera, new PtzVector(body.Pan, body.Tilt, body.Zoom), body.HoldMs, stop),
    };
}
