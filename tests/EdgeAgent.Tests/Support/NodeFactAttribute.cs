using System.Diagnostics;

namespace EdgeAgent.Tests.Support;

/// <summary>A test that talks to a program in Node; skipped by name where its packages are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        if (!Directory.Exists(Path.Combine(Repository.Root, "node_modules", "@grpc", "grpc-js")))
            Skip = "node_modules is not here (npm ci).";
    }
}

/// <summary>Programs of tests/EdgeAgent.Tests/contract-js.</summary>
internal static class Node
{
    /// <summary>Starts one; its standard output is to be read, its standard error is this process's.</summary>
    public static Process Start(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardInput = true, WorkingDirectory = Repository.Root };
        start.ArgumentList.Add(Path.Combine(Repository.Root, "tests", "EdgeAgent.Tests", "contract-js", script));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Runs one to its end, which must be a good one.</summary>
    /// <returns>What it said.</returns>
    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        using var process = Start(script, arguments);
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{script} exited with {process.ExitCode}: {output}");
        return output;
    }
}
