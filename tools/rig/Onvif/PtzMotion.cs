namespace EdgeAgent.Rig.Onvif;

/// <summary>Pan and tilt -1..1, zoom 0..1, as ONVIF's generic spaces have them.</summary>
internal readonly record struct PtzVector(double Pan, double Tilt, double Zoom);

/// <summary>
/// A head that takes its time: at full speed from one end to the other in eight seconds. Thread-safe.
/// </summary>
internal sealed class PtzMotion(TimeProvider time)
{
    private const double UnitsPerSecond = 0.25;

    private readonly Lock gate = new();
    private PtzVector position;
    private PtzVector velocity;
    private PtzVector? target;
    private long movedAt = time.GetTimestamp();
    private long? moveEndsAt;

    public (PtzVector Position, bool PanTiltMoving, bool ZoomMoving) Status
    {
        get
        {
            lock (gate)
            {
                Advance();
                bool panTilt = velocity.Pan != 0 || velocity.Tilt != 0 || (target is { } t && (t.Pan != position.Pan || t.Tilt != position.Tilt));
                bool zoom = velocity.Zoom != 0 || (target is { } u && u.Zoom != position.Zoom);
                return (position, panTilt, zoom);
            }
        }
    }

    /// <summary>Moves on until stopped, or until the timeout where there is one. Null leaves that axis as it is.</summary>
    public void Move((double Pan, double Tilt)? panTilt, double? zoom, TimeSpan? timeout)
    {
        lock (gate)
        {
            Advance();
            target = null;
            velocity = new PtzVector(panTilt?.Pan ?? velocity.Pan, panTilt?.Tilt ?? velocity.Tilt, zoom ?? velocity.Zoom);
            moveEndsAt = timeout is { } limit ? movedAt + (long)(limit.TotalSeconds * time.TimestampFrequency) : null;
        }
    }

    public void GoTo((double Pan, double Tilt)? panTilt, double? zoom)
    {
        lock (gate)
        {
            Advance();
            velocity = default;
            moveEndsAt = null;
            target = new PtzVector(Math.Clamp(panTilt?.Pan ?? position.Pan, -1, 1), Math.Clamp(panTilt?.Tilt ?? position.Tilt, -1, 1), Math.Clamp(zoom ?? position.Zoom, 0, 1));
        }
    }

    public void GoBy((double Pan, double Tilt)? panTilt, double? zoom)
    {
        PtzVector at = Status.Position;
        GoTo(panTilt is { } p ? (at.Pan + p.Pan, at.Tilt + p.Tilt) : null, zoom is { } z ? at.Zoom + z : null);
    }

    public void Stop(bool panTilt, bool zoom)
    {
        lock (gate)
        {
            Advance();
            target = null;
            velocity = new PtzVector(panTilt ? 0 : velocity.Pan, panTilt ? 0 : velocity.Tilt, zoom ? 0 : velocity.Zoom);
        }
    }

    private void Advance()
    {
        long now = time.GetTimestamp();
        long until = moveEndsAt is { } end && end < now ? Math.Max(end, movedAt) : now;
        double reach = UnitsPerSecond * (until - movedAt) / time.TimestampFrequency;
        position = target is { } t
            ? new PtzVector(Approach(position.Pan, t.Pan, reach), Approach(position.Tilt, t.Tilt, reach), Approach(position.Zoom, t.Zoom, reach))
            : new PtzVector(
                Math.Clamp(position.Pan + velocity.Pan * reach, -1, 1),
                Math.Clamp(position.Tilt + velocity.Tilt * reach, -1, 1),
                Math.Clamp(position.Zoom + velocity.Zoom * reach, 0, 1));
        if (until < now)
            (velocity, moveEndsAt) = (default, null);
        movedAt = now;
    }

    private static double Approach(double from, double to, double reach) =>
        Math.Abs(to - from) <= reach ? to : from + Math.Sign(to - from) * reach;
}
