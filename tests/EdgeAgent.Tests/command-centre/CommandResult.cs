using System.Diagnostics;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>What the real program answered.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public static string Program => Path.Combine(AppContext.BaseDirectory, "command-centre");

    public static Process Start(params IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(Program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    })!;

    public static async Task<CommandResult> RunAsync(IEnumerable<string> arguments, string? input)
    {
        using var process = Start(arguments);
        if (input is not null)
            await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new CommandResult(process.ExitCode, await output, await error);
    }
}
