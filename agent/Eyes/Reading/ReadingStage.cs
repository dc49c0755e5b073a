using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Eyes.Reading;

/// <summary>
/// Takes closer looks on a thread of its own, so that reading never stalls detection: decodes the main stream around the wanted
/// instants, one pass for all that is wanted of one camera, reads plates and embeds faces, and tells what it is sure of.
/// </summary>
internal sealed partial class ReadingStage : IDisposable
{
    /// <summary>Main and sub-stream are aligned to a frame or two.</summary>
    private const long ToleranceMs = 120;

    /// <summary>An idle decoder holds some 20 MB and the last picture of the street; a visit's looks come within a second or so.</summary>
    private const long KeepDecoderMs = 2_000;

    /// <summary>So many decoders stay open at one time; opening one again costs a millisecond and what is left of a group of pictures.</summary>
    private const int MostDecoders = 2;
    private static readonly TimeSpan s_idle = TimeSpan.FromMilliseconds(500);

    private readonly ModelStore _models;
    private readonly PipelineParts _parts;
    private readonly CropJpeg _jpeg;
    private readonly Loading _loading = new();
    private readonly Seeing _seeing;
    private readonly Counters _counters;
    private readonly LookQueue _looks;
    private readonly Action<EyesMessage> _tell;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Action? _onThread;
    private readonly Thread _thread;
    private readonly Lock _turn = new();
    private readonly List<LookOrder> _orders = [];
    private volatile CameraPipeline[] _cameras = [];
    // Loaded by its thread, before it takes the first order.
    private PlateLook _plates = null!;
    private FaceLook _faces = null!;

    /// <param name="models">The networks.</param>
    /// <param name="parts">What all cameras share.</param>
    /// <param name="seeing">What may be looked for.</param>
    /// <param name="looks">The looks that were ordered.</param>
    /// <param name="tell">What was seen goes there.</param>
    /// <param name="logger">What it says.</param>
    /// <param name="onThread">What its thread does once its networks are loaded.</param>
    public ReadingStage(
        ModelStore models, PipelineParts parts, Seeing seeing, LookQueue looks, Action<EyesMessage> tell, ILogger<ReadingStage> logger,
        Action? onThread = null)
    {
        _jpeg = new CropJpeg(parts.Pool);
        _models = models;
        _parts = parts;
        _seeing = seeing;
        _counters = parts.Counters;
        _looks = looks;
        _tell = tell;
        _time = parts.Time;
        _logger = logger;
        _onThread = onThread;
        _thread = new Thread(Run) { IsBackground = true, Name = "read" };
    }

    /// <summary>Ends when the networks are loaded, or fails with what is wrong with one: <see cref="ModelException"/>.</summary>
    public Task Ready => _loading.Done;

    /// <summary>Loads the networks and begins to take looks.</summary>
    public void Start() => _thread.Start();

    /// <summary>The cameras from now on; when it returns, the thread has let go of those left out.</summary>
    public void SetCameras(IEnumerable<CameraPipeline> cameras)
    {
        lock (_turn)
            _cameras = [.. cameras];
        _looks.Forget(v => !_cameras.Contains(v.Camera));
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (_thread.IsAlive)
            _thread.Join();
        _plates?.Dispose();
        _faces?.Dispose();
        _jpeg.Dispose();
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
                bool any = _looks.TryTake(_orders, s_idle, _stop.Token);
                lock (_turn)
                {
                    if (any)
                        ServeNeedsTurn();
                    ReleaseIdleNeedsTurn();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
            Environment.FailFast("reading failed", e);
        }
    }

    /// <summary>Loads each network and runs it once.</summary>
    private void Load()
    {
        _plates = new PlateLook(_models, _parts.Pool, _jpeg, _parts.Counters);
        _plates.WarmUp();
        _faces = new FaceLook(_models, _parts.Pool, _jpeg, _parts.Counters);
        _faces.WarmUp();
    }

    /// <summary>All orders are for one camera.</summary>
    private void ServeNeedsTurn()
    {
        var camera = _orders[0].Visit.Camera;
        if (!_cameras.Contains(camera))
            return;
        // In the order of capture one pass of the decoder serves them all; what is to be told is told after the looks.
        _orders.Sort(static (a, b) => a.Act != b.Act ? a.Act.CompareTo(b.Act) : a.At.MonoMs.CompareTo(b.At.MonoMs));
        foreach (var order in _orders)
        {
            if (_stop.IsCancellationRequested)
                break;
            if (!_seeing.Allows(order.Visit.Kind, order.Visit.Epoch))
                continue;
            Serve(camera, order);
        }
        camera.LastLookMonoMs = _time.MonoMs();
        KeepFewDecodersNeedsTurn();
    }

    private void KeepFewDecodersNeedsTurn()
    {
        int open = 0;
        CameraPipeline? oldest = null;
        foreach (var camera in _cameras)
            if (camera.Main.IsOpen && ++open > 0 && (oldest is null || camera.LastLookMonoMs < oldest.LastLookMonoMs))
                oldest = camera;
        if (open > MostDecoders)
            oldest!.Main.Release();
    }

    /// <summary>What one visit's picture breaks ends that visit's looks and nothing else.</summary>
    private void Serve(CameraPipeline camera, in LookOrder order)
    {
        try
        {
            if (order.Act == LookAct.Look)
                Look(camera, order.Visit, order.At);
            else if (order.Act == LookAct.Check)
                Check(camera, order.Visit, order.At);
            if (order.Last)
                Tell(order.Visit, lookedOut: order.Act == LookAct.Look, order.At.MonoMs);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogLookFailed(_logger, camera.Id, e);
            order.Visit.Settled = true;
            camera.Main.Release();
        }
    }

    private void Look(CameraPipeline camera, Visit visit, in Candidate at)
    {
        if (visit.Settled)
            return;
        if (!TryShow(camera, at))
        {
            visit.LookLost();
            return;
        }
        if (visit.Kind == VisitKind.Face ? _faces.Look(visit, at, camera.Main) : _plates.Look(visit, at, camera.Main))
        {
            visit.Settled = true;
            Tell(visit, lookedOut: true, at.MonoMs);
        }
    }

    private void Check(CameraPipeline camera, Visit visit, in Candidate at)
    {
        if (TryShow(camera, at) && _plates.IsSame(visit, at, camera.Main) is { } same)
            visit.Identity.Looked(same);
    }

    private bool TryShow(CameraPipeline camera, in Candidate at)
    {
        long decoded = camera.Main.PicturesDecoded;
        bool shown = camera.Main.TryShow(at.MonoMs, ToleranceMs);
        _counters.LookTaken(camera.Main.PicturesDecoded - decoded);
        return shown;
    }

    /// <param name="lookedOut">No further look will be taken.</param>
    /// <param name="settledMonoMs">The frame that ended the waiting.</param>
    private void Tell(Visit visit, bool lookedOut, long settledMonoMs)
    {
        if (visit.Kind == VisitKind.Plate)
        {
            if (_plates.Tell(visit, settledMonoMs) is { } plate && _seeing.Allows(VisitKind.Plate, visit.Epoch))
                _tell(new EyesMessage { Plate = plate });
            return;
        }
        if (_faces.Tell(visit, settledMonoMs) is { } face && _seeing.Allows(VisitKind.Face, visit.Epoch))
            _tell(new EyesMessage { Face = face });
        if (lookedOut)
            visit.Face?.End();
    }

    private void ReleaseIdleNeedsTurn()
    {
        long now = _time.MonoMs();
        _faces.Forget(_seeing);
        while (_faces.Overdue(now) is { } visit)
            Tell(visit, lookedOut: true, settledMonoMs: 0);
        _counters.Holds(VisitKind.Face, _faces.OldestMs(now));
        foreach (var camera in _cameras)
            if (!_seeing.Any || now - camera.LastLookMonoMs > KeepDecoderMs)
                camera.Main.Release();
    }

    [LoggerMessage(3004, LogLevel.Error, "A picture of camera {Camera} could not be read; its visit is given up")]
    private static partial void LogLookFailed(ILogger logger, string camera, Exception error);

    [LoggerMessage(3002, LogLevel.Critical, "Reading failed; this process ends and is started again")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
