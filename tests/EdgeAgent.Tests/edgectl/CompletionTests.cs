using System.Diagnostics;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>The package's completion, in a bash that somebody types into.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("edgectl supp\t", "edgectl support-bundle ")]
    [InlineData("edgectl config ch\t", "edgectl config check ")]
    [InlineData("edgectl logs --lev\twar\t", "edgectl logs --level warning ")]
    [InlineData("edgectl outbox --da\t", "edgectl outbox --data ")]
    public async Task A_tab_completes_commands_options_and_values(string typed, string completed)
    {
        // As on a box, edgectl is in the path.
        File.WriteAllText(directory.At("edgectl"), $"#!/bin/sh\nexec {Environment.ProcessPath} exec {Path.Combine(AppContext.BaseDirectory, "edgectl.dll")} \"$@\"\n");
        File.SetUnixFileMode(directory.At("edgectl"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var script = Path.Combine(Repository.Root, "tools", "edgectl", "completion", "edgectl.bash");
        var start = new ProcessStartInfo("script", ["--quiet", "--command", "bash --norc --noprofile -i", "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{directory.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["TERM"] = "dumb";
        using var bash = Process.Start(start)!;
        // Ctrl+G prints the line as it stands, instead of running it.
        await bash.StandardInput.WriteAsync($"source {script}; show() {{ echo \"line:$READLINE_LINE|\"; exit; }}; bind -x '\"\\C-g\": show'; bind 'set bell-style none'\n");
        await bash.StandardInput.WriteAsync($"{typed}\a");
        await bash.StandardInput.FlushAsync();
        var output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.Contains($"line:{completed}|", output);
    }
}
