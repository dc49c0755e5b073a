using System.CommandLine;

namespace EdgeAgent.Chaos.Power;

/// <summary>`chaos power`: the power goes, the process dies; what was promised stands, and nothing happens twice.</summary>
internal static class PowerCommand
{
    /// <summary>The traced program's own command.</summary>
    public const string Writer = "power-writer";

    public static Command Create()
    {
        var cuts = new Option<int>("--cuts") { Description = "Simulated power cuts of the storage of car and centre. 0: none.", DefaultValueFactory = _ => 10_000 };
        var seed = new Option<int>("--seed") { Description = "What everything random follows from.", DefaultValueFactory = _ => System.Security.Cryptography.RandomNumberGenerator.GetInt32(1_000_000) };
        var skipSync = new Option<bool>("--skip-sync") { Description = "Record a program whose fsync does nothing: it must be found out." };
        var command = new Command("power", "Kills host, eyes and centre, and cuts the power of their storage. Example: chaos power --count 200") { cuts, seed, skipSync };
        command.SetAction((parsed, stop) => Verdict.RunAsync(async () =>
        {
            var run = new CutRun(Environment.ProcessPath!, parsed.GetValue(seed), parsed.GetValue(skipSync), Console.Error);
            CutFigures figures = await run.RunAsync(parsed.GetValue(cuts), stop);
            return (figures, (IReadOnlyList<string>)figures.First);
        }));
        return command;
    }

    public static Command CreateWriter()
    {
        var folder = new Option<string>("--folder") { Required = true };
        var seed = new Option<int>("--seed") { Required = true };
        var steps = new Option<int>("--steps") { Required = true };
        var killed = new Option<bool>("--killed");
        var command = new Command(Writer, "The program that is cut.") { folder, seed, steps, killed };
        command.Hidden = true;
        command.SetAction((parsed, _) => CutWriter.RunAsync(parsed.GetRequiredValue(folder), parsed.GetValue(seed), parsed.GetValue(steps), parsed.GetValue(killed)));
        return command;
    }
}
