using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;
using EdgeAgent.Vision.Tracking;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Eyes.Pipelines;

/// <summary>
/// Finds faces and plates in the sub-streams' frames on one thread that takes the cameras in turn, follows them, and orders closer
/// looks. It never waits for a look to be taken.
/// </summary>
internal sealed partial class DetectionStage : IDisposable
{
    private const int MostPerFrame = 64;

    /// <summary>Unseen for this long (three frames) it is told; the tracker keeps the visit open a little longer.</summary>
    private const long OutOfSightMs = 350;

    /// <summary>A camera that gives no frames gets an empty one this often, so that visits end on time also when it is lost.</summary>
    private const long SilentMs = 500;

    /// <summary>So much older than now are the frames that still may come; the tracker ignores what is older than its newest.</summary>
    private const long FrameDelayMs = 300;
    private const long RestMs = 5_000;
    private static readonly TimeSpan s_sweep = TimeSpan.FromMilliseconds(250);

    private readonly FaceDetector _faces;
    private readonly PlateDetector _plates;
    private readonly Seeing _seeing;
    private readonly LookQueue _looks;
    private readonly Counters _counters;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ManualResetEventSlim _wake = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly Lock _turn = new();
    private readonly FaceBox[] _faceBoxes = new FaceBox[MostPerFrame];
    private readonly PlateBox[] _plateBoxes = new PlateBox[MostPerFrame];
    private readonly TrackBox[] _trackBoxes = new TrackBox[MostPerFrame];
    private readonly List<Track> _updated = [];
    private readonly List<Track> _ended = [];
    private volatile CameraPipeline[] _cameras = [];
    private int _next;
    private int _faceEpoch;
    private int _plateEpoch;

    /// <exception cref="ModelException">A model is missing or altered.</exception>
    public DetectionStage(
        ModelStore models, Seeing seeing, LookQueue looks, Counters counters, TimeProvider time, ILogger<DetectionStage> logger)
    {
        _faces = new FaceDetector(models);
        _plates = new PlateDetector(models);
        _seeing = seeing;
        _looks = looks;
        _counters = counters;
        _time = time;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "detect" };
    }

    /// <summary>Called from any thread when a camera has a frame.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Runs each network once, so that the first real frame does not pay for it.</summary>
    public void WarmUp(FramePool pool)
    {
        using var frame = pool.TryRent(640, 360) ?? throw new InvalidOperationException("the frame pool is empty at the start");
        frame.Bgr.Fill(64);
        _faces.Detect(frame.View, _faceBoxes);
        _plates.Detect(frame.View, _plateBoxes);
    }

    public void Start() => _thread.Start();

    /// <summary>The cameras to look at from now on; when it returns, the thread has let go of those left out.</summary>
    public void SetCameras(IEnumerable<CameraPipeline> cameras)
    {
        lock (_turn)
            _cameras = [.. cameras.Where(c => !c.PreviewOnly)];
    }

    public void Dispose()
    {
        _stop.Cancel();
        _wake.Set();
        if (_thread.IsAlive)
            _thread.Join();
        _faces.Dispose();
        _plates.Dispose();
        _wake.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                _wake.Wait(s_sweep, _stop.Token);
                // Reset before looking: a frame that comes meanwhile wakes again.
                _wake.Reset();
                while (!_stop.IsCancellationRequested && TakeTurn())
                {
                }
                lock (_turn)
                    SweepNeedsTurn();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        catch (Exception e)
        {
            // A broken assumption. The host restarts this process, and no decision or record is in it.
            LogFailed(_logger, e);
            Environment.FailFast("detection failed", e);
        }
    }

    /// <summary>One frame of the next camera that has one; false when none has.</summary>
    private bool TakeTurn()
    {
        lock (_turn)
        {
            ForgetWhatIsNotSeen();
            var cameras = _cameras;
            for (int i = 0; i < cameras.Length; i++)
            {
                var camera = cameras[(_next + i) % cameras.Length];
                if (camera.TryTakeFrame() is not { } frame)
                    continue;
                // The turn passes on also from a camera that has another frame waiting: none is starved.
                _next = (_next + i + 1) % cameras.Length;
                using (frame)
                    AnalyseOrRest(camera, frame);
                return true;
            }
            return false;
        }
    }

    /// <summary>What one camera's picture breaks must not reach the others: that camera rests, is told of, and starts afresh.</summary>
    private void AnalyseOrRest(CameraPipeline camera, Frame frame)
    {
        if (frame.CapturedMonoMs < camera.RestUntilMonoMs)
            return;
        try
        {
            Analyse(camera, frame);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogCameraFailed(_logger, camera.Id, e);
            camera.RestUntilMonoMs = frame.CapturedMonoMs + RestMs;
            camera.Forget(VisitKind.Face);
            camera.Forget(VisitKind.Plate);
        }
    }

    private void Analyse(CameraPipeline camera, Frame frame)
    {
        bool faces = _seeing.Faces, plates = _seeing.Plates;
        if (!faces && !plates)
            return;
        if (faces)
            Follow(camera, VisitKind.Face, FindFaces(frame), frame.Width, frame.Height, frame.CapturedMonoMs);
        if (plates)
            Follow(camera, VisitKind.Plate, FindPlates(frame), frame.Width, frame.Height, frame.CapturedMonoMs);
        TellOutOfSight(camera, frame.CapturedMonoMs);
        camera.LastAnalysedMonoMs = frame.CapturedMonoMs;
        _counters.FrameAnalysed();
    }

    private int FindFaces(Frame frame)
    {
        int count = _faces.Detect(frame.View, _faceBoxes);
        for (int i = 0; i < count; i++)
        {
            var box = _faceBoxes[i];
            _trackBoxes[i] = new TrackBox(box.X1, box.Y1, box.X2, box.Y2, box.Score, i);
        }
        return count;
    }

    private int FindPlates(Frame frame)
    {
        int count = _plates.Detect(frame.View, _plateBoxes);
        for (int i = 0; i < count; i++)
        {
            var (x1, y1, x2, y2) = _plateBoxes[i].Corners.Bounds;
            _trackBoxes[i] = new TrackBox(x1, y1, x2, y2, _plateBoxes[i].Score, i);
        }
        return count;
    }

    private void Follow(CameraPipeline camera, VisitKind kind, int count, int width, int height, long monoMs)
    {
        var tracker = kind == VisitKind.Face ? camera.Faces : camera.Plates;
        tracker.Update(_trackBoxes.AsSpan(0, count), monoMs, _updated, _ended);
        int mainWidth = camera.Reader.MainSize.Width;
        foreach (var track in _updated)
        {
            var visit = (Visit?)track.Tag ?? Begin(camera, kind, track);
            visit.LastSeenMonoMs = monoMs;
            visit.OutOfSight = false;
            for (int lost = visit.TakeLost(); lost > 0; lost--)
                visit.Plan.GiveBack();
            if (visit.Settled || mainWidth == 0)
                continue;
            var box = new ShareBox(track.Box.X1 / width, track.Box.Y1 / height, track.Box.X2 / width, track.Box.Y2 / height);
            var candidate = new Candidate(monoMs, box, box.Width * mainWidth, track.Score);
            if (visit.Plan.Offer(candidate))
                AddLook(visit, candidate);
        }
        foreach (var track in _ended)
            if (track.Tag is Visit gone)
            {
                Tell(gone);
                camera.Visits.Remove(gone);
            }
    }

    private Visit Begin(CameraPipeline camera, VisitKind kind, Track track)
    {
        var visit = new Visit(track.VisitId, kind, _seeing.Epoch(kind), camera);
        track.Tag = visit;
        camera.Visits.Add(visit);
        _counters.Tracked(kind);
        return visit;
    }

    private void TellOutOfSight(CameraPipeline camera, long monoMs)
    {
        foreach (var visit in camera.Visits)
            if (monoMs - visit.LastSeenMonoMs >= OutOfSightMs)
                Tell(visit);
    }

    private void Tell(Visit visit)
    {
        if (visit.OutOfSight || visit.Settled)
            return;
        visit.OutOfSight = true;
        if (visit.Plan.Leave() is { } best)
            AddLook(visit, best);
        _looks.Add(new LookOrder(visit, LookAct.Tell, default, Last: true));
    }

    private void AddLook(Visit visit, in Candidate candidate) =>
        _looks.Add(new LookOrder(visit, LookAct.Look, candidate, visit.Plan.Taken == CropPlan.MaxCrops));

    /// <summary>Time passes for a lost camera too.</summary>
    private void SweepNeedsTurn()
    {
        ForgetWhatIsNotSeen();
        long now = _time.MonoMs() - FrameDelayMs;
        foreach (var camera in _cameras)
        {
            if (camera.Visits.Count == 0 || now - camera.LastAnalysedMonoMs < SilentMs)
                continue;
            Follow(camera, VisitKind.Face, 0, 1, 1, now);
            Follow(camera, VisitKind.Plate, 0, 1, 1, now);
            TellOutOfSight(camera, now);
        }
    }

    private void ForgetWhatIsNotSeen()
    {
        if (_faceEpoch != _seeing.Epoch(VisitKind.Face))
        {
            _faceEpoch = _seeing.Epoch(VisitKind.Face);
            Forget(VisitKind.Face);
        }
        if (_plateEpoch != _seeing.Epoch(VisitKind.Plate))
        {
            _plateEpoch = _seeing.Epoch(VisitKind.Plate);
            Forget(VisitKind.Plate);
        }
    }

    private void Forget(VisitKind kind)
    {
        foreach (var camera in _cameras)
            camera.Forget(kind);
        _looks.Forget(v => v.Kind == kind);
    }

    [LoggerMessage(3003, LogLevel.Error, "A picture of camera {Camera} could not be analysed; it rests for a moment")]
    private static partial void LogCameraFailed(ILogger logger, string camera, Exception error);

    [LoggerMessage(3001, LogLevel.Critical, "Detection failed; this process ends and is started again")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
