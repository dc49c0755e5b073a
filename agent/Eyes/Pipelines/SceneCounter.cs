using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Eyes.Pipelines;

/// <summary>
/// One camera's minute as numbers: heads a frame (median and most) and vehicles that came into sight. It is given counts and holds
/// counts, so nobody can be found in it. Detection thread.
/// </summary>
internal sealed class SceneCounter(string cameraId)
{
    /// <summary>A minute of the monotonic clock.</summary>
    public const long PeriodMs = 60_000;

    /// <summary>More heads than this in one frame count as this many: the detector gives no more.</summary>
    public const int MostHeads = 64;

    private readonly int[] _framesWithHeads = new int[MostHeads + 1];
    private long _fromMonoMs = -1;
    private int _frames;
    private int _headFrames;
    private int _plateFrames;
    private int _vehicles;

    /// <param name="monoMs">Capture time of the frame.</param>
    /// <param name="heads">Heads found; null when none were looked for.</param>
    /// <param name="platesSought">Whether plates were looked for.</param>
    public void AddFrame(long monoMs, int? heads, bool platesSought)
    {
        if (_fromMonoMs < 0)
            _fromMonoMs = monoMs;
        _frames++;
        if (heads is { } count)
        {
            _headFrames++;
            _framesWithHeads[Math.Clamp(count, 0, MostHeads)]++;
        }
        _plateFrames += platesSought ? 1 : 0;
    }

    /// <summary>A plate came into sight.</summary>
    public void AddVehicle() => _vehicles++;

    /// <summary>The counts, once a minute has passed since the first frame; null before, and when no frame came.</summary>
    public SceneMinute? TakeDue(long nowMonoMs)
    {
        if (_fromMonoMs < 0 || nowMonoMs - _fromMonoMs < PeriodMs)
            return null;
        var minute = new SceneMinute
        {
            CameraId = cameraId,
            FromMonoMs = _fromMonoMs,
            ToMonoMs = _fromMonoMs + PeriodMs,
            Frames = (uint)_frames,
            HeadsKnown = _headFrames > 0,
            HeadsMedian = (uint)Median(),
            HeadsMax = (uint)Math.Max(0, Array.FindLastIndex(_framesWithHeads, static n => n > 0)),
            VehiclesKnown = _plateFrames > 0,
            Vehicles = (uint)_vehicles,
        };
        Forget();
        return minute;
    }

    /// <summary>Starts afresh: what was counted under another officer or before a pause is of no minute.</summary>
    public void Forget()
    {
        Array.Clear(_framesWithHeads);
        (_fromMonoMs, _frames, _headFrames, _plateFrames, _vehicles) = (-1, 0, 0, 0, 0);
    }

    /// <summary>The lower median, so that a head seen in less than half of the frames is not counted.</summary>
    private int Median()
    {
        int below = 0;
        for (int heads = 0; heads <= MostHeads; heads++)
        {
            below += _framesWithHeads[heads];
            if (2 * below >= _headFrames)
                return heads;
        }
        return 0;
    }
}
