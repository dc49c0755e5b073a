using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>What the console page does over HTTP, and what a hostile page would try.</summary>
internal sealed class ConsoleClient : IDisposable
{
    private readonly CookieContainer cookies = new();
    private readonly HttpClient http;
    private readonly Uri centre;

    public ConsoleClient(Uri centre)
    {
        this.centre = centre;
        http = new HttpClient(new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = centre };
    }

    public HttpClient Http => http;

    public string CookieHeader => cookies.GetCookieHeader(centre);

    public static async Task<ConsoleClient> SignedInAsync(Uri centre, string user = CentreUnderTest.Dispatcher, string password = CentreUnderTest.Password)
    {
        var client = new ConsoleClient(centre);
        var (status, _) = await client.SignInAsync(user, password);
        Assert.Equal(HttpStatusCode.OK, status);
        return client;
    }

    public Task<(HttpStatusCode Status, JsonNode? Json)> SignInAsync(string user, string password) =>
        PostAsync("/api/session", new JsonObject { ["user"] = user, ["password"] = password }.ToJsonString());

    public async Task<(HttpStatusCode Status, JsonNode? Json)> PostAsync(string path, string body, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        change?.Invoke(request);
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : null);
    }

    public async Task<HttpStatusCode> GetAsync(string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }

    public async Task<HttpStatusCode> DeleteAsync(string path)
    {
        using var answer = await http.DeleteAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }

    public async Task<ConsoleSocket> SocketAsync(string path, string? origin = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.Cookies = cookies;
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        await socket.ConnectAsync(new Uri($"ws://{centre.Authority}{path}"), CancellationToken.None);
        return new ConsoleSocket(socket);
    }

    /// <summary>The status with which a socket is refused.</summary>
    public async Task<int> SocketRefusalAsync(string path, string? origin = null)
    {
        using var socket = new ClientWebSocket();
        socket.Options.Cookies = cookies;
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://{centre.Authority}{path}"), CancellationToken.None));
        return (int)socket.HttpStatusCode;
    }

    public void Dispose() => http.Dispose();
}

internal sealed class ConsoleSocket(ClientWebSocket socket) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<(string? Text, byte[]? Bytes)> NextAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        using var message = new MemoryStream();
        var buffer = new byte[64 << 10];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                throw new EndOfStreamException("The centre closed the socket.");
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return part.MessageType == WebSocketMessageType.Text ? (Encoding.UTF8.GetString(message.ToArray()), null) : (null, message.ToArray());
        }
    }

    /// <summary>The data of the next message of this type.</summary>
    public async Task<JsonNode> UntilAsync(string type, Func<JsonNode, bool>? meant = null)
    {
        while (true)
        {
            var message = JsonNode.Parse((await NextAsync()).Text!)!;
            if ((string?)message["type"] == type && (meant is null || meant(message["data"]!)))
                return message["data"]!;
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Abort();
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
