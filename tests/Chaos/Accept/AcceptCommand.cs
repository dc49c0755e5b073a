using System.CommandLine;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Chaos.Accept;

/// <summary>`chaos accept`: faults made in a unit on purpose, each of which an acceptance must call by its name.</summary>
internal static class AcceptCommand
{
    public static Command Create()
    {
        var only = new Option<string[]>("--fault") { Description = "Only faults with this in their name or code; may be given several times." };
        var state = new Option<string?>("--state") { Description = "Folder for all that this run writes; emptied first. Default: .run/accept of the checkout." };
        var repository = new Option<string>("--repository") { Description = "Root of the checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
        var command = new Command(
            "accept", "Accepts a car on the bench, makes one fault after the other in it, and asks edgectl what is wrong. Example: chaos accept --fault camera")
        { only, state, repository };
        command.SetAction((parsed, stop) => Verdict.RunAsync(async () =>
        {
            string root = Path.GetFullPath(parsed.GetValue(repository)!);
            RunOptions options = RunOptions.OfThisBuild(root, Path.GetFullPath(parsed.GetValue(state) ?? Path.Combine(root, ".run", "accept"))) with { Supervised = true };
            string[] parts = parsed.GetValue(only) ?? [];
            SeededFault[] faults = [.. FaultList.All.Where(f => parts.Length == 0 || parts.Any(f.IsCalled))];
            AcceptFigures figures = await new AcceptRun(options, faults).RunAsync(stop);
            return (figures, (IReadOnlyList<string>)[.. figures.Wrong()]);
        }));
        return command;
    }
}
