using System.CommandLine;
using System.Security.Cryptography;

namespace EdgeAgent.Chaos.Disk;

/// <summary>`chaos disk`: a shift whose disk another program fills.</summary>
internal static class DiskCommand
{
    public static Command Create()
    {
        var minutes = new Option<int>("--minutes") { Description = "Of the shift, simulated.", DefaultValueFactory = _ => 60 };
        var seed = new Option<int?>("--seed") { Description = "What everything random follows from. Default: another one each time; it is printed." };
        var without = new Option<bool>("--without-reserve") { Description = "As if the outbox held nothing back: this must fail.", Hidden = true };
        var command = new Command("disk", "A full disk: decisions go on being taken, the rest makes room, and everything comes once there is space. Needs root. Example: chaos disk --minutes 60") { minutes, seed, without };
        command.SetAction((parsed, stop) => Verdict.RunAsync(async () =>
        {
            var plan = DiskPlan.Make(parsed.GetValue(seed) ?? RandomNumberGenerator.GetInt32(1_000_000), parsed.GetValue(minutes), !parsed.GetValue(without));
            DiskFigures figures = await new DiskRun(plan, Environment.ProcessPath!, Console.Error, TimeProvider.System).RunAsync(stop);
            return (figures, (IReadOnlyList<string>)[.. figures.Wrong()]);
        }));
        return command;
    }
}
