using System.CommandLine;
using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Network;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Rig.Live;

/// <summary>`rig live`: behind `./dev bench live`.</summary>
internal static class LiveCommand
{
    public static Command Create()
    {
        var network = new Option<string>("--network") { Description = $"both (lan and 5g), one of {string.Join(", ", LinkConditions.Named.Keys)}, or narrowing: 5g, edge, crowd and 5g again under one view, each for a window.", DefaultValueFactory = _ => "both" };
        var minutes = new Option<double>("--minutes") { Description = "Of each window; the drift compares its first and last half minute.", DefaultValueFactory = _ => 10 };
        var quality = new Option<string>("--quality") { Description = "sub or main: which stream the dispatcher asks for.", DefaultValueFactory = _ => "sub" };
        var seed = new Option<int>("--seed") { Description = "Of what the link loses and delays.", DefaultValueFactory = _ => 1 };
        var repository = new Option<string>("--repository") { Description = "Root of the checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
        var binaries = new Option<string?>("--binaries") { Description = "Built files, one folder a project. Default: artifacts/bin of the checkout." };
        var configuration = new Option<string>("--configuration") { Description = "release or debug.", DefaultValueFactory = _ => "release" };
        var state = new Option<string?>("--state") { Description = "Folder for all that this run writes; emptied first. Default: .run/live of the checkout." };
        var command = new Command("live", "How old a picture is when a dispatcher sees it, over an emulated link (root). Example: rig live --network 5g --minutes 1")
        { network, minutes, quality, seed, repository, binaries, configuration, state };
        network.AcceptOnlyFromAmong(["both", LiveBench.Narrowing, .. LinkConditions.Named.Keys]);
        quality.AcceptOnlyFromAmong("sub", "main");

        command.SetAction(async (parsed, stop) =>
        {
            string root = Path.GetFullPath(parsed.GetValue(repository)!);
            var run = new RunOptions
            {
                Repository = root,
                Binaries = parsed.GetValue(binaries) ?? Path.Combine(root, "artifacts", "bin"),
                Configuration = parsed.GetValue(configuration)!,
                State = Path.GetFullPath(parsed.GetValue(state) ?? Path.Combine(root, ".run", "live")),
            };
            string wanted = parsed.GetValue(network)!;
            var options = new LiveOptions(run, wanted == "both" ? ["lan", "5g"] : [wanted], parsed.GetValue(minutes), parsed.GetValue(quality)!, parsed.GetValue(seed));
            try
            {
                return await new LiveBench(options, TimeProvider.System).RunAsync(stop);
            }
            catch (Exception error) when (error is BenchException or RigException)
            {
                await Console.Error.WriteLineAsync(error.Message);
                return 1;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return 130;
            }
        });
        return command;
    }
}
