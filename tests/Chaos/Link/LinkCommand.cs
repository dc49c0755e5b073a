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
