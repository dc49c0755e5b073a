namespace EdgeAgent.Hw.Clock;

/// <summary>The clock for ages and latencies: CLOCK_MONOTONIC, so that both processes of a car speak of the same instants.</summary>
public static class MonotonicClock
{
    /// <summary>Milliseconds on the monotonic clock of <paramref name="time"/>; never jumps with the wall clock.</summary>
    public static long MonoMs(this TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return time.GetTimestamp() / (time.TimestampFrequency / 1000);
    }

    /// <summary>Milliseconds since 1970 on the wall clock, for people.</summary>
    public static long UnixMs(this TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return time.GetUtcNow().ToUnixTimeMilliseconds();
    }
}
