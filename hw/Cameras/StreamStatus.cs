using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Ffmpeg;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Cameras;

/// <summary>What a camera or one of its streams is doing.</summary>
public enum CameraPhase
{
    Connecting,
    Streaming,
    Lost,
}

/// <summary>One stream's state at one instant.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Detail">Why it was lost; empty otherwise.</param>
/// <param name="Format">What it sends, while streaming.</param>
internal sealed record StreamStatus(CameraPhase Phase, string Detail, StreamFormat? Format)
{
    public static StreamStatus Initial { get; } = new(CameraPhase.Connecting, "", null);
}

/// <summary>Packets per second over the last full second. One writer; a reader may be a packet behind.</summary>
internal sealed class StreamRate
{
    private const long WindowMs = 1000;
    private long _windowStartMs;
    private int _inWindow;
    private float _perSecond;

    public void Count(long nowMs)
    {
        long elapsed = nowMs - _windowStartMs;
        if (elapsed >= WindowMs)
        {
            // After a gap the old window says nothing.
            Volatile.Write(ref _perSecond, elapsed < 2 * WindowMs ? _inWindow * 1000f / elapsed : 0);
            Interlocked.Exchange(ref _windowStartMs, nowMs);
            _inWindow = 0;
        }
        _inWindow++;
    }

    public float PerSecond(long nowMs) =>
        nowMs - Interlocked.Read(ref _windowStartMs) < 2 * WindowMs ? Volatile.Read(ref _perSecond) : 0;
}

/// <summary>Holds a file back to the pace of its own timestamps.</summary>
internal sealed class FilePace(TimeProvider time, ManualResetEventSlim stop)
{
    /// <summary>About one frame: a file of a single picture must not become a busy loop.</summary>
    public static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(40);

    private double _offsetMs = double.NaN;

    public unsafe void Wait(PacketHandle packet, StreamFormat format)
    {
        long timestamp = packet.Pointer->dts != ffmpeg.AV_NOPTS_VALUE ? packet.Pointer->dts : packet.Pointer->pts;
        if (timestamp == ffmpeg.AV_NOPTS_VALUE)
            return;
        double ms = format.ToMilliseconds(timestamp);
        if (double.IsNaN(_offsetMs))
            _offsetMs = time.MonoMs() - ms;
        int wait = (int)Math.Clamp(ms + _offsetMs - time.MonoMs(), 0, 1000);
        if (wait > 0)
            stop.Wait(wait);
    }
}
