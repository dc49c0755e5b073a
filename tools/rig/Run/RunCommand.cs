using System.CommandLine;

namespace EdgeAgent.Rig.Run;

/// <summary>`rig run`: the main job on one machine. Behind `./dev run`.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var seconds = new Option<int>("--for", "--seconds") { Description = "End after so many seconds; a scripted officer decides the alerts. 0: run until Ctrl-C, you are the officer." };
        var repository = new Option<string>("--repository") { Description = "Root of the checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
        var binaries = new Option<string?>("--binaries") { Description = "Built files, one folder a project. Default: artifacts/bin of the checkout." };
        var configuration = new Option<string>("--configuration") { Description = "release or debug.", DefaultValueFactory = _ => "release" };
        var state = new Option<string?>("--state") { Description = "Folder for all that this run writes; emptied first. Default: .run/bench of the checkout." };
        var screenshots = new Option<string?>("--screenshots") { Description = "Take the pictures of both pages into this folder instead of deciding alerts." };
        var wall = new Option<string?>("--wall") { Description = "Drive a wall of live views and its evidence through both pages to its end, and put pictures of it into this folder." };
        var pictures = new Option<string?>("--pictures") { Description = "Folder of pictures of people, one person a file or folder, instead of the free ones." };
        var camera = new Option<string[]>("--camera") { Description = "ID=RTSP-URL or ID=VIDEO-FILE: a camera of your own, e.g. cam3=rtsp://192.0.2.7/stream." };
        var seed = new Option<int?>("--seed") { Description = "Seed of everything random on the bench." };
        var measure = new Option<bool>("--measure") { Description = "Print what host and eyes use over the run, after a warm-up and with one live view open. Default 60 seconds." };
        var accept = new Option<bool>("--accept") { Description = "Accept the car as a technician does (edgectl accept), print what was found as one JSON line, and end." };
        var vision = new Option<string[]>("--vision") { Description = "KEY=VALUE: an option of the car's section Vision, e.g. MainDecode=continuous." };
        var command = new Command("run", "Runs the whole chain on this machine: bench cameras, car, command centre. Example: rig run --for 60")
        { seconds, repository, binaries, configuration, state, screenshots, wall, pictures, camera, seed, measure, accept, vision };

        command.SetAction(async (parsed, stop) =>
        {
            string root = Path.GetFullPath(parsed.GetValue(repository)!);
            var arguments = new List<string>();
            if (parsed.GetValue(pictures) is { } folder)
                arguments.AddRange(["--pictures", Path.GetFullPath(folder)]);
            if (parsed.GetValue(seed) is { } number)
                arguments.AddRange(["--seed", number.ToString()]);
            foreach (string own in parsed.GetValue(camera) ?? [])
                arguments.AddRange(["--camera", own]);
            var options = new RunOptions
            {
                Repository = root,
                Binaries = parsed.GetValue(binaries) ?? Path.Combine(root, "artifacts", "bin"),
                Configuration = parsed.GetValue(configuration)!,
                Seconds = parsed.GetValue(measure) && parsed.GetValue(seconds) <= 0 ? 60 : parsed.GetValue(seconds),
                Measure = parsed.GetValue(measure),
                Accept = parsed.GetValue(accept),
                Supervised = parsed.GetValue(accept),
                Vision = Pairs(parsed.GetValue(vision) ?? []),
                State = Path.GetFullPath(parsed.GetValue(state) ?? Path.Combine(root, ".run", "bench")),
                Drive = Driven(parsed.GetValue(screenshots), parsed.GetValue(wall)),
                RigArguments = arguments,
            };
            try
            {
                return await new BenchRun(options, TimeProvider.System).RunAsync(stop);
            }
            catch (BenchException error)
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

    private static DriveOptions? Driven(string? screenshots, string? wall) => (screenshots, wall) switch
    {
        ({ } folder, _) => new DriveOptions("screenshots.mjs", Path.GetFullPath(folder), CarGivesWay: false),
        (_, { } folder) => new DriveOptions("wall.mjs", Path.GetFullPath(folder)),
        _ => null,
    };

    private static Dictionary<string, string> Pairs(string[] given) =>
        given.Select(g => g.Split('=', 2)).ToDictionary(g => g[0], g => g.Length == 2 ? g[1] : "true");
}
