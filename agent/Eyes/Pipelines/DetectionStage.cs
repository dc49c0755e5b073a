using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Eyes.Pipelines;

/// <summary>
/// Finds faces and plates in the cameras' frames on one thread that takes their flows in fair turns, follows what it found, and orders
/// closer looks. It never waits for a look to be taken.
/// </summary>
internal sealed partial class DetectionStage : IDisposable
{
    /// <summary>A camera that gives no frames gets an empty one this often, so that visits end on time also when it is lost.</summary>
    private const long SilentMs = 500;

    /// <summary>So much older than now are the frames that still may come; the tracker ignores what is older than its newest.</summary>
    private const long FrameDelayMs = 300;
    private const long RestMs = 5_000;
    private static readonly TimeSpan s_sweep = TimeSpan.FromMilliseconds(250);

    private readonly ModelStore _models;
    private readonly FramePool _pool;
    private readonly Loading _loading = new();
    private readonly VisitFollower _follower;
    private readonly Seeing _seeing;
    private readonly LookQueue _looks;
    private readonly Counters _counters;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ManualResetEventSlim _wake = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Action? _onThread;
    private readonly Thread _thread;
    private readonly Lock _turn = new();
    private readonly FairTurns _turns = new();
    private readonly AllocationMeter _meter = new();
    private volatile CameraPipeline[] _cameras = [];
    private Detectors? _detectors;
    // Each camera's flows, and whose each is.
    private FrameFlow[] _flows = [];
    private CameraPipeline[] _owners = [];
    private long _sweptAt;
    private int _faceEpoch;
    private int _plateEpoch;

    /// <param name="models">The networks.</param>
    /// <param name="pool">What the first, empty picture is made of.</param>
    /// <param name="seeing">What may be looked for.</param>
    /// <param name="looks">Where closer looks are ordered.</param>
    /// <param name="counters">What is counted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">What it says.</param>
    /// <param name="onThread">What its thread does once its networks are loaded.</param>
    public DetectionStage(
        ModelStore models, FramePool pool, Seeing seeing, LookQueue looks, Counters counters, TimeProvider time, ILogger<DetectionStage> logger,
        Action? onThread = null)
    {
        _models = models;
        _pool = pool;
        _follower = new VisitFollower(seeing, looks, counters);
        _seeing = seeing;
        _looks = looks;
        _counters = counters;
        _time = time;
        _logger = logger;
        _onThread = onThread;
        _thread = new Thread(Run) { IsBackground = true, Name = "detect" };
    }

    /// <summary>Raised on the detection thread when a camera's minute of counts is over.</summary>
    public event Action<V1.SceneMinute>? MinutePassed;

    /// <summary>Ends when the networks are loaded, or fails with what is wrong with one: <see cref="ModelException"/>.</summary>
    public Task Ready => _loading.Done;

    /// <summary>Called from any thread when a camera has a frame.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Loads the networks and begins to look; frames that come meanwhile are dropped for newer ones.</summary>
    public void Start() => _thread.Start();

    /// <summary>The cameras to look at from now on; when it returns, the thread has let go of those left out.</summary>
    public void SetCameras(IEnumerable<CameraPipeline> cameras)
    {
        lock (_turn)
        {
            _cameras = [.. cameras.Where(c => !c.PreviewOnly)];
            var flows = _cameras.SelectMany(c => c.MainFrames is { } main ? new[] { (c, c.SubFrames), (c, main) } : [(c, c.SubFrames)]).ToArray();
            _flows = [.. flows.Select(f => f.Item2)];
            _owners = [.. flows.Select(f => f.c)];
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _wake.Set();
        if (_thread.IsAlive)
            _thread.Join();
        _detectors?.Dispose();
        _wake.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            if (!_loading.Try(Load))
                return;
            _onThread?.Invoke();
            while (!_stop.IsCancellationRequested)
            {
                _wake.Wait(s_sweep, _stop.Token);
                // Reset before looking: a frame that comes meanwhile wakes again.
                _wake.Reset();
                while (!_stop.IsCancellationRequested && TakeTurn())
                    SweepWhenDue();
                SweepWhenDue();
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

    /// <summary>Loads each network and runs it once, so that the first real frame does not pay for it.</summary>
    /// <exception cref="ModelException">A model is missing or altered.</exception>
    internal void Load()
    {
        _detectors = new Detectors(_models);
        _detectors.WarmUp(_pool);
    }

    /// <summary>One frame of the flow whose turn it is; false when none has one.</summary>
    private bool TakeTurn()
    {
        lock (_turn)
        {
            ForgetWhatIsNotSeen();
            if (_turns.Next(_flows) is not { } flow || !flow.TryTake(out var frame))
                return false;
            using (frame)
                AnalyseOrRest(_owners[Array.IndexOf(_flows, flow)], flow, frame);
            return true;
        }
    }

    /// <summary>What one camera's picture breaks must not reach the others: that camera rests, is told of, and starts afresh.</summary>
    private void AnalyseOrRest(CameraPipeline camera, FrameFlow flow, Frame frame)
    {
        if (frame.CapturedMonoMs < camera.RestUntilMonoMs || !_seeing.Any)
            return;
        try
        {
            _meter.Begin();
            long events = _follower.Events;
            Analyse(camera, frame, isMain: flow == camera.MainFrames);
            flow.CountAnalysed();
            _counters.FrameAnalysed(_meter.End(), quiet: events == _follower.Events);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogCameraFailed(_logger, camera.Id, e);
            camera.RestUntilMonoMs = frame.CapturedMonoMs + RestMs;
            camera.Forget(VisitKind.Face);
            camera.Forget(VisitKind.Plate);
        }
    }

    /// <summary>One frame of one camera, all that detection does with it. How many faces and plates it shows is known here and nowhere else.</summary>
    internal void Analyse(CameraPipeline camera, Frame frame, bool isMain)
    {
        int? heads = null;
        bool plates = _seeing.Plates && (isMain || camera.Plan.PlatesInSub);
        if (_seeing.Faces && !isMain && camera.TakeFaceTurn(frame.CapturedMonoMs))
            heads = Follow(camera, VisitKind.Face, frame);
        if (plates)
            Follow(camera, VisitKind.Plate, frame);
        camera.Scene.AddFrame(frame.CapturedMonoMs, heads, plates);
        _follower.TellOutOfSight(camera, frame.CapturedMonoMs);
        camera.Reader.Analysis.Busy = VisitFollower.IsBusy(camera);
        camera.LastAnalysedMonoMs = frame.CapturedMonoMs;
    }

    /// <summary>How many it shows.</summary>
    private int Follow(CameraPipeline camera, VisitKind kind, Frame frame)
    {
        var found = _detectors!.Find(kind, frame);
        _follower.Follow(camera, kind, found, (float)frame.Height / frame.Width, frame.CapturedMonoMs);
        return found.Length;
    }

    /// <summary>Under overload there is always another frame: time passes then as well.</summary>
    private void SweepWhenDue()
    {
        if (_time.GetElapsedTime(_sweptAt) < s_sweep)
            return;
        _sweptAt = _time.GetTimestamp();
        lock (_turn)
            SweepNeedsTurn();
    }

    /// <summary>Time passes for a lost camera too.</summary>
    private void SweepNeedsTurn()
    {
        ForgetWhatIsNotSeen();
        long now = _time.MonoMs() - FrameDelayMs;
        long oldestPlate = 0;
        foreach (var camera in _cameras)
        {
            foreach (var visit in camera.Visits)
                if (visit.Kind == VisitKind.Plate)
                    oldestPlate = Math.Max(oldestPlate, now - visit.BeganMonoMs);
            if (camera.Scene.TakeDue(now) is { } minute)
                MinutePassed?.Invoke(minute);
            // A still camera's next frame may be half a second away.
            long silent = Math.Max(SilentMs, (long)(2500 / camera.Plan.StillFps));
            if (camera.Visits.Count == 0 || now - camera.LastAnalysedMonoMs < silent)
                continue;
            _follower.Follow(camera, VisitKind.Face, [], 1, now);
            _follower.Follow(camera, VisitKind.Plate, [], 1, now);
            _follower.TellOutOfSight(camera, now);
        }
        _counters.Holds(VisitKind.Plate, oldestPlate);
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
        {
            camera.Forget(kind);
            camera.Scene.Forget();
        }
        _looks.Forget(v => v.Kind == kind);
    }

    [LoggerMessage(3003, LogLevel.Error, "A picture of camera {Camera} could not be analysed; it rests for a moment")]
    private static partial void LogCameraFailed(ILogger logger, string camera, Exception error);

    [LoggerMessage(3001, LogLevel.Critical, "Detection failed; this process ends and is started again")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
