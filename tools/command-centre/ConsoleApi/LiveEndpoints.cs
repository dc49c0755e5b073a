using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Json;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <param name="AllCameras">Every camera of the unit, each under a lease of its own, for one reason.</param>
internal sealed record LiveBody(string? UnitId, string? CameraId, string? Reason, int? Minutes, string? Quality, bool? AllCameras = null);

internal sealed record RenewBody(string? Reason, int? Minutes);

/// <summary>Live views: asked for with a reason, watched by whom they were given to, ended by hand or by themselves.</summary>
internal sealed class LiveEndpoints(
    LiveLeases leases, UnitTable units, SessionRegistry sessions, ConsoleAccess access, IHostApplicationLifetime lifetime)
{
    private const int LeastReason = 3;
    private const int MostReason = 200;
    private const int HeadBytes = 9;
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(10);

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/live", BeginAsync).Needs(Permission.ViewLive);
        _ = api.MapPost("/live/{leaseId:guid}/renew", RenewAsync).Needs(Permission.ViewLive);
        _ = api.MapDelete("/live/{leaseId:guid}", EndAsync).Needs(Permission.ViewLive);
        _ = api.MapGet("/live/{leaseId:guid}/video", WatchAsync).Needs(Permission.ViewLive);
    }

    private async Task<IResult> BeginAsync(LiveBody body, HttpContext context)
    {
        var reason = body.Reason?.Trim() ?? "";
        var minutes = body.Minutes ?? LiveLeases.DefaultMinutes;
        if (Problem(reason, minutes) is { } problem)
            return Refusal.Of(400, problem);
        LiveQuality? quality = body.Quality switch { null or "sub" => LiveQuality.Sub, "main" => LiveQuality.Main, _ => null };
        if (quality is null)
            return Refusal.Of(400, "bad_quality");
        var unit = units.All().FirstOrDefault(candidate => candidate.UnitId == body.UnitId && candidate.RevokedAt is null);
        if (unit is not null && !access.MaySee(context, unit.UnitId))
            unit = null;
        if (unit is null)
            return Refusal.Of(404, "unknown_unit");
        var known = unit.CameraIds.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] cameras = body.AllCameras == true ? known : [.. known.Where(camera => camera == body.CameraId)];
        if (cameras.Length == 0)
            return Refusal.Of(404, "unknown_camera");
        if (!sessions.IsOnline(unit.UnitId))
            return Refusal.Of(409, "unit_offline");
        var begun = await leases.BeginAllAsync(new LiveAsked(context.Account(), context.Role(), unit.UnitId, cameras, reason, minutes, quality.Value));
        if (begun is null)
            return Refusal.Of(409, "too_many_live_views");
        return Results.Ok(new
        {
            leaseId = begun[0].Id,
            endsAtUnixMs = begun[0].Row.EndsAt,
            leases = begun.Select(lease => new { leaseId = lease.Id, cameraId = lease.Row.CameraId, endsAtUnixMs = lease.Row.EndsAt }),
        });
    }

    private async Task<IResult> RenewAsync(Guid leaseId, RenewBody body, HttpContext context)
    {
        var reason = body.Reason?.Trim() ?? "";
        var minutes = body.Minutes ?? LiveLeases.DefaultMinutes;
        if (Problem(reason, minutes) is { } problem)
            return Refusal.Of(400, problem);
        if (leases.Find(leaseId) is not { } lease || lease.Row.Account != context.Account())
            return Refusal.Of(403, "own_lease_needed");
        // A district may have been taken from this account since the view began.
        if (!access.MaySee(context, lease.Row.UnitId))
            return Refusal.Of(404, "unknown_unit");
        if (!sessions.IsOnline(lease.Row.UnitId))
            return Refusal.Of(409, "unit_offline");
        return await leases.RenewAsync(lease, context.Role(), reason, minutes)
            ? Results.Ok(new { leaseId, endsAtUnixMs = lease.Row.EndsAt })
            : Refusal.Of(404, "unknown_lease");
    }

    private async Task<IResult> EndAsync(Guid leaseId, HttpContext context)
    {
        if (leases.Find(leaseId) is not { } lease)
            return Refusal.Of(404, "unknown_lease");
        var own = lease.Row.Account == context.Account();
        if (!own && (context.Role() is not ("supervisor" or "admin") || !access.MaySee(context, lease.Row.UnitId)))
            return Refusal.Of(403, "not_allowed");
        await leases.EndAsync(lease, context.Account(), own ? "ended by the viewer" : "ended by a supervisor");
        return Results.NoContent();
    }

    /// <returns>Null: a reason that says something, and a time that may be asked for.</returns>
    internal static string? Problem(string reason, int minutes = LiveLeases.DefaultMinutes) =>
        reason.Length < LeastReason ? "reason_required"
        : reason.Length > MostReason ? "reason_too_long"
        : minutes is < 1 or > LiveLeases.MostMinutes ? "bad_minutes"
        : null;

    private async Task WatchAsync(Guid leaseId, HttpContext context)
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
        leases.NoteChange();
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
            leases.NoteChange();
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
}

internal static class Refusal
{
    public static IResult Of(int status, string code) => Results.Json(new { code }, statusCode: status);
}
