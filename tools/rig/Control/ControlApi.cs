using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Gnss;
using EdgeAgent.Rig.Onvif;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Rig.Control;

/// <summary>
/// Faults on purpose, over HTTP on loopback, for scripts and tests:
/// POST /cameras/{id}/unplug | plug | freeze | black | corrupt | stall | heal, POST /cameras/{id}/clock?seconds=N,
/// POST /cameras/{id}/serial?value=TEXT,
/// POST /ptz/stuck | dead | reversed | silent | heal, POST /gnss/no-fix | few | jump | silent | heal,
/// GET /status, GET /truth.
/// </summary>
internal static class ControlApi
{
    private static readonly Dictionary<string, Action<BenchCamera>> CameraActions = new()
    {
        ["unplug"] = c => c.Unplug(),
        ["plug"] = c => c.Plug(),
        ["freeze"] = c => c.SetFault(CameraFault.Freeze),
        ["black"] = c => c.SetFault(CameraFault.Black),
        ["corrupt"] = c => c.SetFault(CameraFault.Corrupt),
        ["stall"] = c => c.SetFault(CameraFault.Stall),
        ["heal"] = c => c.SetFault(CameraFault.None),
    };

    private static readonly Dictionary<string, GnssFault> GnssActions = new()
    {
        ["no-fix"] = GnssFault.NoFix,
        ["few"] = GnssFault.Few,
        ["jump"] = GnssFault.Jump,
        ["silent"] = GnssFault.Silent,
        ["heal"] = GnssFault.None,
    };

    private static readonly Dictionary<string, HeadFault> HeadActions = new()
    {
        ["stuck"] = HeadFault.Stuck,
        ["dead"] = HeadFault.Dead,
        ["reversed"] = HeadFault.Reversed,
        ["silent"] = HeadFault.Silent,
        ["heal"] = HeadFault.None,
    };

    public static void Map(
        IEndpointRouteBuilder routes, IReadOnlyList<BenchCamera> cameras, Dictionary<string, PtzSimulator> services, PtzSimulator ptz, GnssReceiver? gnss, Func<Truth> truth)
    {
        routes.MapPost("/cameras/{id}/{action}", (string id, string action) =>
        {
            if (cameras.FirstOrDefault(c => c.Id == id) is not { } camera)
                return Results.NotFound($"The bench plays no camera {id}.");
            if (!CameraActions.TryGetValue(action, out Action<BenchCamera>? act))
                return Results.NotFound($"A camera can {string.Join(", ", CameraActions.Keys)}.");
            act(camera);
            return Results.Ok();
        });
        routes.MapPost("/cameras/{id}/clock", (string id, double seconds) =>
        {
            if (!services.TryGetValue(id, out PtzSimulator? camera))
                return Results.NotFound($"The bench has no ONVIF camera {id}.");
            camera.ClockOffset = TimeSpan.FromSeconds(seconds);
            return Results.Ok();
        });
        routes.MapPost("/cameras/{id}/serial", (string id, string value) =>
        {
            if (!services.TryGetValue(id, out PtzSimulator? camera))
                return Results.NotFound($"The bench has no ONVIF camera {id}.");
            camera.Serial = value;
            return Results.Ok();
        });
        routes.MapPost("/ptz/{action}", (string action) =>
        {
            if (!HeadActions.TryGetValue(action, out HeadFault fault))
                return Results.NotFound($"The head can {string.Join(", ", HeadActions.Keys)}.");
            ptz.Fault = fault;
            return Results.Ok();
        });
        routes.MapPost("/gnss/{action}", (string action) =>
        {
            if (gnss is null)
                return Results.NotFound("The bench has no GNSS receiver.");
            if (action is "stand" or "drive")
                gnss.SetStanding(action == "stand");
            else if (GnssActions.TryGetValue(action, out GnssFault fault))
                gnss.SetFault(fault);
            else
                return Results.NotFound($"GNSS can {string.Join(", ", GnssActions.Keys)}, stand, drive.");
            return Results.Ok();
        });
        routes.MapGet("/truth", () => Results.Json(truth(), RigJson.Compact));
        routes.MapGet("/status", () => Results.Json(Status(cameras, ptz.Position, gnss), RigJson.Options));
    }

    private static object Status(IReadOnlyList<BenchCamera> cameras, PtzVector ptz, GnssReceiver? gnss) => new
    {
        Cameras = cameras.Select(c => new { c.Id, c.Plugged, Fault = c.Fault.ToString().ToLowerInvariant(), c.Receivers }),
        Ptz = ptz,
        Gnss = gnss is null ? null : new { Fault = gnss.Fault.ToString().ToLowerInvariant(), gnss.Truth.Latitude, gnss.Truth.Longitude, gnss.Truth.SpeedMps, gnss.Truth.HeadingDegrees, gnss.GpsdProcessId },
    };
}
