using System.Threading.Channels;
using EdgeAgent.Eyes.Media;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Tracking;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Eyes.Pipelines;

/// <summary>
/// One camera on its way: its reader, the frames that wait for detection, its trackers and the decoder for closer looks. Trackers and
/// visits belong to the detection thread, the main-stream decoder to the reading thread.
/// </summary>
internal sealed class CameraPipeline : IDisposable
{
    /// <summary>Boxes of both streams' frames are tracked in pixels of a picture of this width.</summary>
    public const float TrackedWidth = 640;

    /// <summary>Every second frame of ten a second, with room for jitter.</summary>
    private const long IdleFaceMs = 150;

    private readonly PreviewEncoder _preview;
    private readonly TrackerOptions _plateOptions;
    private long _lastFaceTurnMonoMs = long.MinValue / 2;

    /// <param name="options">The camera.</param>
    /// <param name="previewOnly">Never kept: no main stream, no ring. Its frames go to whoever looks at the cab, and only while somebody does.</param>
    /// <param name="plan">What is looked at.</param>
    /// <param name="shared">What all cameras share.</param>
    /// <param name="frameArrived">Wakes the thread that takes its frames.</param>
    public CameraPipeline(CameraOptions options, bool previewOnly, VisionPlan plan, PipelineParts shared, Action frameArrived)
    {
        PreviewOnly = previewOnly;
        Plan = plan;
        _plateOptions = new TrackerOptions { MaxGapMs = Math.Max(1000, 5 * plan.SlowestPlateStepMs / 2) };
        Plates = new Tracker(_plateOptions);
        SubFrames = new FrameFlow(shared.Counters);
        MainFrames = plan.PlatesInMain ? new FrameFlow(shared.Counters) : null;
        _preview = new PreviewEncoder(shared.Previews);
        var takers = new FrameTakers(
            frame => Take(SubFrames, frame, frameArrived), _preview.OnFrame,
            MainFrames is { } main ? frame => Take(main, frame, frameArrived) : null);
        Reader = new CameraReader(options, shared.Pool, takers, shared.Time, shared.Loggers.CreateLogger<CameraReader>());
        Main = Reader.NewMainDecoder();
        Scene = new SceneCounter(Id);
    }

    public string Id => Reader.Id;

    public bool PreviewOnly { get; }

    public VisionPlan Plan { get; }

    public CameraReader Reader { get; }

    public FrameFlow SubFrames { get; }

    /// <summary>Main-stream frames in which plates are looked for; null where they are not.</summary>
    public FrameFlow? MainFrames { get; }

    /// <summary>Managed bytes that its threads allocated on the way of frames.</summary>
    public long AllocatedBytes => Reader.AllocatedBytes;

    // Detection thread.
    public Tracker Faces { get; private set; } = new(new TrackerOptions());

    public Tracker Plates { get; private set; }

    /// <summary>Frames in which plates were looked for.</summary>
    public long PlateFrames { get; set; }

    /// <summary>Visits in sight, or out of it for a moment.</summary>
    public List<Visit> Visits { get; } = [];

    /// <summary>Heads and vehicles as numbers.</summary>
    public SceneCounter Scene { get; }

    /// <summary>Where there was no plate.</summary>
    public RefutedPlaces Refuted { get; } = new();

    public long LastAnalysedMonoMs { get; set; }

    public long RestUntilMonoMs { get; set; }

    // Reading thread.
    public RingDecoder Main { get; }

    public long LastLookMonoMs { get; set; }

    /// <summary>
    /// Whether faces are to be looked for in a frame: in each one while a face in sight still needs looks, else not oftener than
    /// every <see cref="IdleFaceMs"/>. People on foot do not cross a picture within two frames; vehicles do.
    /// </summary>
    public bool TakeFaceTurn(long capturedMonoMs)
    {
        if (!HasFaceToFollow() && capturedMonoMs - _lastFaceTurnMonoMs is >= 0 and < IdleFaceMs)
            return false;
        _lastFaceTurnMonoMs = capturedMonoMs;
        return true;
    }

    /// <summary>Frames are made at a share of the plan's rates, or none while nothing may be looked for.</summary>
    public void SetRates(bool faces, bool plates, float share)
    {
        if (PreviewOnly)
            return;
        Reader.Analysis.MaxWidth = Plan.AnalysedWidth;
        Reader.Analysis.StillFps = Plan.StillFps;
        Reader.Analysis.Fps = faces || (plates && Plan.PlatesInSub) ? Plan.Fps * share : 0;
        if (Reader.MainAnalysis is not { } main)
            return;
        main.MaxWidth = Plan.MainWidth;
        main.Fps = plates && Plan.PlatesInMain ? Plan.MainFps * share : 0;
    }

    /// <summary>How often a preview-only camera is looked at, still or not.</summary>
    public void SetCabRate(float fps)
    {
        if (!PreviewOnly)
            return;
        Reader.Analysis.StillFps = float.MaxValue;
        Reader.Analysis.Fps = fps;
    }

    /// <summary>Forgets every visit of a kind.</summary>
    public void Forget(VisitKind kind)
    {
        Visits.RemoveAll(v => v.Kind == kind);
        if (kind == VisitKind.Face)
            Faces = new Tracker(new TrackerOptions());
        else
            Plates = new Tracker(_plateOptions);
    }

    /// <summary>Stops the reader and gives back every frame that still waits. The other threads must have let go of this camera.</summary>
    public void Dispose()
    {
        Reader.Dispose();
        SubFrames.Dispose();
        MainFrames?.Dispose();
        Main.Dispose();
        _preview.Dispose();
    }

    private bool HasFaceToFollow()
    {
        if (Faces.HasUnconfirmed)
            return true;
        foreach (var visit in Visits)
            if (visit is { Kind: VisitKind.Face, Settled: false, Plan.WantsMore: true })
                return true;
        return false;
    }

    private static void Take(FrameFlow flow, Frame frame, Action arrived)
    {
        flow.Put(frame);
        arrived();
    }
}

/// <summary>What every camera's pipeline shares.</summary>
internal sealed record PipelineParts(
    FramePool Pool, Counters Counters, ChannelWriter<V1.MediaMessage> Previews, TimeProvider Time, ILoggerFactory Loggers);
