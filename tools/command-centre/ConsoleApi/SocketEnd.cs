using System.Net.WebSockets;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>The end of a socket that only we speak on.</summary>
internal static class SocketEnd
{
    private static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(2);

    /// <summary>Notices that the page went away. What it sends is thrown away unread, and too much of it ends the socket.</summary>
    public static async Task WatchAsync(WebSocket socket, CancellationTokenSource over)
    {
        var buffer = new byte[512];
        var unwanted = 0;
        try
        {
            while (socket.State == WebSocketState.Open && unwanted < 1000)
            {
                var message = await socket.ReceiveAsync(buffer.AsMemory(), over.Token);
                unwanted++;
                if (message.MessageType == WebSocketMessageType.Close)
                    break;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // Gone without a word.
        }
        await over.CancelAsync();
    }

    /// <summary>
    /// Says goodbye and gives the page a moment to answer. Ending <paramref name="watching"/> by cancellation instead would reset
    /// the connection, and with it what is still on its way.
    /// </summary>
    public static async Task CloseAsync(WebSocket socket, Task watching, WebSocketCloseStatus status, string reason)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return;
        using var limit = new CancellationTokenSource(CloseWithin);
        try
        {
            await socket.CloseOutputAsync(status, reason, limit.Token);
            await watching.WaitAsync(limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // It was open a moment ago.
        }
    }
}
