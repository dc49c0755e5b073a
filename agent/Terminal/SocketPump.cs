using System.Net.WebSockets;
using System.Threading.Channels;

namespace EdgeAgent.Agent.Terminal;

/// <summary>Sends a queue to a WebSocket until either side ends. What the page says is read and dropped: it has nothing to say here.</summary>
internal static class SocketPump
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Silence = TimeSpan.FromSeconds(2);

    /// <param name="keepAlive">
    /// Sent after two seconds of silence, so that the page can tell a quiet camera from a dead network; null for none.
    /// </param>
    public static async Task RunAsync(
        WebSocket socket, ChannelReader<byte[]> queue, WebSocketMessageType type, byte[]? keepAlive, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task listening = ListenAsync(socket, ending);
        try
        {
            while (await NextAsync(queue, keepAlive, ending.Token) is { } message)
                await SendAsync(socket, message, type, ending.Token);
            await CloseAsync(socket);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException or InvalidOperationException)
        {
            await CloseAsync(socket);
        }
        finally
        {
            await ending.CancelAsync();
            await listening;
        }
    }

    /// <summary>One message; a page that does not take it within ten seconds is gone.</summary>
    public static async Task SendAsync(WebSocket socket, ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        await socket.SendAsync(message, type, endOfMessage: true, limit.Token);
    }

    public static async Task ListenAsync(WebSocket socket, CancellationTokenSource ending)
    {
        byte[] buffer = new byte[256];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), ending.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException or InvalidOperationException)
        {
            // Gone without a goodbye: the sending side ends with it.
        }
        await ending.CancelAsync();
    }

    private static async Task CloseAsync(WebSocket socket)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException or InvalidOperationException)
        {
            socket.Abort();
        }
    }

    private static async ValueTask<byte[]?> NextAsync(ChannelReader<byte[]> queue, byte[]? keepAlive, CancellationToken stop)
    {
        if (queue.TryRead(out byte[]? ready))
            return ready;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (keepAlive is not null)
            limit.CancelAfter(Silence);
        try
        {
            return await queue.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return keepAlive;
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }
}
