using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Gnss;
using EdgeAgent.Rig.Onvif;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Rig.Control;

/// <summary>
/// Faults on purpose, over HTTP on loopback, for scripts and tests:
/// POST /cameras/{id}/unplug | plug | freeze | black | corrupt | stall | heal, POST /gnss/no-fix | jump | silent | heal,
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
        ["jump"] = GnssFault.Jump,
        ["silent"] = GnssFault.Silent,
        ["heal"] = GnssFault.None,
    };

    public static void Map(IEndpointRouteBuilder routes, IReadOnlyList<BenchCamera> cameras, PtzSimulator ptz, GnssReceiver? gnss, Func<Truth> truth)
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
