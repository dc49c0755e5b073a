using System.Diagnostics;

namespace EdgeAgent.Benchmarks.Servers;

/// <summary>
/// A server that a bench or a test run starts for itself, in a folder of its own. It ends with whoever started it, however that
/// ends: a shell beside it waits for the end of its own standard input and then stops the server.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    // The pipe closes with us, even when we are killed.
    private const string Guard = """
        exec 3<&0; "$@" </dev/null & server=$!
        trap 'kill -${SERVER_STOP:-INT} $server 2>/dev/null' TERM INT
        (cat <&3; kill -${SERVER_STOP:-INT} $server; sleep 5; kill -KILL $server) >/dev/null 2>&1 & guard=$!
        wait $server; code=$?; kill $guard 2>/dev/null; exit $code
        """;

    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(15);
    private readonly Process process;
    private readonly List<string> said = [];

    private ServerProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasExited => process.HasExited;

    /// <summary>The last lines that it said, for whoever wants to know why it does not run.</summary>
    public string LastWords
    {
        get
        {
            lock (said)
                return string.Join(" | ", said.TakeLast(5));
        }
    }

    public static ServerProcess Start(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Guard, "server", .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new ServerProcess(Process.Start(start)!);
    }

    /// <summary>Runs something to its end.</summary>
    /// <exception cref="InputException">It failed; with its last words.</exception>
    public static async Task RunAsync(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> command)
    {
        string[] all = [.. command];
        var start = new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using Process run = Process.Start(start)!;
        Task<string> output = run.StandardOutput.ReadToEndAsync(), error = run.StandardError.ReadToEndAsync();
        await run.WaitForExitAsync();
        if (run.ExitCode != 0)
            throw new InputException($"{all[^1]} failed: {(await error).Trim()} {(await output).Trim()}");
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (said)
        {
            said.Add(line);
            if (said.Count > 50)
                said.RemoveAt(0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(EndsWithin);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
        }
        process.Dispose();
    }
}
