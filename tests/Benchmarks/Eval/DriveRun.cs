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
internal sealed record DriveCost(double Seconds, double CpuSeconds, double RssMegabytes, long Decoded, long Analysed, long Dropped, long Tracks, long Reads);

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
        var cost = new DriveCost(0, 0, 0, 0, 0, 0, 0, 0);
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
        int before = eyes.Facts.Count;
        try
        {
            for (int i = 0; i < group.Length; i++)
                cameras.Add(new BenchCamera(group[i].Camera, loaded[i], server, options.Seed, TimeProvider.System));
            eyes.Order(new HostMessage { Configure = Configuration(strategy, group, server) });
            eyes.Order(new HostMessage { Seeing = new SetSeeing { Faces = true, Plates = true } });
            await Task.Delay(TimeSpan.FromSeconds(Traffic.LeadInSeconds), stop);
            EyesCounters? first = eyes.Counters;
            foreach (DriveClip late in group.Where(c => !eyes.Facts.Skip(before).Any(f => f.Camera is { State: CameraState.Streaming } s && s.CameraId == c.Camera)))
                progress.WriteLine($"  {late.Camera} was not seen when its drive began: its first visits are lost");
            await Task.Delay(TimeSpan.FromSeconds(options.Seconds - Traffic.LeadInSeconds) + s_afterwards, stop);
            Collect(eyes, before, cameras, tells);
            return Add(cost, first, eyes.Counters);
        }
        finally
        {
            eyes.Order(new HostMessage { Configure = new Configure() });
            foreach (BenchCamera camera in cameras)
                await camera.DisposeAsync();
        }
    }

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

    private DriveCost Add(DriveCost cost, EyesCounters? first, EyesCounters? last)
    {
        if (first is null || last is null)
            throw new InputException("The process that looks told no counters: it has ended, or this machine is too busy to measure on.");
        return new DriveCost(
            cost.Seconds + options.Seconds - Traffic.LeadInSeconds + s_afterwards.TotalSeconds, cost.CpuSeconds + last.CpuSeconds - first.CpuSeconds,
            Math.Max(cost.RssMegabytes, last.RssBytes / 1e6), cost.Decoded + (long)(last.FramesDecoded - first.FramesDecoded),
            cost.Analysed + (long)(last.FramesAnalysed - first.FramesAnalysed), cost.Dropped + (long)(last.FramesDropped - first.FramesDropped),
            cost.Tracks + (long)(last.PlateTracks - first.PlateTracks), cost.Reads + (long)(last.PlateReads - first.PlateReads));
    }
}
