using System.Diagnostics;

namespace EdgeAgent.Rig.Run;

/// <summary>A program that the bench started and will end: its output goes to a log file, its end is noticed.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly Task pump;

    private ChildProcess(string name, Process process, Task pump, string logPath)
    {
        Name = name;
        this.process = process;
        this.pump = pump;
        LogPath = logPath;
    }

    public string Name { get; }

    public string LogPath { get; }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    public static ChildProcess Start(string name, string logFolder, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, Action<string>? onLine = null, Action<string>? onError = null)
    {
        var info = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in arguments)
            info.ArgumentList.Add(argument);
        foreach ((string key, string value) in environment ?? new Dictionary<string, string>())
            info.Environment[key] = value;

        Directory.CreateDirectory(logFolder);
        string logPath = Path.Combine(logFolder, name + ".log");
        Process process = Process.Start(info) ?? throw new BenchException($"{program} did not start.");
        process.StandardInput.Close();
        var log = TextWriter.Synchronized(new StreamWriter(logPath, append: true) { AutoFlush = true });
        Task pump = Task.WhenAll(CopyAsync(process.StandardOutput, log, onLine), CopyAsync(process.StandardError, log, onError));
        return new ChildProcess(name, process, pump, logPath);
    }

    /// <summary>Runs to the end. Returns standard output; a non-zero exit code is an error that shows what it printed.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string? input, CancellationToken stop)
    {
        var info = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in arguments)
            info.ArgumentList.Add(argument);
        using Process process = Process.Start(info) ?? throw new BenchException($"{program} did not start.");
        if (input is not null)
            await process.StandardInput.WriteLineAsync(input.AsMemory(), stop);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(stop);
        Task<string> error = process.StandardError.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        if (process.ExitCode != 0)
            throw new BenchException($"{Path.GetFileName(program)} {string.Join(' ', info.ArgumentList.Take(2))} ended with {process.ExitCode}: {(await error).Trim()} {(await output).Trim()}");
        return await output;
    }

    /// <summary>Asks with SIGTERM, waits, then kills. True when it ended by itself within the time.</summary>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        if (!process.HasExited)
            _ = Posix.Kill(process.Id, Posix.SigTerm);
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            await pump;
            return true;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return false;
        }
    }

    /// <summary>SIGKILL to this process alone; returns when it is gone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        await pump;
    }

    public string TailOfLog(int lines) =>
        File.Exists(LogPath) ? string.Join(Environment.NewLine, File.ReadLines(LogPath).TakeLast(lines)) : "";

    public async ValueTask DisposeAsync()
    {
        _ = await StopAsync(TimeSpan.FromSeconds(5));
        process.Dispose();
    }

    private static async Task CopyAsync(StreamReader from, TextWriter to, Action<string>? onLine)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            await to.WriteLineAsync(line);
            onLine?.Invoke(line);
        }
    }
}
