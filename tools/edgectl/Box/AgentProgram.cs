using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Edgectl.Box;

/// <summary>The agent's own program, asked for what it alone knows: the version that is due, so that its answer is that of the next start.</summary>
internal sealed class AgentProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Option<string?> program = new("--agent") { Description = "The agent's program. Without it, that of the version that is due in --base, or in --factory." };
    private readonly SlotOptions slots = new();

    public IEnumerable<Option> Options => [program, slots.Base, slots.Factory];

    /// <summary>Runs it to its end.</summary>
    /// <returns>Its exit code and what it wrote.</returns>
    /// <exception cref="IOException">It is not there, cannot be started, or does not end.</exception>
    public async Task<(int ExitCode, string Output, string Error)> AskAsync(ParseResult parsed, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        string path = parsed.GetValue(program) ?? Due(parsed);
        using Process child = Start(path, arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            Task<string> output = child.StandardOutput.ReadToEndAsync(limit.Token), error = child.StandardError.ReadToEndAsync(limit.Token);
            await Progress.WhileAsync(child.WaitForExitAsync(limit.Token), $"{Path.GetFileName(path)} is at work", limit.Token);
            return (child.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new IOException($"{path} did not answer within {Patience.TotalSeconds:0} s.");
        }
        finally
        {
            if (!child.HasExited)
                child.Kill();
        }
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
