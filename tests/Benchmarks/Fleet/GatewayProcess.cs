using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace EdgeAgent.Benchmarks.Fleet;

/// <summary>The real program, serving in a process of its own.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private static readonly double TicksPerSecond = 100;
    private readonly Process process;
    private readonly List<string> said = [];

    private GatewayProcess(Process process) => this.process = process;

    public Uri Grpc { get; private set; } = new("about:blank");

    public Uri Http { get; private set; } = new("about:blank");

    /// <summary>Processor time so far.</summary>
    public double CpuSeconds
    {
        get
        {
            string[] fields = File.ReadAllText($"/proc/{process.Id}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    /// <summary>The most memory that it has held, MiB.</summary>
    public double PeakMb => File.ReadLines($"/proc/{process.Id}/status").Where(l => l.StartsWith("VmHWM", StringComparison.Ordinal))
        .Select(l => double.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024).First();

    public static async Task<GatewayProcess> StartAsync(string data, IReadOnlyDictionary<string, string> environment, params string[] more)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "command-centre");
        var start = new ProcessStartInfo(program, ["serve", "--data", data, "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var gateway = new GatewayProcess(Process.Start(start)!);
        gateway.process.ErrorDataReceived += (_, line) => gateway.Keep(line.Data);
        gateway.process.BeginErrorReadLine();
        string? ready = await gateway.process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        if (ready is null)
            throw new InputException($"The gateway does not start: {gateway.LastWords}");
        JsonElement told = JsonDocument.Parse(ready).RootElement;
        (gateway.Grpc, gateway.Http) = (new Uri(told.GetProperty("grpc").GetString()!), new Uri(told.GetProperty("http").GetString()!));
        return gateway;
    }

    public string LastWords
    {
        get
        {
            lock (said)
                return string.Join(" | ", said.TakeLast(8));
        }
    }

    /// <summary>SIGKILL: nothing is said, nothing is closed.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited)
            Kill();
        process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null || line.Contains("session ", StringComparison.OrdinalIgnoreCase))
            return;
        lock (said)
        {
            said.Add(line);
            if (said.Count > 100)
                said.RemoveAt(0);
        }
    }
}
