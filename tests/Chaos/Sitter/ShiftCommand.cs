using System.CommandLine;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Chaos.Sitter;

/// <summary>`chaos shift`: an officer's whole shift, with the officer before the cab camera. Behind `./dev shift`.</summary>
internal static class ShiftCommand
{
    public static Command Create()
    {
        var folder = new Option<string>("--out") { Description = "Put pictures of it into this folder.", DefaultValueFactory = _ => Path.Combine("docs", "terminal") };
        var picture = new Option<string>("--picture") { Description = "A picture of one person who looks ahead: the officer.", DefaultValueFactory = _ => Path.Combine(".cache", "rig", "pictures", "hopper.jpg") };
        var seed = new Option<int>("--seed") { Description = "Habits of the person, light and lens.", DefaultValueFactory = _ => 1 };
        var state = new Option<string?>("--state") { Description = "Folder for all that this run writes; emptied first. Default: .run/shift of the checkout." };
        var repository = new Option<string>("--repository") { Description = "Root of the checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
        var command = new Command(
            "shift", "An officer's whole shift through both pages, from sign-in by face, the link cut in its middle, in both languages. Example: chaos shift --out docs/terminal")
        { folder, picture, seed, state, repository };
        command.SetAction(async (parsed, stop) =>
        {
            string root = Path.GetFullPath(parsed.GetValue(repository)!);
            var drive = new DriveOptions("shift.mjs", Path.GetFullPath(parsed.GetValue(folder)!), HoldsLink: true);
            string written = Path.GetFullPath(parsed.GetValue(state) ?? Path.Combine(root, ".run", "shift"));
            var progress = new Progress();
            try
            {
                await using SeatedBench seated = await SeatedBench.StartAsync(root, written, parsed.GetValue(picture)!, parsed.GetValue(seed), drive, progress, stop);
                Console.Write(await progress.StepAsync(drive.Script, () => seated.Bench.DriveAsync(drive, ["--sitter", seated.Control], stop)));
                await progress.StepAsync("car delivers and ends", seated.Bench.EndAsync);
                return 0;
            }
            catch (Exception e) when (e is ScenarioException or BenchException)
            {
                return Verdict.Refuse(e.Message);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return 130;
            }
        });
        return command;
    }
}
