using System.Net.WebSockets;
using System.Text.Json;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Officers.Face;

namespace EdgeAgent.Agent.Terminal;

/// <summary>
/// /api/face-login: one attempt a socket. The page hears each look as a word and the picture that goes with it, sees nothing else of the
/// cab, and at the end gets a ticket for /api/session.
/// </summary>
internal static class FaceLoginApi
{
    public static void MapFaceLogin(this WebApplication app)
    {
        CancellationToken stopping = app.Lifetime.ApplicationStopping;
        _ = app.MapGet("/api/face-login", async (string? screen, HttpContext http, FaceDesk faces) =>
        {
            if (!http.WebSockets.IsWebSocketRequest)
                return Results.Json(new { code = faces.WhyNot() });
            using WebSocket socket = await http.WebSockets.AcceptWebSocketAsync();
            await ServeAsync(socket, ScreenOf(screen), faces, stopping);
            return Results.Empty;
        });
    }

    public static DutyScreen ScreenOf(string? name) => name == "second" ? DutyScreen.Second : DutyScreen.Driver;

    /// <summary>For the page to hear the end before its line goes.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private static async Task ServeAsync(WebSocket socket, DutyScreen screen, FaceDesk faces, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // The page that goes ends its attempt.
        Task listening = SocketPump.ListenAsync(socket, ending);
        try
        {
            FaceResult result = await faces.TryAsync(screen, progress => TellAsync(socket, progress, ending.Token), ending.Token);
            await SocketPump.SendAsync(socket, Message("end", new
            {
                result.Code,
                officerId = result.Officer?.OfficerId,
                displayName = result.Officer?.DisplayName,
                result.Ticket,
                result.PinToo,
                retryAfterS = (int)Math.Ceiling(result.RetryAfter.TotalSeconds),
            }), WebSocketMessageType.Text, ending.Token);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ending.Token);
            await listening.WaitAsync(Farewell, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException or InvalidOperationException)
        {
            socket.Abort();
        }
        finally
        {
            await ending.CancelAsync();
            await listening;
        }
    }

    private static async Task TellAsync(WebSocket socket, FaceProgress progress, CancellationToken stop)
    {
        await SocketPump.SendAsync(socket, Message("look", new
        {
            phase = Words.Of(progress.Phase),
            asked = progress.Asked is { } act ? Words.Of(act) : "",
            progress.Done,
            progress.Of,
            progress.Code,
        }), WebSocketMessageType.Text, stop);
        if (progress.Jpeg.Length > 0)
            await SocketPump.SendAsync(socket, progress.Jpeg, WebSocketMessageType.Binary, stop);
    }

    private static byte[] Message(string type, object data) => JsonSerializer.SerializeToUtf8Bytes(new { type, data }, JsonSerializerOptions.Web);
}
