namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// Says when a packet's picture was captured. The camera's own timestamps are even but count from anywhere; arrival times are ours
/// but carry the network's jitter. The smallest (arrival − timestamp) seen is the least delayed packet: timestamp plus that offset
/// is the capture time on our clock, less the constant part of the way.
/// </summary>
internal sealed class CaptureClock
{
    /// <summary>
    /// How fast the offset may grow again: a crystal is off by up to 100 parts per million, so this follows any real camera while
    /// a second of jitter moves it by half a millisecond.
    /// </summary>
    private const double LeakPerMs = 500e-6;

    /// <summary>Timestamps that disagree with the arrival by more than this have jumped: start over.</summary>
    private const double JumpMs = 1000;

    private double _offsetMs = double.NaN;
    private double _lastTimestampMs;
    private long _lastArrivalMs;
    private long _lastCaptureMs = long.MinValue;

    /// <summary>A new connection counts its timestamps from somewhere else.</summary>
    public void Reset() => _offsetMs = double.NaN;

    /// <summary>The capture time on the clock of <paramref name="arrivalMs"/>; never later than that, never going backwards.</summary>
    /// <param name="timestampMs">The packet's presentation time, or null when the camera gave none.</param>
    /// <param name="arrivalMs">When the packet was read.</param>
    public long Map(double? timestampMs, long arrivalMs)
    {
        double captured = timestampMs is { } timestamp ? FromTimestamp(timestamp, arrivalMs) : arrivalMs;
        _lastArrivalMs = arrivalMs;
        return _lastCaptureMs = Math.Max(_lastCaptureMs, Math.Min((long)Math.Round(captured), arrivalMs));
    }

    private double FromTimestamp(double timestamp, long arrivalMs)
    {
        double offset = arrivalMs - timestamp;
        double advanced = timestamp - _lastTimestampMs, waited = arrivalMs - _lastArrivalMs;
        // A stall makes arrivals late while timestamps go on evenly: those packets are old, and shall say so. A jump is a timestamp
        // that moved although (or far more than) time did not.
        bool jumped = advanced < -JumpMs || advanced > waited + JumpMs;
        if (double.IsNaN(_offsetMs) || jumped)
            _offsetMs = offset;
        else
            _offsetMs = Math.Min(offset, _offsetMs + LeakPerMs * Math.Max(waited, 0));
        _lastTimestampMs = timestamp;
        return timestamp + _offsetMs;
    }
}
