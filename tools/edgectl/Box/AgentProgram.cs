using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Edgectl.Box;

/// <summary>The agent's own program, asked for what it alone knows: the version that is due, so that its answer is that of the next start.</summary>
internal sealed class AgentProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Option<string?> program = new("--agent") { Description = "The agent's program. Without it, that of the version that is due in --base, or in --factory." };
    private readonly SlotOptions slots = new();

    public IEnumerable<Option> Options => [program, slots.Base, slots.Factory];

    /// <summary>Runs it to its end; asked to stop, it is asked to end by itself.</summary>
    /// <param name="patience">For how long; null: a minute.</param>
    /// <param name="progress">Takes each line of its standard error as it comes; null: they are given back.</param>
    /// <returns>Its exit code and what it wrote.</returns>
    /// <exception cref="IOException">It is not there, cannot be started, or does not end.</exception>
    public async Task<(int ExitCode, string Output, string Error)> AskAsync(
        ParseResult parsed, IReadOnlyList<string> arguments, CancellationToken stop, TimeSpan? patience = null, Action<string>? progress = null)
    {
        string path = parsed.GetValue(program) ?? Due(parsed);
        using Process child = Start(path, arguments);
        using var limit = new CancellationTokenSource(patience ?? Patience);
        await using CancellationTokenRegistration asked = stop.Register(() => Posix.Terminate(child.Id));
        try
        {
            Task<string> output = child.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = progress is null ? child.StandardError.ReadToEndAsync(limit.Token) : TellAsync(child.StandardError, progress, limit.Token);
            if (progress is null)
                await Progress.WhileAsync(child.WaitForExitAsync(limit.Token), $"{Path.GetFileName(path)} is at work", limit.Token);
            else
                await child.WaitForExitAsync(limit.Token);
            stop.ThrowIfCancellationRequested();
            return (child.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new IOException($"{path} did not end in time.");
        }
        finally
        {
            if (!child.HasExited)
                child.Kill();
        }
    }

    /// <summary>Has it do something, its progress shown on standard error.</summary>
    /// <returns>Its exit code, 0 or above 1, and the JSON that it said.</returns>
    /// <exception cref="CommandException">It could not, by its own code and sentence.</exception>
    public async Task<(int ExitCode, JsonElement Said)> DoAsync(ParseResult parsed, IReadOnlyList<string> arguments, TimeSpan patience, CancellationToken stop)
    {
        var (exitCode, output, _) = await AskAsync(parsed, arguments, stop, patience, line => Console.Error.WriteLine($"  {line}"));
        try
        {
            JsonElement said = JsonDocument.Parse(output).RootElement;
            return said.TryGetProperty("error", out JsonElement code)
                ? throw new CommandException(code.GetString()!, said.GetProperty("message").GetString()!)
                : (exitCode, said);
        }
        catch (JsonException e)
        {
            throw new IOException($"The agent's program cannot do this (it ended with {exitCode}): is it of another version than this one?", e);
        }
    }

    private static async Task<string> TellAsync(StreamReader error, Action<string> progress, CancellationToken stop)
    {
        while (await error.ReadLineAsync(stop) is { } line)
            progress(line);
        return "";
    }

    /// <summary>The slots; null where there are none yet, since opened they would be made.</summary>
    public AppSlots? Slots(ParseResult parsed) => Directory.Exists(parsed.GetValue(slots.Base)) ? slots.Open(parsed) : null;

    private string Due(ParseResult parsed)
    {
        if (Slots(parsed) is not { } opened)
            return Path.Combine(parsed.GetValue(slots.Factory)!, ReleaseTrust.Agent);
        string slot = opened.Read().Current;
        return Path.Combine(opened.Files(slot), opened.ManifestOf(slot)?.Program ?? ReleaseTrust.Agent);
    }

    private static Process Start(string path, IReadOnlyList<string> arguments)
    {
        if (!File.Exists(path))
            throw new IOException($"The agent's program {path} is not there: name it with --agent.");
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // As a build leaves it, without an executable of its own.
        if (Path.GetExtension(path) == ".dll")
            start = new ProcessStartInfo("dotnet", [path, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{path} cannot be started: {e.Message}.", e);
        }
    }
}
