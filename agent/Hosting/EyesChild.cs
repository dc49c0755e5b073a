using System.Diagnostics;

namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// The process that looks: this same executable as `eyes --socket PATH …`. It is given an address, a scrubbed environment and
/// nothing else; when it dies the stage's rule brings it back within a second.
/// </summary>
internal sealed partial class EyesChild(EyesOptions options, string socketPath, TimeProvider time, ILogger<EyesChild> log)
{
    // What a program needs to find itself; no tokens, no addresses, no debugging switches.
    private static readonly string[] Passed =
    [
        "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
        "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64", "EDGEAGENT_MODELS",
    ];

    private static readonly TimeSpan ByItself = TimeSpan.FromSeconds(6), AfterTerminate = TimeSpan.FromSeconds(1);

    private volatile int pid;

    /// <summary>Told to end by itself before it is made to.</summary>
    public Action AskToEnd { get; set; } = () => { };

    /// <summary>Whether a process may speak as eyes.</summary>
    public bool IsExpected(int peer) => !options.Spawn || (peer == pid && peer > 0);

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        if (!options.Spawn)
        {
            pulse.Ok();
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
        }
        using Process process = Process.Start(Start()) ?? throw new InvalidOperationException("The eyes process could not be started.");
        pid = process.Id;
        LogStarted(log, process.Id);
        pulse.Ok();
        try
        {
            await process.WaitForExitAsync(stop);
            throw new StageEndedException($"eyes ended with code {process.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process);
            throw;
        }
        finally
        {
            pid = 0;
        }
    }

    private async Task EndAsync(Process process)
    {
        AskToEnd();
        if (await EndedAsync(process, ByItself))
            return;
        Posix.Terminate(process.Id);
        if (await EndedAsync(process, AfterTerminate))
            return;
        LogKilled(log, process.Id);
        process.Kill();
        _ = await EndedAsync(process, AfterTerminate);
    }

    private async Task<bool> EndedAsync(Process process, TimeSpan within)
    {
        try
        {
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(within, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private ProcessStartInfo Start()
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        var start = new ProcessStartInfo(self) { UseShellExecute = false };
        // Run as `dotnet edge-agent.dll`: the host of .NET is the executable, and our file its first argument.
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
            start.ArgumentList.Add(typeof(EyesChild).Assembly.Location);
        start.ArgumentList.Add("eyes");
        start.ArgumentList.Add("--socket");
        start.ArgumentList.Add(socketPath);
        start.ArgumentList.Add("--execution-provider");
        start.ArgumentList.Add(options.ExecutionProvider);
        start.ArgumentList.Add("--precedence");
        start.ArgumentList.Add(options.Precedence);
        start.Environment.Clear();
        foreach (string name in Passed)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        }
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        // Some twenty threads that decode: an allocator of its own for each would keep what each once needed.
        start.Environment["MALLOC_ARENA_MAX"] = "2";
        // Left to itself the allocator raises these with every picture that is given back, and then keeps holes of that size. Bytes.
        start.Environment["MALLOC_MMAP_THRESHOLD_"] = start.Environment["MALLOC_TRIM_THRESHOLD_"] = "1048576";
        // The youngest generation is as large as the processor's cache otherwise, hundreds of megabytes on a server's. Hexadecimal.
        start.Environment["DOTNET_GCgen0size"] = "0x400000";
        return start;
    }

    [LoggerMessage(4060, LogLevel.Information, "Eyes started as process {Pid}.")]
    private static partial void LogStarted(ILogger log, int pid);

    [LoggerMessage(4061, LogLevel.Warning, "Eyes (process {Pid}) did not end when asked and was killed.")]
    private static partial void LogKilled(ILogger log, int pid);
}
