using System.Diagnostics;

namespace EdgeAgent.Tests.Edgectl;

internal static class EdgectlProcess
{
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync(path: null, arguments);

    /// <param name="path">Where it finds programs, null for where this process finds them.</param>
    /// <param name="arguments">As a technician gives them.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string? path, string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "edgectl.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (path is not null)
            start.Environment["PATH"] = path;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }
}
