using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>Unpacks the delta-coded points of a track segment (event.proto), the same at the centre and in a car that was started again.</summary>
public static class TrackFixes
{
    private const double DegreesPerStep = 1e-6;
    private const long MsPerStep = 100;

    /// <summary>With their times and whether they may be believed.</summary>
    /// <param name="track">The segment.</param>
    /// <param name="believed">False: nobody vouched for the car's clock; it was somewhere, but nobody knows when.</param>
    public static IEnumerable<PatrolFix> Of(TrackSegment track, bool believed)
    {
        ArgumentNullException.ThrowIfNull(track);
        if (track.Base is not { } start)
            yield break;
        var first = PatrolFix.Of(start);
        var fix = first with { Counts = first.Counts && believed };
        yield return fix;
        var points = Math.Min(track.TimeDelta.Count, Math.Min(track.LatitudeDelta.Count, track.LongitudeDelta.Count));
        for (var at = 0; at < points; at++)
        {
            fix = fix with
            {
                AtUnixMs = fix.AtUnixMs + (track.TimeDelta[at] * MsPerStep),
                LatitudeDegrees = fix.LatitudeDegrees + (track.LatitudeDelta[at] * DegreesPerStep),
                LongitudeDegrees = fix.LongitudeDegrees + (track.LongitudeDelta[at] * DegreesPerStep),
            };
            yield return fix with { Counts = fix.Counts && Math.Abs(fix.LatitudeDegrees) <= 90 && Math.Abs(fix.LongitudeDegrees) <= 180 };
        }
    }
}
