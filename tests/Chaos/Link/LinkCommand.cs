using System.CommandLine;
using System.Security.Cryptography;

namespace EdgeAgent.Chaos.Link;

/// <summary>`chaos link`: the network's bad days, between a real car's link and a real centre.</summary>
internal static class LinkCommand
{
    public static Command Create()
    {
        var profile = new Option<string>("--profile") { Description = $"{string.Join(", ", LinkProfile.Names)}, or all.", DefaultValueFactory = _ => "all" };
        var seconds = new Option<double>("--seconds") { Description = "Length of each.", DefaultValueFactory = _ => 120 };
        var seed = new Option<int?>("--seed") { Description = "What everything random follows from. Default: another one each time; it is printed." };
        var command = new Command("link", "Tunnels, crowds, a network that flaps, one that forgets connections. Needs root. Example: chaos link --profile tunnel") { profile, seconds, seed };
        command.SetAction((parsed, stop) => Verdict.RunAsync(async () =>
        {
            int from = parsed.GetValue(seed) ?? RandomNumberGenerator.GetInt32(1_000_000);
            string asked = parsed.GetValue(profile)!;
            var figures = new List<LinkFigures>();
            foreach (string name in asked == "all" ? LinkProfile.Names : [asked])
                figures.Add(await PlayAsync(LinkProfile.Make(name, from, parsed.GetValue(seconds)), from, stop));
            return (figures.Count == 1 ? (object)figures[0] : new { Seed = from, Profiles = figures }, (IReadOnlyList<string>)[.. figures.SelectMany(f => f.Wrong().Select(wrong => $"{f.Profile}: {wrong}"))]);
        }));
        return command;
    }

    /// <summary>`chaos offline`: days without a network, in simulated time, then a real one.</summary>
    public static Command CreateOffline()
    {
        var hours = new Option<int>("--hours") { Description = "Without a network.", DefaultValueFactory = _ => 72 };
        var seconds = new Option<double>("--seconds") { Description = "Of work after it is back; then the rest is waited for.", DefaultValueFactory = _ => 30 };
        var seed = new Option<int?>("--seed") { Description = "What everything random follows from. Default: another one each time; it is printed." };
        var command = new Command("offline", "Days without a network; everything comes, the urgent first. Needs root. Example: chaos offline --hours 72") { hours, seconds, seed };
        command.SetAction((parsed, stop) => Verdict.RunAsync(async () =>
        {
            int from = parsed.GetValue(seed) ?? RandomNumberGenerator.GetInt32(1_000_000);
            LinkFigures figures = await PlayAsync(LinkProfile.Offline(parsed.GetValue(hours), parsed.GetValue(seconds)), from, stop);
            List<string> wrong = [.. figures.Wrong()];
            if (figures.LivePosition is not { MaxMs: <= 1000 })
                wrong.Add($"a live position was {figures.LivePosition.MaxMs} ms old while the backlog came in; 1000 are allowed");
            return ((object)new { Hours = parsed.GetValue(hours), Figures = figures }, (IReadOnlyList<string>)wrong);
        }));
        return command;
    }

    private static async Task<LinkFigures> PlayAsync(LinkProfile profile, int seed, CancellationToken stop)
    {
        string state = Directory.CreateTempSubdirectory("chaos-link-").FullName;
        await Console.Error.WriteLineAsync($"  {profile.Name}: {profile.Says}, {profile.Seconds:0} s, seed {seed}");
        LinkFigures figures = await new LinkRun(profile, seed, Environment.ProcessPath!, state, Console.Error, TimeProvider.System).RunAsync(stop);
        if (figures.Wrong().Any())
            await Console.Error.WriteLineAsync($"  what both ends wrote is kept in {state}");
        else
            Directory.Delete(state, recursive: true);
        return figures;
    }
}
