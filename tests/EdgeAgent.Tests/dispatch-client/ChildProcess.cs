using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>
/// The test assembly run once more as a process of its own, to be killed: with the variable set it plays a part instead of
/// starting tests.
/// </summary>
internal static class ChildProcess
{
    private const string Variable = "EDGEAGENT_TEST_CHILD";

    /// <summary>A running child with its standard output to read.</summary>
    public static Process Start(string part, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            ArgumentList = { "exec", typeof(ChildProcess).Assembly.Location },
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment[Variable] = part;
        return Process.Start(start)!;
    }

#pragma warning disable CA2255 // A module initialiser is how an assembly whose Main is the test SDK's gets a part of its own.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void PlayPart()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } part)
            return;
        var arguments = Environment.GetCommandLineArgs()[1..];
        switch (part)
        {
            case OutboxKillTests.Appender:
                OutboxKillTests.AppendForEver(arguments[0], int.Parse(arguments[1]));
                break;
            case ContractVectors.Writer:
                ContractVectors.Write(arguments[0]);
                break;
        }
        Environment.Exit(0);
    }
}
