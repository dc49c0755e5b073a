using System.CommandLine;
using System.Security.Cryptography;

namespace EdgeAgent.Chaos.Update;

/// <summary>`chaos update`: the power goes in every step of an update, bundles are not what they say, the ignition is turned again and again.</summary>
internal static class UpdateCommand
{
    public static Command Create()
    {
        var count = new Option<int>("--count") { Description = "Updates with the power cut somewhere in them. 0: none.", DefaultValueFactory = _ => 100 };
        var bundles = new Option<int>("--bundles") { Description = "Tampered, older and foreign bundles. 0: none.", DefaultValueFactory = _ => 10_000 };
        var cycles = new Option<int>("--cycles") { Description = "Quick ignition cycles with a new version on trial. 0: none.", DefaultValueFactory = _ => 100 };
        var downloads = new Option<int>("--downloads") { Description = "Kills while the car on the bench fetches a release from the real centre. 0: none.", DefaultValueFactory = _ => 0 };
        var repository = new Option<string>("--repository") { Description = "Root of the checkout; for --downloads.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
        var seed = new Option<int?>("--seed") { Description = "What everything random follows from. Default: another one each time; it is printed." };
        var careless = new Option<bool>("--into-active") { Description = "Update by unpacking over what runs: the cuts must find it out, and nothing else is done." };
        var command = new Command("update", "Cuts the power in updates, offers bad bundles, turns the ignition. Example: chaos update --count 1000 --seed 1") { count, bundles, cycles, downloads, repository, seed, careless };
        command.SetAction((parsed, stop) => Verdict.RunAsync(async () =>
        {
            int from = parsed.GetValue(seed) ?? RandomNumberGenerator.GetInt32(1_000_000);
            bool naive = parsed.GetValue(careless);
            using var world = new UpdateWorld(from, TimeProvider.System);
            BundleFigures? refused = parsed.GetValue(bundles) is > 0 and int bad && !naive ? await new BadBundles(world, Console.Error).RunAsync(bad, stop) : null;
            IgnitionFigures? turned = parsed.GetValue(cycles) is > 0 and int quick && !naive ? await new IgnitionRun(world, Console.Error).RunAsync(quick, stop) : null;
            UpdateFigures? cut = parsed.GetValue(count) is > 0 and int cuts ? await new UpdateRun(world, naive ? Environment.ProcessPath : null, Console.Error).RunAsync(cuts, stop) : null;
            DownloadFigures? fetched = parsed.GetValue(downloads) is > 0 and int kills && !naive ? await new DownloadRun(Path.GetFullPath(parsed.GetValue(repository)!), from).RunAsync(kills, stop) : null;
            return (
                new { Seed = from, IntoActive = naive, Updates = cut, Bundles = refused, Ignition = turned, Downloads = fetched },
                (IReadOnlyList<string>)[.. cut?.Wrong() ?? [], .. refused?.Wrong() ?? [], .. turned?.Wrong() ?? [], .. fetched?.Wrong() ?? []]);
        }));
        return command;
    }

    /// <summary>The program that `--into-active` cuts: what an update must not be.</summary>
    public static Command CreateCareless()
    {
        var bundle = new Option<string>("--bundle") { Required = true };
        var roots = new Option<string>("--roots") { Required = true };
        var to = new Option<string>("--to") { Required = true };
        var command = new Command(CarelessUpdate.Name, "Unpacks a bundle over a folder.") { bundle, roots, to };
        command.Hidden = true;
        command.SetAction(parsed => CarelessUpdate.Run(parsed.GetRequiredValue(bundle), parsed.GetRequiredValue(roots), parsed.GetRequiredValue(to)));
        return command;
    }
}
