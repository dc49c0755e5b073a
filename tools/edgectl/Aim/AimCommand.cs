using System.CommandLine;
using System.Net;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Edgectl.Aim;

/// <summary>`edgectl aim`: a camera's live picture while somebody turns it, with guides and how wide plates and faces are.</summary>
internal static class AimCommand
{
    private const float PicturesPerSecond = 4;

    public static Command Create()
    {
        var (config, json) = (ConfigCommand.File(), Cli.AsJson());
        var camera = new Argument<string>("camera") { Description = "The camera's Id in the options file." };
        var listen = new Option<string>("--listen") { Description = "Where the page is served; 0.0.0.0:8091 for a telephone in the car's network.", DefaultValueFactory = _ => "127.0.0.1:8091" };
        var seconds = new Option<double?>("--seconds") { Description = "End by itself after this long. Default: at Ctrl-C." };
        var command = new Command(
            "aim",
            """
            Shows a camera's main stream at a page of its own while it is turned: guides, and how many pixels wide plates and faces are in
            it. Faces are covered before anybody sees the picture; nothing is read, compared or kept. The agent may run meanwhile.

            Example: edgectl aim cam1 --listen 0.0.0.0:8091
            JSON, at the end: {"camera","width","height","pictures","brightness","plates":{"now","widest","verdict"},"faces":{…}}; widths in
            pixels of the main stream, of the last ten seconds; verdict good, near, small or none.
            Exit codes: 0 pictures came, 1 not (codes unknown_camera, bad_configuration, no_picture), 2 wrong command line.
            """)
        { camera, config, listen, seconds, json };
        command.Does(json, async (parsed, stop) =>
        {
            var (options, problems) = CarOptions.Read(parsed.GetValue(config)!);
            if (options is null)
                throw new CommandException("bad_configuration", string.Join(' ', problems));
            string id = parsed.GetRequiredValue(camera);
            var aimed = CameraLogins.Over(options).Cameras.FirstOrDefault(c => c.Id == id)
                ?? throw new CommandException("unknown_camera", $"The options file has no camera '{id}'; it has {string.Join(", ", options.Cameras.Select(c => c.Id))}.");
            if (!IPEndPoint.TryParse(parsed.GetValue(listen)!, out var at))
                throw new IOException($"--listen {parsed.GetValue(listen)}: an address and a port, such as 127.0.0.1:8091.");
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            if (parsed.GetValue(seconds) is { } length)
                limit.CancelAfter(TimeSpan.FromSeconds(Cli.Within(length, 1, 86_400, "--seconds")));
            return await RunAsync(aimed, at, parsed.GetValue(json), limit.Token);
        });
        return command;
    }

    private static async Task<int> RunAsync(Agent.Hosting.CameraOptions camera, IPEndPoint listen, bool json, CancellationToken stop)
    {
        var board = new AimBoard(TimeProvider.System);
        await using var page = new AimPage(camera.Id, $"{camera.LabelZh} {camera.LabelEn}".Trim(), board);
        await page.StartAsync(listen, stop);
        await Console.Error.WriteLineAsync($"{page.Address}  (Ctrl-C ends it)");
        using var pool = new FramePool();
        using var look = new AimLook(ModelStore.Open());
        // One at a time on the reader's own thread: what it has no time for is not decoded to a picture.
        using var reader = new CameraReader(
            new Hw.Cameras.CameraOptions(camera.Id, camera.Main, camera.Main, KeepMain: false, new PacketRingOptions()), pool,
            new FrameTakers(frame =>
            {
                using (frame)
                    board.Take(look.Look(frame));
            }),
            TimeProvider.System, NullLogger.Instance);
        // Widths are told in the stream's own pixels.
        reader.Analysis.MaxWidth = FramePool.MaxSide;
        reader.Analysis.Fps = PicturesPerSecond;
        reader.Start();
        await TellAsync(reader, board, stop);
        return Conclude(camera, reader, board, json);
    }

    /// <summary>A line a second on standard error, until it is over.</summary>
    private static async Task TellAsync(CameraReader reader, AimBoard board, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), stop);
                string words = board.IsStale ? reader.State.Detail is { Length: > 0 } why ? why : "waiting for a picture" : $"plate {Words(board.Plates)}, face {Words(board.Faces)}";
                await Console.Error.WriteAsync(Console.IsErrorRedirected ? $"{words}\n" : $"\r{words,-70}");
            }
        }
        catch (OperationCanceledException)
        {
            if (!Console.IsErrorRedirected)
                await Console.Error.WriteLineAsync();
        }
    }

    private static int Conclude(Agent.Hosting.CameraOptions camera, CameraReader reader, AimBoard board, bool json)
    {
        if (board.Newest is not { } newest)
            throw new CommandException("no_picture", $"No picture came from {camera.Id}: {(reader.State.Detail is { Length: > 0 } why ? why : "it did not answer in time")}.");
        if (json)
            Cli.Print(new { camera = camera.Id, newest.Width, newest.Height, pictures = board.Pictures, newest.Brightness, plates = board.Plates, faces = board.Faces });
        else
            Console.Out.WriteLine($"{camera.Id}, {newest.Width}×{newest.Height}: plate {Words(board.Plates)}, face {Words(board.Faces)}.");
        return Cli.Done;
    }

    private static string Words(AimWidths widths) => widths.Widest is { } px ? $"{px:0} px ({widths.Verdict})" : "none seen";
}
