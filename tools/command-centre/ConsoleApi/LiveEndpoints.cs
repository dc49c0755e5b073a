using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Json;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

internal sealed record LiveBody(string? UnitId, string? CameraId, string? Reason, int? Minutes, string? Quality);

internal sealed record PtzBody(Guid LeaseId, float Pan, float Tilt, float Zoom, uint? HoldMs);

/// <summary>Live views: asked for with a reason, watched by whom they were given to, ended by hand or by themselves.</summary>
internal sealed class LiveEndpoints(
    LiveLeases leases, UnitTable units, SessionRegistry sessions, ConsoleAccess access, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int LeastReason = 3;
    private const int MostReason = 200;
    private const uint DefaultHoldMs = 500;
    private const uint MostHoldMs = 5000;
    private const int HeadBytes = 9;
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(10);

    public async Task<IResult> BeginAsync(LiveBody body, HttpContext context)
    {
        var reason = body.Reason?.Trim() ?? "";
        if (reason.Length < LeastReason)
            return Refusal.Of(400, "reason_required");
        if (reason.Length > MostReason)
            return Refusal.Of(400, "reason_too_long");
        var minutes = body.Minutes ?? LiveLeases.DefaultMinutes;
        if (minutes is < 1 or > LiveLeases.MostMinutes)
            return Refusal.Of(400, "bad_minutes");
        LiveQuality? quality = body.Quality switch { null or "sub" => LiveQuality.Sub, "main" => LiveQuality.Main, _ => null };
        if (quality is null)
            return Refusal.Of(400, "bad_quality");
        var unit = units.All().FirstOrDefault(candidate => candidate.UnitId == body.UnitId && candidate.RevokedAt is null);
        if (unit is not null && !access.MaySee(context, unit.UnitId))
            unit = null;
        if (unit is null)
            return Refusal.Of(404, "unknown_unit");
        if (!unit.CameraIds.Split('\n').Contains(body.CameraId ?? ""))
            return Refusal.Of(404, "unknown_camera");
        if (!sessions.IsOnline(unit.UnitId))
            return Refusal.Of(409, "unit_offline");
        var lease = await leases.BeginAsync(context.Account(), context.Role(), unit.UnitId, body.CameraId!, reason, minutes, quality.Value);
        return Results.Ok(new { leaseId = lease.Id, endsAtUnixMs = lease.Row.EndsAt });
    }

    public async Task<IResult> EndAsync(Guid leaseId, HttpContext context)
    {
        if (leases.Find(leaseId) is not { } lease)
            return Refusal.Of(404, "unknown_lease");
        if (lease.Row.Account != context.Account()
            && (context.Role() is not ("supervisor" or "admin") || !access.MaySee(context, lease.Row.UnitId)))
            return Refusal.Of(403, "not_allowed");
        await leases.EndAsync(lease, context.Account(), "ended by the viewer");
        return Results.NoContent();
    }

    public async Task<IResult> SteerAsync(PtzBody body, HttpContext context)
    {
        if (leases.Find(body.LeaseId) is not { } lease || lease.Row.Account != context.Account())
            return Refusal.Of(403, "own_lease_needed");
        if (!IsVelocity(body.Pan) || !IsVelocity(body.Tilt) || !IsVelocity(body.Zoom) || body.HoldMs > MostHoldMs)
            return Refusal.Of(400, "bad_vector");
        var command = CommandTable.New(context.Account(), context.Role(), time, TimeSpan.FromSeconds(5));
        command.Ptz = new PtzCommand
        {
            CameraId = lease.Row.CameraId,
            LeaseId = ByteString.CopyFrom(lease.Row.LeaseId),
            HoldMs = body.HoldMs ?? DefaultHoldMs,
        };
        if (body is { Pan: 0, Tilt: 0, Zoom: 0 })
            command.Ptz.Stop = true;
        else
            command.Ptz.Continuous = new PtzVector { Pan = body.Pan, Tilt = body.Tilt, Zoom = body.Zoom };
        await AuditAsync(context, "ptz", lease);
        return await leases.SteerAsync(lease, command) is { Length: > 0 } refusal ? Refusal.Of(409, refusal) : Results.NoContent();
    }

    public async Task WatchAsync(Guid leaseId, HttpContext context)
    {
        var lease = leases.Find(leaseId);
        if (lease is null || lease.Row.Account != context.Account() || !context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = lease is null ? 404 : lease.Row.Account != context.Account() ? 403 : 400;
            return;
        }
        await AuditAsync(context, "live_watched", lease);
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var viewer = lease.Join();
        var listening = SocketEnd.WatchAsync(socket, over);
        try
        {
            await SendAllAsync(socket, viewer, over.Token);
            await SendTextAsync(socket, new { ended = true, reason = lease.EndReason }, over.Token);
            await SocketEnd.CloseAsync(socket, listening, WebSocketCloseStatus.NormalClosure, "ended");
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            await SocketEnd.CloseAsync(socket, listening, WebSocketCloseStatus.EndpointUnavailable, "try again");
        }
        finally
        {
            lease.Leave(viewer);
            await over.CancelAsync();
            await listening;
        }
        await AuditAsync(context, "live_left", lease);
    }

    private Task AuditAsync(HttpContext context, string action, LiveView lease) =>
        access.AuditAsync(new AuditRow(context.Account(), action, $"{lease.Row.UnitId}/{lease.Row.CameraId} {lease.Id}", lease.Row.Reason));

    private static async Task SendAllAsync(WebSocket socket, LiveViewer viewer, CancellationToken over)
    {
        var message = Array.Empty<byte>();
        var told = VideoLevel.Unspecified;
        while (await viewer.NextAsync(over) is { } item)
        {
            if (item.Format is { } format)
                await SendTextAsync(socket, format, over);
            // With each key fragment too: the rate that was measured changes while the level stands.
            if (item.Piece.Level != VideoLevel.Unspecified && (item.Piece.Level != told || item.Piece.Part == LivePart.Key))
            {
                told = item.Piece.Level;
                await SendTextAsync(socket, new { level = NameOf(told), linkKbitS = item.Piece.LinkKbitS }, over);
            }
            var length = HeadBytes + item.Piece.Data.Length;
            if (message.Length < length)
                message = new byte[Math.Max(length, 2 * message.Length)];
            message[0] = (byte)item.Piece.Part;
            BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(1), item.Piece.CapturedAtUnixMs);
            item.Piece.Data.CopyTo(message.AsMemory(HeadBytes));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(over);
            limit.CancelAfter(SendWithin);
            await socket.SendAsync(message.AsMemory(0, length), WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, limit.Token);
        }
    }

    private static string NameOf(VideoLevel level) => level switch { VideoLevel.Main => "main", VideoLevel.Sub => "sub", _ => "keys" };

    private static async Task SendTextAsync<T>(WebSocket socket, T message, CancellationToken over)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(message, ConsoleJson.Options);
        await socket.SendAsync(text.AsMemory(), WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, over);
    }

    private static bool IsVelocity(float value) => value is >= -1 and <= 1;
}

internal static class Refusal
{
    public static IResult Of(int status, string code) => Results.Json(new { code }, statusCode: status);
}
