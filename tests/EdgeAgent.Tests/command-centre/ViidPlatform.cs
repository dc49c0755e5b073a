using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Asks for digest, fails on demand, keeps what it took.</summary>
internal sealed class ViidPlatform : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private int asked;

    public Uri Address { get; private set; } = null!;

    public bool Failing { get; set; }

    public ConcurrentQueue<JsonNode> Taken { get; } = new();

    public static Task<ViidPlatform> StartAsync()
    {
        var platform = new ViidPlatform();
        var port = FreePort();
        platform.Address = new Uri($"http://127.0.0.1:{port}");
        platform.listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        platform.listener.Start();
        _ = platform.RunAsync();
        return Task.FromResult(platform);
    }

    public async Task AskedAsync(int times, CancellationToken stop)
    {
        while (Volatile.Read(ref asked) < times)
            await Task.Delay(20, stop);
    }

    public async Task TakenAsync(int count, CancellationToken stop)
    {
        while (Taken.Count < count)
            await Task.Delay(20, stop);
    }

    public ValueTask DisposeAsync()
    {
        listener.Close();
        return ValueTask.CompletedTask;
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
                await AnswerAsync(await listener.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var (path, status, answer) = (context.Request.Url!.AbsolutePath, 200, """{"ResponseStatusListObject":{"ResponseStatusObject":[{"StatusCode":0,"StatusString":"OK"}]}}""");
        if (path == "/VIID/System/Register" && !Authorised(context.Request.Headers["Authorization"] ?? "", path))
        {
            status = 401;
            context.Response.AddHeader("WWW-Authenticate", "Digest realm=\"viid\", qop=\"auth\", nonce=\"abc123\"");
        }
        else if (path != "/VIID/System/Register" && context.Request.Headers["User-Identify"] != "11010000001190000001")
            status = 400;
        else if (path == "/VIID/DispositionNotifications")
        {
            _ = Interlocked.Increment(ref asked);
            status = Failing ? 503 : 200;
            if (!Failing)
                Taken.Enqueue(JsonNode.Parse(body)!);
        }
        context.Response.StatusCode = status;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
        context.Response.Close();
    }

    private static bool Authorised(string header, string path)
    {
        var parts = header.Split(',', ' ').Where(part => part.Contains('=', StringComparison.Ordinal)).Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1].Trim('"'));
        return parts.TryGetValue("response", out var response)
            && response == Peers.Md5($"{Peers.Md5("centre:viid:platform password")}:abc123:{parts["nc"]}:{parts["cnonce"]}:auth:{Peers.Md5($"POST:{path}")}");
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
