using System.CommandLine;

namespace EdgeAgent.Chaos.Canary;

internal static class CanaryCommand
{
    public static Command Create()
    {
        var minutes = new Option<double>("--minutes") { Description = "How long people and plates drive past.", DefaultValueFactory = _ => 3 };
        var keep = new Option<string?>("--keep") { Description = "Leave everything that was written in this folder, which must not exist." };
        var leak = new Option<bool>("--leak") { Description = "As if the car had kept a face: this must fail.", Hidden = true };
        var repository = new Option<string>("--repository") { Description = "Root of the checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
        var command = new Command(
            "canary", "Whoever is on no list leaves no trace: drives them past the cameras, lets everything crash and looks through what is left. Example: chaos canary --minutes 3")
        { minutes, keep, leak, repository };
        command.SetAction((parsed, stop) => Verdict.RunAsync(async () =>
        {
            double given = parsed.GetValue(minutes);
            if (given is not (> 0 and <= 600))
                throw new ScenarioException($"--minutes {given}: above 0, at most 600.");
            string root = Path.GetFullPath(parsed.GetValue(repository)!);
            string state = parsed.GetValue(keep) is { } folder ? Path.GetFullPath(folder) : Path.Combine(root, ".run", $"canary-{Environment.ProcessId}");
            if (Directory.Exists(state))
                throw new ScenarioException($"{state} exists.");
            string before = Environment.CurrentDirectory;
            try
            {
                CanaryFigures figures = await new CanaryRun(root, state, Console.Error, parsed.GetValue(leak)).RunAsync(TimeSpan.FromMinutes(given), stop);
                return (figures, (IReadOnlyList<string>)[.. figures.Wrong()]);
            }
            finally
            {
                Environment.CurrentDirectory = before;
                if (parsed.GetValue(keep) is null && Directory.Exists(state))
                    Directory.Delete(state, recursive: true);
            }
        }));
        return command;
    }

    /// <summary>What `canary` starts to have a core to look through.</summary>
    public static Command CreateHolder()
    {
        var command = new Command(Planting.HolderName) { Hidden = true };
        command.SetAction(_ => Planting.HoldAndAbort());
        return command;
    }
}
