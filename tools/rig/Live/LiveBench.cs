using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Network;
using EdgeAgent.Rig.Rtsp;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Rig.Live;

/// <summary>What `rig live` was asked for.</summary>
/// <param name="Run">Where programs and state are; its rig arguments are this bench's own.</param>
/// <param name="Networks">Names of <see cref="LinkConditions.Named"/>.</param>
/// <param name="Minutes">Of each window.</param>
/// <param name="Quality">"sub" or "main".</param>
/// <param name="Seed">Of the link.</param>
internal sealed record LiveOptions(RunOptions Run, IReadOnlyList<string> Networks, double Minutes, string Quality, int Seed);

/// <summary>
/// `bench live`: how old a picture is when the dispatcher sees it. The whole real chain, the car and the centre each in a network of
/// its own with a link between that behaves as told; the picture carries a clock, and the page's own video is read.
/// </summary>
internal sealed class LiveBench(LiveOptions options, TimeProvider time)
{
    private const string CameraId = "cam1";

    /// <summary>Views open, code compiles, buffers find their size.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPictureWithin = TimeSpan.FromMinutes(2);
    private static readonly Dictionary<string, double> GoalsMs = new() { ["lan"] = 400, ["5g"] = 700 };
    private const double GoalDriftMs = 50;

    /// <summary>A name for a link that changes under one view: each of these conditions for one window.</summary>
    public const string Narrowing = "narrowing";
    private static readonly (string Phase, string Conditions)[] NarrowingPhases = [("5g", "5g"), ("edge", "edge"), ("crowd", "crowd"), ("5g_again", "5g")];

    /// <summary>While the link narrows and after: no picture that is shown is older.</summary>
    private const double MostAgeMs = 10_000;

    private readonly Progress progress = new();
    private readonly List<string> problems = [];

    /// <returns>0 when every goal was reached.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var figures = new JsonObject { ["bench"] = "live", ["quality"] = options.Quality, ["minutes"] = options.Minutes, ["seed"] = options.Seed };
        // While there is still a way out: the car's network has none, and a machine that is new has no pictures.
        _ = await FreePictures.GetAsync(RigOptions.DefaultCache(), new Progress<string>(progress.Line), stop);
        foreach (string network in options.Networks)
            figures[network] = await MeasureAsync(network, stop);
        figures["processors"] = Environment.ProcessorCount;
        figures["load_average"] = (await File.ReadAllTextAsync("/proc/loadavg", stop)).Split(' ')[0];
        foreach (string problem in problems)
            progress.Line($"  ✗ {problem}");
        Console.WriteLine(figures.ToJsonString());
        return problems.Count == 0 ? 0 : 1;
    }

    private async Task<JsonObject> MeasureAsync(string network, CancellationToken stop)
    {
        progress.Line($"  {network}:");
        await using NetworkNamespace car = await NetworkNamespace.CreateAsync("car", stop), centre = await NetworkNamespace.CreateAsync("centre", stop);
        await using PacketRelay relay = await PacketRelay.StartAsync(car, centre, LinkConditions.Named[network == Narrowing ? NarrowingPhases[0].Conditions : network], options.Seed, time, stop);
        RtspServer server = car.Within(() => new RtspServer(new RtspServerOptions { Address = IPAddress.Loopback }, time));
        await using ClockCamera camera = await ClockCamera.StartAsync(CameraId, server, options.Quality == "main", time, stop);
        RunOptions run = options.Run with { RigArguments = ["--cameras", "1", "--camera", $"{CameraId}={camera.Urls}"] };
        await using var bench = new Bench(run, progress, time, new BenchLink(car, centre));
        await bench.StartAsync(stop);

        var samples = new LiveSamples();
        await using ChildProcess dispatcher = StartDispatcher(bench, centre, samples);
        await progress.StepAsync("live view opened", () => FirstPictureAsync(bench, dispatcher, samples, stop));
        await Task.Delay(WarmUp, time, stop);
        JsonObject figures = network == Narrowing
            ? await NarrowAsync(bench, relay, samples, stop)
            : await WindowAsync(network, bench, relay, samples, stop);
        figures["encoded_p50_ms"] = RunReport.Percentile([.. camera.EncodingMs.Order()], 0.50);
        _ = await dispatcher.StopAsync(TimeSpan.FromSeconds(15));
        await progress.StepAsync("car delivers and ends", bench.EndAsync);
        if (JsonNode.Parse(dispatcher.TailOfLog(1))?["errors"]?.AsArray() is not { Count: 0 })
            problems.Add($"{network}: the page complained: {dispatcher.TailOfLog(1)}");
        if (network != Narrowing)
            Judge(network, figures);
        return figures;
    }

    // The view stays open while the link changes under it.
    private async Task<JsonObject> NarrowAsync(Bench bench, PacketRelay relay, LiveSamples samples, CancellationToken stop)
    {
        var phases = new JsonObject();
        foreach ((string phase, string conditions) in NarrowingPhases)
        {
            relay.Conditions = LinkConditions.Named[conditions];
            JsonObject figures = await WindowAsync(phase, bench, relay, samples, stop);
            phases[phase] = figures;
            if ((double?)figures["oldest_ms"] is not (> 0 and <= MostAgeMs))
                problems.Add($"{phase}: the oldest picture shown was {figures["oldest_ms"]} ms old; the goal is {MostAgeMs} ms");
        }
        if (samples.Level != options.Quality)
            problems.Add($"the link is wide again, and the view still says '{samples.Level}'");
        return phases;
    }

    private ChildProcess StartDispatcher(Bench bench, NetworkNamespace centre, LiveSamples samples)
    {
        // The lease covers the window with its beginning.
        string minutes = Math.Min(60, Math.Ceiling(options.Minutes) + 5).ToString(CultureInfo.InvariantCulture);
        string[] arguments =
        [
            .. centre.CommandPrefix.Skip(1), "node", Path.Combine(options.Run.Repository, "tools", "rig", "live.mjs"), "--console", bench.Plan.ConsoleUrl,
            "--user", BenchPlan.Dispatcher, "--password-env", "DISPATCHER_PASSWORD", "--unit", BenchPlan.UnitId, "--camera", CameraId,
            "--quality", options.Quality, "--minutes", minutes,
        ];
        return ChildProcess.Start("dispatcher", Path.Combine(options.Run.State, "logs"), centre.CommandPrefix[0], arguments,
            new Dictionary<string, string> { ["DISPATCHER_PASSWORD"] = bench.Plan.DispatcherPassword }, samples.Take);
    }

    private async Task FirstPictureAsync(Bench bench, ChildProcess dispatcher, LiveSamples samples, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        while (samples.Shown == 0)
        {
            bench.AllAlive();
            if (dispatcher.HasExited || time.GetElapsedTime(start) > FirstPictureWithin)
                throw new BenchException($"The dispatcher's page showed no picture: {dispatcher.TailOfLog(3)}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, stop);
        }
    }

    private async Task<JsonObject> WindowAsync(string network, Bench bench, PacketRelay relay, LiveSamples samples, CancellationToken stop)
    {
        samples.Begin();
        LinkCounters before = relay.Up;
        long start = time.GetTimestamp();
        var window = TimeSpan.FromMinutes(options.Minutes);
        while (time.GetElapsedTime(start) < window)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, stop);
            bench.AllAlive();
            progress.Transient($"{network} {time.GetElapsedTime(start).TotalSeconds:0} s: {samples.Shown} pictures read");
        }
        LinkCounters after = relay.Up;
        JsonObject figures = samples.Figures();
        figures["up_kbit_s"] = Math.Round((after.Bytes - before.Bytes) * 8 / 1000.0 / time.GetElapsedTime(start).TotalSeconds);
        figures["up_packets_lost"] = after.LostOnAir + after.LostInQueue - before.LostOnAir - before.LostInQueue;
        return figures;
    }

    private void Judge(string network, JsonObject figures)
    {
        if (!(GoalsMs.GetValueOrDefault(network, double.PositiveInfinity) >= (double?)figures["p95_ms"]))
            problems.Add($"{network}: 95 of 100 pictures are at most {figures["p95_ms"]} ms old; the goal is {GoalsMs.GetValueOrDefault(network)} ms");
        if ((double?)figures["drift_ms"] is { } drift && Math.Abs(drift) > GoalDriftMs)
            problems.Add($"{network}: the picture drifted by {drift} ms; the goal is {GoalDriftMs} ms");
    }
}
