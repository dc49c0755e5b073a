using System.Diagnostics;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Rig.Drives;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>A plate as eyes told it at last for one of its visits, on the clock of the clip.</summary>
/// <param name="ClipMs">The frame that settled it.</param>
/// <param name="Weakest">Confidence of its weakest character.</param>
internal sealed record DriveTell(string Camera, string VisitId, string Text, long ClipMs, int WidthPx, int Votes, double Weakest);

/// <summary>What a run over all clips cost.</summary>
/// <param name="Seconds">Of video shown, one camera after the other counted once for each group that ran together.</param>
/// <param name="Interruptions">Streams lost and found again: the machine was too busy to measure on.</param>
internal sealed record DriveCost(double Seconds, double CpuSeconds, double RssMegabytes, long Decoded, long Analysed, long Dropped, long Tracks, long Reads, int Interruptions);

internal sealed record DriveResult(DriveStrategy Strategy, IReadOnlyList<DriveTell> Tells, DriveCost Cost);

/// <summary>Plays drives to the real process that looks, a few cameras at a time, and keeps what it tells.</summary>
internal sealed class DriveRun(IReadOnlyList<DriveClip> clips, DriveOptions options, int camerasAtOnce, float analysedFps, TextWriter progress)
{
    /// <summary>A visit at the end of a clip is told when it has been out of sight for a moment and read.</summary>
    private static readonly TimeSpan s_afterwards = TimeSpan.FromSeconds(3);

    /// <summary>The product's default: looked at so rarely while nothing moves.</summary>
    private const float StillFps = 2;

    public async Task<DriveResult> PlayAsync(DriveStrategy strategy, CancellationToken stop)
    {
        await using DriveEyes eyes = await DriveEyes.StartAsync(stop);
        var tells = new List<DriveTell>();
        var cost = new DriveCost(0, 0, 0, 0, 0, 0, 0, 0, 0);
        foreach (DriveClip[] group in clips.Chunk(camerasAtOnce))
        {
            progress.WriteLine($"  {strategy.Name}: {string.Join(' ', group.Select(c => c.Camera))}");
            cost = await PlayAsync(strategy, group, eyes, cost, tells, stop);
        }
        return new DriveResult(strategy, tells, cost);
    }

    private async Task<DriveCost> PlayAsync(DriveStrategy strategy, DriveClip[] group, DriveEyes eyes, DriveCost cost, List<DriveTell> tells, CancellationToken stop)
    {
        CameraClip[] loaded = await Task.WhenAll(group.Select(c => c.LoadAsync(strategy.WideSub, options.FramesPerSecond, stop)));
        await using var server = new RtspServer(new RtspServerOptions(), TimeProvider.System);
        var cameras = new List<BenchCamera>();
        var begin = new TaskCompletionSource();
        int before = eyes.Facts.Count;
        try
        {
            for (int i = 0; i < group.Length; i++)
                cameras.Add(new BenchCamera(group[i].Camera, loaded[i], server, options.Seed, TimeProvider.System, begin.Task));
            eyes.Order(new HostMessage { Configure = Configuration(strategy, group, server) });
            eyes.Order(new HostMessage { Seeing = new SetSeeing { Faces = true, Plates = true } });
            if (!await eyes.UntilAsync(() => group.All(c => Streams(eyes, before, c.Camera)), DriveEyes.Patience, stop))
                throw new InputException("The process that looks did not see its cameras within a minute: this machine is too busy to measure on.");
            (int began, long start, double cpu, EyesCounters? first) = (eyes.Facts.Count, Stopwatch.GetTimestamp(), eyes.CpuSeconds, eyes.Counters);
            begin.SetResult();
            // The second that is being repeated ends first.
            await Task.Delay(TimeSpan.FromSeconds(1 + options.Seconds) + s_afterwards, stop);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Collect(eyes, before, cameras, tells);
            int lost = eyes.Facts.Skip(began).Count(f => f.Camera is { State: CameraState.Lost });
            return Add(cost, seconds, eyes.CpuSeconds - cpu, first, eyes.Counters, lost);
        }
        finally
        {
            eyes.Order(new HostMessage { Configure = new Configure() });
            foreach (BenchCamera camera in cameras)
                await camera.DisposeAsync();
        }
    }

    /// <summary>Both of its streams come in.</summary>
    private static bool Streams(DriveEyes eyes, int since, string camera) => eyes.Facts.Skip(since).LastOrDefault(f => f.Camera?.CameraId == camera)?.Camera is
        { State: CameraState.Streaming, MainFps: > 5, SubFps: > 5, Width: > 0 };

    private Configure Configuration(DriveStrategy strategy, DriveClip[] group, RtspServer server)
    {
        var configure = new Configure { AnalysedFps = analysedFps, StillFps = StillFps };
        foreach (DriveClip clip in group)
            configure.Cameras.Add(new Camera { Id = clip.Camera, MainUrl = server.UrlOf($"{clip.Camera}/main"), SubUrl = server.UrlOf($"{clip.Camera}/sub") });
        strategy.Apply(configure);
        return configure;
    }

    /// <summary>The last word on each visit counts, as it does for the officer.</summary>
    private void Collect(DriveEyes eyes, int before, List<BenchCamera> cameras, List<DriveTell> tells)
    {
        var start = cameras.ToDictionary(c => c.Id, c => c.Start.MonotonicMs);
        foreach (var visit in eyes.Facts.Skip(before).Where(f => f.Plate is not null && start.ContainsKey(f.Plate.CameraId)).GroupBy(f => f.Plate.VisitId))
        {
            PlateVisit last = visit.Last().Plate;
            long clipMs = last.CapturedMonoMs - start[last.CameraId];
            // What came after the loop's end was seen before.
            if (clipMs <= options.Seconds * 1000)
                tells.Add(new DriveTell(last.CameraId, last.VisitId, last.Text, clipMs, (int)last.WidthPx, (int)last.Votes, last.CharacterConfidence.Min()));
        }
    }

    private static DriveCost Add(DriveCost cost, double seconds, double cpuSeconds, EyesCounters? first, EyesCounters? last, int interruptions)
    {
        if (first is null || last is null)
            throw new InputException("The process that looks told no counters: it has ended, or this machine is too busy to measure on.");
        return new DriveCost(
            cost.Seconds + seconds, cost.CpuSeconds + cpuSeconds, Math.Max(cost.RssMegabytes, last.RssBytes / 1e6),
            cost.Decoded + (long)(last.FramesDecoded - first.FramesDecoded), cost.Analysed + (long)(last.FramesAnalysed - first.FramesAnalysed),
            cost.Dropped + (long)(last.FramesDropped - first.FramesDropped), cost.Tracks + (long)(last.PlateTracks - first.PlateTracks),
            cost.Reads + (long)(last.PlateReads - first.PlateReads), cost.Interruptions + interruptions);
    }
}
