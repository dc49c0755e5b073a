using System.CommandLine;
using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Rig;

/// <summary>`rig serve`: the bench alone, until it is told to end.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var state = new Option<string>("--state") { Description = "Folder for rig.json, truth.json and the watch files.", Required = true };
        var pictures = new Option<string?>("--pictures") { Description = "Folder of pictures of people, one person a file or folder, instead of the free ones." };
        var camera = new Option<string[]>("--camera") { Description = "ID=RTSP-URL[,SUB-URL] or ID=VIDEO-FILE: a camera of your own. Ids are cam1 to cam7 and cab." };
        var cameras = new Option<int>("--cameras") { Description = "Capture cameras, 1 to 7.", DefaultValueFactory = _ => Cast.CaptureCameras };
        var port = new Option<int>("--rtsp-port") { Description = "0: any free port." };
        var seed = new Option<int>("--seed") { Description = "Everything random follows from it.", DefaultValueFactory = _ => new ClipOptions().Seed };
        var loop = new Option<float>("--loop") { Description = "Seconds of each clip.", DefaultValueFactory = _ => new ClipOptions().LoopSeconds };
        var cache = new Option<string?>("--cache") { Description = "Folder that keeps the clips. Default: .cache/rig of the checkout." };
        var listOnly = new Option<bool>("--list-only") { Description = "Make clips, truth.json and watch files, and end." };
        var command = new Command("serve", "Cameras, PTZ and GNSS of a patrol car on loopback. Example: rig serve --state .run/rig")
        { state, pictures, camera, cameras, port, seed, loop, cache, listOnly };

        command.SetAction(async (parsed, stop) =>
        {
            try
            {
                var options = new RigOptions
                {
                    StateDirectory = Path.GetFullPath(parsed.GetValue(state)!),
                    PicturesDirectory = parsed.GetValue(pictures) is { } folder ? Path.GetFullPath(folder) : null,
                    OwnCameras = ReadCameras(parsed.GetValue(camera) ?? []),
                    Cameras = parsed.GetValue(cameras),
                    RtspPort = parsed.GetValue(port),
                    ListOnly = parsed.GetValue(listOnly),
                    Clips = new ClipOptions { Seed = parsed.GetValue(seed), LoopSeconds = parsed.GetValue(loop) },
                };
                if (parsed.GetValue(cache) is { } kept)
                    options = options with { CacheDirectory = Path.GetFullPath(kept) };
                return await ServeAsync(options, stop);
            }
            catch (RigException error)
            {
                await Console.Error.WriteLineAsync(error.Message);
                return 1;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return 0;
            }
        });
        return command;
    }

    private static async Task<int> ServeAsync(RigOptions options, CancellationToken stop)
    {
        await using RigServer rig = await RigServer.StartAsync(options, new ErrorLines(), TimeProvider.System, stop);
        if (options.ListOnly)
            return 0;
        await Console.Error.WriteLineAsync($"rig: ready, {rig.Endpoints.Cameras.Count} cameras, control {rig.Endpoints.Control}");
        await rig.BrokenAsync(stop);
        return 1;
    }

    private static Dictionary<string, string> ReadCameras(string[] given)
    {
        var cameras = new Dictionary<string, string>();
        foreach (string text in given)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == text.Length - 1)
                throw new RigException($"--camera {text}: write ID=URL or ID=FILE, for example cam3=rtsp://192.0.2.7/stream.");
            cameras[text[..equals]] = text[(equals + 1)..];
        }
        return cameras;
    }

    /// <summary>Progress as lines on standard error, in the order of the calls.</summary>
    private sealed class ErrorLines : IProgress<string>
    {
        public void Report(string value) => Console.Error.WriteLine("rig: " + value);
    }
}
