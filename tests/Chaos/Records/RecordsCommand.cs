using System.CommandLine;
using System.Security.Cryptography;

namespace EdgeAgent.Chaos.Records;

/// <summary>`chaos audit`, `chaos clock` and `chaos alerts`: what would make the record or the lists lie.</summary>
internal static class RecordsCommand
{
    public static Command CreateAudit()
    {
        var count = new Option<int>("--count") { Description = "Changed chains.", DefaultValueFactory = _ => 10_000 };
        var day = new Option<int>("--day") { Description = "Records of the chain whose walk is timed.", DefaultValueFactory = _ => 10_000 };
        var without = new Option<bool>("--without-head") { Description = "As if no head had left the car: this must fail.", Hidden = true };
        Option<int?> seed = Seed();
        var command = new Command("audit", "Changes an audit chain in every way there is; the verifier must find each. Example: chaos audit --count 10000 --seed 5") { count, day, seed, without };
        command.SetAction((parsed, stop) => Verdict.RunAsync(() => WithFolder(folder =>
        {
            AuditFigures figures = new AuditRun(Given(parsed.GetValue(seed)), folder, Console.Error, !parsed.GetValue(without)).Run(AtLeast("--count", parsed.GetValue(count)), AtLeast("--day", parsed.GetValue(day)), stop);
            return (figures, (IReadOnlyList<string>)[.. figures.Wrong()]);
        })));
        return command;
    }

    public static Command CreateAlerts()
    {
        var count = new Option<int>("--count") { Description = "Histories: all short ones, the rest drawn.", DefaultValueFactory = _ => 1_000_000 };
        var unsigned = new Option<bool>("--unsigned") { Description = "As if a confirmation counted before it was signed: this must fail.", Hidden = true };
        Option<int?> seed = Seed();
        var command = new Command("alerts", "Everything that can happen to an alert, in every order: never confirmed without a signed decision. Example: chaos alerts --count 1000000 --seed 5") { count, seed, unsigned };
        command.SetAction((parsed, stop) => Verdict.RunAsync(() => WithFolder(folder =>
        {
            AlertFigures figures = new AlertRun(Given(parsed.GetValue(seed)), folder, Console.Error, !parsed.GetValue(unsigned)).Run(AtLeast("--count", parsed.GetValue(count)), stop);
            return (figures, (IReadOnlyList<string>)[.. figures.Wrong()]);
        })));
        return command;
    }

    public static Command CreateClock()
    {
        var count = new Option<int>("--count") { Description = "Lives of a list.", DefaultValueFactory = _ => 1000 };
        var wall = new Option<bool>("--believe-wall") { Description = "As if the machine's clock were believed: this must fail.", Hidden = true };
        Option<int?> seed = Seed();
        var command = new Command("clock", "Clocks set back and forward by years, dead batteries, forged satellites, against the end of lists. Example: chaos clock --count 1000 --seed 5") { count, seed, wall };
        command.SetAction((parsed, stop) => Verdict.RunAsync(() => WithFolder(folder =>
        {
            ClockFigures figures = new ClockRun(Given(parsed.GetValue(seed)), folder, Console.Error, parsed.GetValue(wall)).Run(AtLeast("--count", parsed.GetValue(count)), stop);
            return (figures, (IReadOnlyList<string>)[.. figures.Wrong()]);
        })));
        return command;
    }

    private static Option<int?> Seed() => new("--seed") { Description = "What everything random follows from. Default: another one each time; it is printed." };

    private static int Given(int? seed) => seed ?? RandomNumberGenerator.GetInt32(1_000_000);

    private static int AtLeast(string option, int value) => value >= 1 ? value : throw new ScenarioException($"{option} {value}: at least 1.");

    private static Task<T> WithFolder<T>(Func<string, T> play)
    {
        string folder = Directory.CreateTempSubdirectory("chaos-").FullName;
        try
        {
            return Task.FromResult(play(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
