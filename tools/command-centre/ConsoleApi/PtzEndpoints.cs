using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <param name="Preset">Go to this place of the head; pan, tilt and zoom are nothing then.</param>
internal sealed record PtzBody(Guid LeaseId, float Pan, float Tilt, float Zoom, uint? HoldMs, string? Preset = null);

internal sealed record HandBody(bool? TakeOver);

/// <summary>
/// Steering a watched camera, one person at a time (<see cref="PtzHands"/>): who moves it holds it until it rests; a supervisor may take it
/// over, which is a row of the audit.
/// </summary>
internal sealed class PtzEndpoints(LiveLeases leases, ConsoleAccess access, TimeProvider time)
{
    private const uint DefaultHoldMs = 500;
    private const uint MostHoldMs = 5000;

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/ptz", SteerAsync).Needs(Permission.ViewLive);
        _ = api.MapPost("/live/{leaseId:guid}/hand", TakeAsync).Needs(Permission.ViewLive);
        _ = api.MapDelete("/live/{leaseId:guid}/hand", Release).Needs(Permission.ViewLive);
    }

    private async Task<IResult> SteerAsync(PtzBody body, HttpContext context)
    {
        if (Own(body.LeaseId, context) is not { } lease)
            return Refusal.Of(403, "own_lease_needed");
        if (!IsVelocity(body.Pan) || !IsVelocity(body.Tilt) || !IsVelocity(body.Zoom) || body.HoldMs > MostHoldMs || body.Preset?.Length is 0 or > 60)
            return Refusal.Of(400, "bad_vector");
        if (!leases.Hands.TryTake(lease, takeOver: false, out var other))
            return Held(other!);
        leases.NoteChange();
        var command = CommandTable.New(context.Account(), context.Role(), time, TimeSpan.FromSeconds(5));
        command.Ptz = new PtzCommand { CameraId = lease.Row.CameraId, LeaseId = ByteString.CopyFrom(lease.Row.LeaseId), HoldMs = body.HoldMs ?? DefaultHoldMs };
        if (body.Preset is { } preset)
            command.Ptz.GoToPreset = preset;
        else if (body is { Pan: 0, Tilt: 0, Zoom: 0 })
            command.Ptz.Stop = true;
        else
            command.Ptz.Continuous = new PtzVector { Pan = body.Pan, Tilt = body.Tilt, Zoom = body.Zoom };
        await AuditAsync(context, "ptz", lease, lease.Row.Reason);
        return await leases.SteerAsync(lease, command) is { Length: > 0 } refusal ? Refusal.Of(409, refusal) : Results.NoContent();
    }

    private async Task<IResult> TakeAsync(Guid leaseId, HandBody body, HttpContext context)
    {
        if (Own(leaseId, context) is not { } lease)
            return Refusal.Of(403, "own_lease_needed");
        var over = body.TakeOver == true;
        if (over && context.Role() != "supervisor")
            return Refusal.Of(403, "not_allowed");
        // In the audit before it is done: who loses the camera is who holds it now.
        if (over && leases.Hands.All.FirstOrDefault(hand => hand.UnitId == lease.Row.UnitId && hand.CameraId == lease.Row.CameraId && hand.Account != context.Account()) is { } holder)
            await AuditAsync(context, "ptz_taken_over", lease, $"from {holder.Account}");
        if (!leases.Hands.TryTake(lease, over, out var other))
            return Held(other!);
        leases.NoteChange();
        return Results.NoContent();
    }

    private IResult Release(Guid leaseId, HttpContext context)
    {
        if (Own(leaseId, context) is not { } lease)
            return Refusal.Of(403, "own_lease_needed");
        leases.Hands.Release(lease.Id);
        leases.NoteChange();
        return Results.NoContent();
    }

    private LiveView? Own(Guid leaseId, HttpContext context) =>
        leases.Find(leaseId) is { } lease && lease.Row.Account == context.Account() ? lease : null;

    private IResult Held(PtzHand hand)
    {
        var freeInS = Math.Max(1, (int)Math.Ceiling((hand.FreeAtUnixMs - time.GetUtcNow().ToUnixTimeMilliseconds()) / 1000.0));
        return Results.Json(new { code = "steered_by_other", by = hand.Account, freeInS }, statusCode: StatusCodes.Status409Conflict);
    }

    private Task AuditAsync(HttpContext context, string action, LiveView lease, string purpose) =>
        access.AuditAsync(new AuditRow(context.Account(), action, $"{lease.Row.UnitId}/{lease.Row.CameraId} {lease.Id}", purpose));

    private static bool IsVelocity(float value) => value is >= -1 and <= 1;
}
