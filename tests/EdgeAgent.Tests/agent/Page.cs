using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tests.Agent;

/// <summary>A page's WebSocket.</summary>
internal sealed class Page(ClientWebSocket socket) : IAsyncDisposable
{
    public WebSocketCloseStatus? Closed => socket.CloseStatus;

    /// <summary>The next message; null when the host closed.</summary>
    public async Task<(WebSocketMessageType Type, byte[] Bytes)?> NextAsync(int seconds = 10)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        using var whole = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, limit.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            whole.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return (part.MessageType, whole.ToArray());
        }
    }

    public Task SayAsync(JsonNode word) =>
        socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(word.ToJsonString()), WebSocketMessageType.Text, true, CancellationToken.None);

    public async Task<JsonNode> NextJsonAsync() => JsonNode.Parse((await NextAsync() ?? throw new InvalidOperationException("The stream ended.")).Bytes)!;

    /// <summary>Reads on until a message of this type satisfies; its data.</summary>
    public async Task<JsonNode> UntilAsync(string type, Func<JsonNode, bool>? wanted = null, int seconds = 10)
    {
        while (await NextAsync(seconds) is { } message)
        {
            JsonNode json = JsonNode.Parse(message.Bytes)!;
            if ((string)json["type"]! == type && (wanted is null || wanted(json["data"]!)))
                return json["data"]!;
        }
        throw new InvalidOperationException($"The stream ended before a '{type}' came.");
    }

    /// <summary>Whether a message of this type comes within the time.</summary>
    public async Task<bool> ComesAsync(string type, double seconds)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
            byte[] buffer = new byte[256 * 1024];
            while (true)
            {
                WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, limit.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                    return false;
                if ((string)JsonNode.Parse(buffer.AsSpan(0, part.Count))!["type"]! == type)
                    return true;
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
