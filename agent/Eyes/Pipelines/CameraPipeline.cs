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
    /// <summary>Detection wants the newest pictures: a third one pushes the oldest out.</summary>
    private const int FramesWaiting = 2;

    private readonly Channel<Frame> _frames;
    private readonly PreviewEncoder _preview;
    private readonly Action _frameArrived;

    /// <param name="options">The camera.</param>
    /// <param name="previewOnly">Never analysed, never kept: no detection, no main stream, no ring.</param>
    /// <param name="shared">What all cameras share.</param>
    /// <param name="frameArrived">Wakes the detection thread.</param>
    public CameraPipeline(CameraOptions options, bool previewOnly, PipelineParts shared, Action frameArrived)
    {
        PreviewOnly = previewOnly;
        _frameArrived = frameArrived;
        var waiting = new BoundedChannelOptions(FramesWaiting)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
            SingleReader = true,
            SingleWriter = true,
        };
        _frames = Channel.CreateBounded<Frame>(waiting, dropped =>
        {
            dropped.Dispose();
            shared.Counters.FrameDropped();
        });
        _preview = new PreviewEncoder(shared.Previews);
        Reader = new CameraReader(
            options, shared.Pool, previewOnly ? null : OnFrame, _preview.OnFrame, shared.Time, shared.Loggers.CreateLogger<CameraReader>());
        Main = new RingDecoder(Reader.Ring);
    }

    public string Id => Reader.Id;

    public bool PreviewOnly { get; }

    public CameraReader Reader { get; }

    // Detection thread.
    public Tracker Faces { get; private set; } = NewTracker();

    public Tracker Plates { get; private set; } = NewTracker();

    /// <summary>Visits in sight, or out of it for a moment.</summary>
    public List<Visit> Visits { get; } = [];

    public long LastAnalysedMonoMs { get; set; }

    public long RestUntilMonoMs { get; set; }

    // Reading thread.
    public RingDecoder Main { get; }

    public long LastLookMonoMs { get; set; }

    /// <summary>The oldest frame that waits; the caller owns it.</summary>
    public Frame? TryTakeFrame() => _frames.Reader.TryRead(out var frame) ? frame : null;

    /// <summary>Forgets every visit of a kind.</summary>
    public void Forget(VisitKind kind)
    {
        Visits.RemoveAll(v => v.Kind == kind);
        if (kind == VisitKind.Face)
            Faces = NewTracker();
        else
            Plates = NewTracker();
    }

    /// <summary>Stops the reader and gives back every frame that still waits. The other threads must have let go of this camera.</summary>
    public void Dispose()
    {
        Reader.Dispose();
        _frames.Writer.TryComplete();
        while (_frames.Reader.TryRead(out var frame))
            frame.Dispose();
        Main.Dispose();
        _preview.Dispose();
    }

    private static Tracker NewTracker() => new(new TrackerOptions());

    private void OnFrame(Frame frame)
    {
        // False only when completed: the camera is going away.
        if (!_frames.Writer.TryWrite(frame))
            frame.Dispose();
        else
            _frameArrived();
    }
}

/// <summary>What every camera's pipeline shares.</summary>
internal sealed record PipelineParts(
    FramePool Pool, Counters Counters, ChannelWriter<V1.MediaMessage> Previews, TimeProvider Time, ILoggerFactory Loggers);
