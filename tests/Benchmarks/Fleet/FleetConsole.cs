using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;

namespace EdgeAgent.Benchmarks.Fleet;

/// <summary>A dispatcher's page, as far as it listens: how old positions are when they arrive, and which alerts are shown when.</summary>
internal sealed class FleetConsole : IAsyncDisposable
{
    private readonly CancellationTokenSource over = new();
    private readonly CookieContainer cookies = new();
    private readonly ConcurrentDictionary<string, (int Times, long AtUnixMs)> shown = new();
    private readonly Lock gate = new();
    private readonly HashSet<string> seenHere = [];
    private List<double> ages = [];
    private long bytes, messages;
    private Task listening = Task.CompletedTask;

    /// <summary>Units that the newest message shows with a position of the last ten seconds.</summary>
    public int Fresh { get; private set; }

    public IReadOnlyDictionary<string, (int Times, long AtUnixMs)> Shown => shown;

    public static async Task<FleetConsole> OpenAsync(Uri http, string password)
    {
        var console = new FleetConsole();
        using var client = new HttpClient(new HttpClientHandler { CookieContainer = console.cookies });
        using HttpResponseMessage answer = await client.PostAsJsonAsync(new Uri(http, "/api/session"), new { user = FleetGround.Account, password });
        if (!answer.IsSuccessStatusCode)
            throw new InputException($"The console cannot sign in: {answer.StatusCode}.");
        console.listening = Task.Run(() => console.StayAsync(new Uri($"ws://{http.Authority}/api/stream")));
        return console;
    }

    /// <summary>How often the gateway cut the page off, and it came back.</summary>
    public int CameBack { get; private set; } = -1;

    private async Task StayAsync(Uri stream)
    {
        for (; !over.IsCancellationRequested; await Task.Delay(500))
        {
            try
            {
                using var socket = new ClientWebSocket();
                socket.Options.Cookies = cookies;
                await socket.ConnectAsync(stream, over.Token);
                CameBack++;
                await ListenAsync(socket);
            }
            catch (Exception e) when (e is OperationCanceledException or WebSocketException)
            {
                // The bench or the gateway ends, or it is busy.
            }
        }
    }

    /// <summary>The ages seen since the last call, milliseconds, by the cars' own time of capture: cars and console share this machine's clock.</summary>
    public IReadOnlyList<double> TakeAges()
    {
        lock (gate)
        {
            var taken = ages;
            ages = [];
            return taken;
        }
    }

    /// <summary>Average size of a message of all units.</summary>
    public double UnitsKb => messages == 0 ? 0 : bytes / 1024.0 / messages;

    private async Task ListenAsync(ClientWebSocket socket)
    {
        using var message = new MemoryStream();
        var buffer = new byte[256 << 10];
        seenHere.Clear();
        while (!over.IsCancellationRequested)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(), over.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                return;
            message.Write(buffer, 0, part.Count);
            if (!part.EndOfMessage)
                continue;
            Take(message.GetBuffer().AsMemory(0, (int)message.Length));
            message.SetLength(0);
        }
    }

    private void Take(ReadOnlyMemory<byte> text)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        using var json = JsonDocument.Parse(text);
        string? type = json.RootElement.GetProperty("type").GetString();
        JsonElement data = json.RootElement.GetProperty("data");
        if (type == "incident")
            Show(data.GetProperty("eventId").GetString()!, now);
        if (type != "units")
            return;
        int fresh = 0;
        lock (gate)
        {
            bytes += text.Length;
            messages++;
            foreach (JsonElement unit in data.EnumerateArray())
            {
                if (unit.GetProperty("position") is not { ValueKind: JsonValueKind.Object } position)
                    continue;
                double age = now - position.GetProperty("atUnixMs").GetInt64();
                ages.Add(age);
                fresh += age < 10_000 ? 1 : 0;
            }
        }
        Fresh = fresh;
    }

    /// <summary>A page that came back is shown the newest again: twice is what comes twice on one connection.</summary>
    private void Show(string id, long now)
    {
        bool again = !seenHere.Add(id);
        _ = shown.AddOrUpdate(id, (1, now), (_, before) => (before.Times + (again ? 1 : 0), before.AtUnixMs));
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        over.Dispose();
    }
}
