using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace EdgeAgent.Chaos.Pages;

/// <summary>One message of a page's WebSocket: JSON text, or bytes.</summary>
internal sealed record SocketMessage(JsonNode? Json, byte[] Bytes);

/// <summary>The reading end of a WebSocket as a page has it, with the page's cookies.</summary>
internal sealed class JsonSocket : IAsyncDisposable
{
    private readonly ClientWebSocket socket = new();

    public static async Task<JsonSocket> OpenAsync(string httpUrl, CookieContainer cookies, CancellationToken stop)
    {
        var opened = new JsonSocket();
        opened.socket.Options.Cookies = cookies;
        var url = new Uri(httpUrl);
        opened.socket.Options.SetRequestHeader("Origin", $"{url.Scheme}://{url.Authority}");
        await opened.socket.ConnectAsync(new Uri(httpUrl.Replace("http://", "ws://", StringComparison.Ordinal)), stop);
        return opened;
    }

    /// <summary>The next message; null when the other side closed.</summary>
    public async Task<SocketMessage?> NextAsync(CancellationToken stop)
    {
        using var collected = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, stop);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            collected.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return part.MessageType == WebSocketMessageType.Text ? new SocketMessage(JsonNode.Parse(collected.ToArray()), []) : new SocketMessage(null, collected.ToArray());
        }
    }

    /// <summary>Reads until a JSON message of the type satisfies; its data.</summary>
    public async Task<JsonNode> UntilAsync(string type, Func<JsonNode, bool> wanted, CancellationToken stop)
    {
        while (await NextAsync(stop) is { } message)
            if ((string?)message.Json?["type"] == type && message.Json["data"] is { } data && wanted(data))
                return data;
        throw new InvalidOperationException($"The socket closed before a wanted '{type}' came.");
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
