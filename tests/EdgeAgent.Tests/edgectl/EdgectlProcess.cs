using System.Diagnostics;

namespace EdgeAgent.Tests.Edgectl;

internal static class EdgectlProcess
{
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync(arguments, path: null);

    /// <param name="arguments">As a technician gives them.</param>
    /// <param name="path">Where it finds programs, null for where this process finds them.</param>
    /// <param name="input">A line on its standard input.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, string? path, string input = "")
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "edgectl.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (path is not null)
            start.Environment["PATH"] = path;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        if (input.Length > 0)
            await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }
}
