using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Positions;

/// <summary>
/// Collects positions into delta-coded segments (event.proto). Each delta is against what the reader has decoded so far, so
/// rounding never adds up.
/// </summary>
internal sealed class TrackCoder
{
    private const double DegreesPerStep = 1e-6;
    private const int MsPerStep = 100;

    private const long LeastGapMs = 2_000;

    private TrackSegment? segment;
    private Point last;
    private long lastKeptAt;
    private long? brokeAtUnixMs;

    public int Points => segment is null ? 0 : 1 + segment.TimeDelta.Count;

    /// <summary>Adds a position with a fix.</summary>
    /// <returns>The segment so far when this one does not continue it (another officer, fix or flag); else null.</returns>
    public TrackSegment? Add(Position position)
    {
        if (segment is not null && Continues(segment.Base, position))
        {
            Extend(position);
            return null;
        }
        TrackSegment? done = Take();
        segment = new TrackSegment { Base = position.Clone() };
        if (brokeAtUnixMs is { } at && position.AtUnixMs - at is >= LeastGapMs and var gap)
            segment.GapMs = (uint)Math.Min(gap, uint.MaxValue);
        brokeAtUnixMs = null;
        last = Point.Of(position);
        return done;
    }

    /// <summary>The receiver knows no position any more: the next segment says for how long, so that nobody joins the two by a line.</summary>
    /// <returns>The segment so far, or null.</returns>
    public TrackSegment? Break()
    {
        TrackSegment? done = Take();
        if (lastKeptAt > 0)
            brokeAtUnixMs ??= lastKeptAt;
        return done;
    }

    /// <summary>The segment so far, or null; the next position begins a new one.</summary>
    public TrackSegment? Take()
    {
        TrackSegment? done = segment;
        if (done is not null)
            lastKeptAt = last.Time * MsPerStep;
        segment = null;
        return done;
    }

    private void Extend(Position position)
    {
        Point next = Point.Of(position);
        segment!.TimeDelta.Add((int)(next.Time - last.Time));
        segment.LatitudeDelta.Add((int)(next.Latitude - last.Latitude));
        segment.LongitudeDelta.Add((int)(next.Longitude - last.Longitude));
        segment.SpeedDelta.Add(next.Speed - last.Speed);
        segment.HeadingDelta.Add(next.Heading - last.Heading);
        last = next;
    }

    private static bool Continues(Position a, Position b) =>
        a.Fix == b.Fix && a.OfficerId == b.OfficerId && a.Stale == b.Stale && a.Suspect == b.Suspect && b.AtUnixMs >= a.AtUnixMs;

    /// <summary>A position in the segment's own steps.</summary>
    private readonly record struct Point(long Time, long Latitude, long Longitude, int Speed, int Heading)
    {
        public static Point Of(Position p) => new(
            p.AtUnixMs / MsPerStep, (long)Math.Round(p.LatitudeDegrees / DegreesPerStep), (long)Math.Round(p.LongitudeDegrees / DegreesPerStep),
            (int)MathF.Round(p.SpeedMps * 10), (int)MathF.Round(p.HeadingDegrees));
    }
}
