using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Eyes.Cab;

/// <summary>
/// Looks at the cab camera while the host asks for it, on a thread of its own that otherwise sleeps: closely for a login, or only to
/// count who is there. Its networks are loaded when it is first asked and given back when it is not.
/// </summary>
internal sealed partial class CabStage(ModelStore models, Action<EyesMessage> tell, TimeProvider time, ILogger<CabStage> logger) : IDisposable
{
    /// <summary>A blink lasts a quarter of a second; a look costs some 15 ms.</summary>
    private const float LoginFps = 12;
    private const float CountFps = 0.5f;

    /// <summary>The host asks for no more than half of it; what it forgets to end, ends here.</summary>
    private static readonly TimeSpan s_longestLogin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_nap = TimeSpan.FromSeconds(1);

    private readonly ManualResetEventSlim _wake = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly FaceBox[] _found = new FaceBox[16];
    private Thread? _thread;
    private volatile Asked _asked = new(CabLooking.Off, null, 0);
    private CabLook? _look;
    private FaceDetector? _detector;

    /// <summary>Called from any thread when the cab camera has a frame.</summary>
    public void Wake() => _wake.Set();

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "cab" };
        _thread.Start();
    }

    /// <param name="looking">What for.</param>
    /// <param name="camera">Which camera; null: there is no such one, and nothing is looked at.</param>
    public void Look(CabLooking looking, CameraPipeline? camera)
    {
        _asked = new Asked(camera is null ? CabLooking.Off : looking, camera ?? _asked.Camera, time.GetTimestamp());
        _wake.Set();
    }

    /// <summary>Frames a second that it wants of a camera.</summary>
    public float FpsOf(CameraPipeline camera) => _asked.Camera != camera ? 0 : _asked.Looking switch
    {
        CabLooking.Login => LoginFps,
        CabLooking.Count => CountFps,
        _ => 0,
    };

    /// <summary>Lets go of a camera that is no longer among these.</summary>
    public void KeepTo(IEnumerable<CameraPipeline> cameras)
    {
        if (_asked.Camera is { } camera && !cameras.Contains(camera))
            _asked = new Asked(CabLooking.Off, null, 0);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _wake.Set();
        if (_thread is { IsAlive: true })
            _thread.Join();
        Unload();
        _wake.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                _ = _wake.Wait(s_nap, _stop.Token);
                _wake.Reset();
                TakeTurn();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private void TakeTurn()
    {
        var asked = _asked;
        if (asked.Looking == CabLooking.Login && time.GetElapsedTime(asked.At) > s_longestLogin)
        {
            asked = _asked = asked with { Looking = CabLooking.Off };
            asked.Camera!.SetCabRate(0);
        }
        if (asked.Looking == CabLooking.Off)
        {
            // The last picture of whoever sat there must not wait for the next login.
            if (asked.Camera is { } camera && camera.SubFrames.TryTake(out var last))
                last.Dispose();
            Unload();
            return;
        }
        try
        {
            Load(asked.Looking);
            if (!asked.Camera!.SubFrames.TryTake(out var frame))
                return;
            using (frame)
                tell(new EyesMessage { Cab = asked.Looking == CabLooking.Login ? _look!.At(frame) : Count(frame) });
            asked.Camera.SubFrames.CountAnalysed();
        }
        catch (Exception e) when (e is ModelException or InvalidDataException or ArgumentException)
        {
            // A cab that cannot be looked at must not blind the street: the host is told, and the officer has the PIN.
            LogFailed(logger, e);
            _asked = asked with { Looking = CabLooking.Off };
            asked.Camera!.SetCabRate(0);
            tell(new EyesMessage { Cab = new CabFrame { CameraId = asked.Camera.Id, Fault = e is ModelException ? "models" : "picture" } });
        }
    }

    private CabFrame Count(Hw.Frames.Frame frame) => new()
    {
        CameraId = frame.CameraId,
        CapturedMonoMs = frame.CapturedMonoMs,
        Faces = (uint)_detector!.Detect(frame.View, _found),
    };

    private void Load(CabLooking looking)
    {
        if (looking == CabLooking.Login)
            _look ??= new CabLook(models);
        else
            _detector ??= FaceDetector.ForPortraits(models);
    }

    private void Unload()
    {
        _look?.Dispose();
        _detector?.Dispose();
        (_look, _detector) = (null, null);
    }

    [LoggerMessage(3030, LogLevel.Error, "The cab camera cannot be looked at; officers sign in by PIN")]
    private static partial void LogFailed(ILogger logger, Exception error);

    private sealed record Asked(CabLooking Looking, CameraPipeline? Camera, long At);
}
