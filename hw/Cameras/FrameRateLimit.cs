using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// Which pictures of a stream become frames: so many a second while something moves or somebody is busy with what the camera shows,
/// fewer while all is still. Changed by one thread and asked by another.
/// </summary>
public sealed class FrameRateLimit
{
    private volatile float _fps;
    private volatile float _stillFps = float.MaxValue;
    private volatile int _maxWidth = 640;
    private volatile bool _busy;
    private double _nextMs = double.NegativeInfinity;
    private double _nextStillMs = double.NegativeInfinity;

    /// <summary>Frames per second; 0: none.</summary>
    public float Fps
    {
        get => _fps;
        set => _fps = value;
    }

    /// <summary>Frames per second while nothing moves and nobody is <see cref="Busy"/>; from <see cref="Fps"/> up: no difference is made.</summary>
    public float StillFps
    {
        get => _stillFps;
        set => _stillFps = value;
    }

    /// <summary>Whoever takes the frames is busy with what this camera shows, also if it stands still.</summary>
    public bool Busy
    {
        get => _busy;
        set => _busy = value;
    }

    /// <summary>Frames are scaled down to at most this width, in pixels, keeping their shape.</summary>
    public int MaxWidth
    {
        get => _maxWidth;
        set => _maxWidth = Math.Clamp(value, 16, FramePool.MaxSide);
    }

    /// <summary>Whether movement decides anything now.</summary>
    internal bool SparesStill => _stillFps < _fps;

    /// <summary>At the full rate, by capture time, so that jitter on the way does not thin out the frames.</summary>
    internal bool IsDue(long capturedMs) => IsDue(capturedMs, _fps, ref _nextMs);

    /// <summary>Of the pictures that are due, those that are wanted although (or because) this moves.</summary>
    internal bool IsWanted(long capturedMs, bool moving)
    {
        if (!SparesStill)
            return true;
        // Asked always, so that the slow pace goes on from the newest frame when the movement ends.
        bool due = IsDue(capturedMs, _stillFps, ref _nextStillMs);
        return due || moving || _busy;
    }

    private static bool IsDue(long capturedMs, float fps, ref double nextMs)
    {
        if (fps <= 0)
            return false;
        double step = 1000 / fps;
        // A tenth of a step early is on time: 25 fps does not divide into 10.
        if (capturedMs + step / 10 < nextMs)
            return false;
        nextMs = capturedMs > nextMs + 2 * step ? capturedMs + step : nextMs + step;
        return true;
    }
}
