using System.CommandLine;

namespace EdgeAgent.Chaos.Login;

internal static class LoginCommand
{
    public static Command Create()
    {
        var count = new Option<int>("--count") { Description = "Attempts of attackers, and as many logins of officers.", DefaultValueFactory = _ => 210 };
        var seed = new Option<int>("--seed") { Description = "Everything is drawn from it.", DefaultValueFactory = _ => 1 };
        var pictures = new Option<string>("--pictures") { Description = "A folder for each person, with two pictures or more.", DefaultValueFactory = _ => "../shared/data/faces-lfw" };
        var tune = new Option<bool>("--tune") { Description = "On the half of the people that the limits were chosen on." };
        var only = new Option<Presented>("--only") { Description = "Attackers or officers alone, for a shorter run that shows no goal." };
        var command = new Command(
            "login", "Prints, screens and clips of officers before the cab camera, and the officers themselves. Example: chaos login --count 210 --seed 2")
        { count, seed, pictures, tune, only };
        command.SetAction((parsed, stop) => Verdict.RunAsync(async () =>
        {
            int attempts = parsed.GetValue(count);
            if (attempts is not (>= 20 and <= 20_000))
                throw new ScenarioException($"--count {attempts}: 20 to 20000.");
            string folder = parsed.GetValue(pictures)!;
            if (!Directory.Exists(folder))
                throw new ScenarioException($"{folder} does not exist: name a folder of people with --pictures (LFW's layout: one folder a person).");
            var run = new LoginRun(folder, attempts, parsed.GetValue(seed), parsed.GetValue(tune), parsed.GetValue(only), Console.Error);
            LoginFigures figures = await Task.Run(() => run.Run(stop), stop);
            string[] wrong = figures.Attacks.AcceptedAttempts is { Count: > 0 } taken ? [$"{taken.Count} of {taken.Of} attacks were accepted"] : [];
            return (figures, (IReadOnlyList<string>)wrong);
        }));
        return command;
    }
}
