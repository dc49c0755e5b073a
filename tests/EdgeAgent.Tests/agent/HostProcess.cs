using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Agent;

/// <summary>The real host in a process of its own, over a data folder that a <see cref="BenchCar"/> has prepared.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly CookieContainer cookies = new();

    private HostProcess(Process process, Uri url)
    {
        this.process = process;
        Http = new HttpClient(new HttpClientHandler { CookieContainer = cookies }) { BaseAddress = url };
    }

    public HttpClient Http { get; }

    public int Id => process.Id;

    public int ExitCode => process.ExitCode;

    public bool HasExited => process.HasExited;

    public static Process Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "edge-agent.dll"));
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["EDGEAGENT_MODELS"] = Path.Combine(Repository.Root, "models");
        return Process.Start(start)!;
    }

    public static async Task<HostProcess> StartAsync(CarOptions options)
    {
        var url = new Uri($"http://127.0.0.1:{FreePort()}");
        string file = Path.Combine(options.DataDirectory, "agent.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(options with { Terminal = options.Terminal with { Url = url.ToString() } }));
        Process process = Run("host", "--config", file);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var host = new HostProcess(process, url);
        await Eventually.HoldsAsync(() => process.HasExited || host.Answers(), "the host answers", seconds: 60);
        Assert.False(process.HasExited, "the host ended by itself");
        return host;
    }

    public async Task SignInAsync()
    {
        using HttpResponseMessage answer = await Http.PostAsJsonAsync("/api/session", new { officerId = BenchCar.OfficerId, pin = BenchCar.Pin });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    public async Task<Page> PageAsync()
    {
        var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.Cookies = cookies;
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{Http.BaseAddress!.Port}/api/stream"), CancellationToken.None);
        return new Page(socket);
    }

    public async Task<JsonNode> SummaryAsync() => JsonNode.Parse(await Http.GetStringAsync(new Uri("/api/summary", UriKind.Relative)))!;

    /// <summary>What the host says of its health, once it is well.</summary>
    public async Task<JsonNode> WellAsync()
    {
        for (int look = 0; look < 200; look++, await Task.Delay(100))
        {
            using HttpResponseMessage answer = await Http.GetAsync(new Uri("/api/health", UriKind.Relative));
            JsonNode said = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            Assert.Equal((bool)said["well"]!, answer.StatusCode == HttpStatusCode.OK);
            if ((bool)said["well"]!)
                return said;
        }
        throw new TimeoutException("The host is not well.");
    }

    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async Task<bool> TerminateAsync(TimeSpan within)
    {
        using (Process signal = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await signal.WaitForExitAsync();
        using var limit = new CancellationTokenSource(within);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The eyes process that this host started; 0 when there is none.</summary>
    public int EyesId() => Directory.EnumerateDirectories($"/proc/{process.Id}/task")
        .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(int.Parse).FirstOrDefault(pid => File.Exists($"/proc/{pid}/cmdline") && File.ReadAllText($"/proc/{pid}/cmdline").Contains("\0eyes\0", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
        Http.Dispose();
    }

    private bool Answers()
    {
        try
        {
            using var answer = Http.Send(new HttpRequestMessage(HttpMethod.Get, "/api/roster"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
