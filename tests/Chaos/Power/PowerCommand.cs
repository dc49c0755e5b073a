using System.CommandLine;
using System.Security.Cryptography;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Chaos.Power;

/// <summary>`chaos power`: the power goes, the process dies; what was promised stands, and nothing happens twice.</summary>
internal static class PowerCommand
{
    /// <summary>The traced program's own command.</summary>
    public const string Writer = "power-writer";

    public static Command Create()
    {
        var count = new Option<int>("--count") { Description = "Real kill -9 of host, eyes and centre while an officer decides. 0: none.", DefaultValueFactory = _ => 50 };
        var cuts = new Option<int>("--cuts") { Description = "Simulated power cuts of the storage of car and centre. 0: none.", DefaultValueFactory = _ => 10_000 };
        var seed = new Option<int?>("--seed") { Description = "What everything random follows from. Default: another one each time; it is printed." };
        var skipSync = new Option<bool>("--skip-sync") { Description = "Record a program whose fsync does nothing: the cuts must find it out, and nothing else is done." };
        var keep = new Option<string?>("--keep") { Description = "Folder to keep disks in after which a promise was broken, as they were before anybody opened them." };
        var repository = new Option<string>("--repository") { Description = "Root of the checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
        var command = new Command("power", "Kills host, eyes and centre, and cuts the power of their storage. Example: chaos power --count 200") { count, cuts, seed, skipSync, keep, repository };
        command.SetAction((parsed, stop) => Verdict.RunAsync(async () =>
        {
            int from = parsed.GetValue(seed) ?? RandomNumberGenerator.GetInt32(1_000_000);
            bool unsynced = parsed.GetValue(skipSync);
            CutFigures? cut = parsed.GetValue(cuts) is > 0 and int disks
                ? await new CutRun(Environment.ProcessPath!, from, unsynced, parsed.GetValue(keep), Console.Error).RunAsync(disks, stop) : null;
            KillFigures? killed = parsed.GetValue(count) is > 0 and int kills && !unsynced ? await KillAsync(parsed.GetValue(repository)!, kills, from, stop) : null;
            return (new { Seed = from, SyncSkipped = unsynced, Cuts = cut, Kills = killed }, (IReadOnlyList<string>)[.. cut?.First ?? [], .. killed?.Wrong() ?? []]);
        }));
        return command;
    }

    private static async Task<KillFigures> KillAsync(string repository, int count, int seed, CancellationToken stop)
    {
        string state = Path.Combine(Path.GetFullPath(repository), ".run", $"chaos-{Environment.ProcessId}");
        RunOptions options = RunOptions.OfThisBuild(Path.GetFullPath(repository), state) with { RepeatSuppressSeconds = 3 };
        await using var bench = new Bench(options, new Progress(), TimeProvider.System);
        await bench.StartAsync(stop);
        KillFigures figures = await new KillRun(bench, seed, Console.Error, TimeProvider.System).RunAsync(count, stop);
        _ = await bench.EndAsync();
        // What went wrong can be looked at; what went well leaves nothing.
        if (!figures.Wrong().Any())
            Directory.Delete(state, recursive: true);
        return figures;
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
