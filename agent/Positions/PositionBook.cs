using EdgeAgent.Agent.Hosting;
using Patrol.Dispatch.V1;
using Fix = EdgeAgent.Hw.Gnss.GnssFix;
using Quality = EdgeAgent.Hw.Gnss.GnssQuality;

namespace EdgeAgent.Agent.Positions;

/// <summary>Where the car is, for everybody who asks. The newest position, with the officer who was on duty then.</summary>
internal sealed class PositionBook(TrustedClock clock)
{
    private volatile Position? current;
    private long atMonoMs;
    private readonly JumpCheck jumps = new();

    /// <summary>The newest position; null before the first report of the receiver.</summary>
    public Position? Current => current;

    /// <summary>A new report of the receiver: return quickly, do not throw.</summary>
    public event Action<Position>? Moved;

    public long AgeMs => Math.Max(0, clock.MonoMs - Interlocked.Read(ref atMonoMs));

    public Position Take(Fix fix, string officerId)
    {
        var position = new Position
        {
            AtUnixMs = clock.UnixMsAt(fix.ReceivedMonoMs),
            Fix = fix.Quality switch { Quality.ThreeD => GnssFix._3D, Quality.TwoD => GnssFix._2D, Quality.DeadReckoning => GnssFix.DeadReckoning, _ => GnssFix.None },
            Stale = fix.Stale,
            OfficerId = officerId,
        };
        // Without a fix there is no place: fields stay absent, never 0/0.
        if (position.Fix != GnssFix.None)
        {
            position.LatitudeDegrees = fix.Latitude;
            position.LongitudeDegrees = fix.Longitude;
            position.SpeedMps = (float)(fix.SpeedMps ?? 0);
            position.HeadingDegrees = (float)(fix.HeadingDegrees ?? 0);
            position.AccuracyMetres = (float)(fix.HorizontalErrorM ?? 0);
            position.Suspect = jumps.IsSuspect(fix.ReceivedMonoMs, fix.Latitude, fix.Longitude);
        }
        _ = Interlocked.Exchange(ref atMonoMs, fix.ReceivedMonoMs);
        current = position;
        Moved?.Invoke(position);
        return position;
    }
}
