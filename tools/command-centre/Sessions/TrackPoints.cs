using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>Unpacks the delta-coded points of a track segment (event.proto).</summary>
internal static class TrackPoints
{
    private const double DegreesPerStep = 1e-6;
    private const long MsPerStep = 100;

    /// <summary>With their times and whether they may be believed; a car whose clock nobody vouches for was somewhere, but nobody knows when.</summary>
    public static IEnumerable<PatrolFix> Fixes(Event stored)
    {
        if (stored.Track?.Base is not { } start)
            yield break;
        var first = PatrolFix.Of(start);
        var fix = first with { Counts = first.Counts && stored.TimeTrust != TimeTrust.Untrusted };
        yield return fix;
        var track = stored.Track;
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

    public static IEnumerable<GeoPoint> Of(TrackSegment track)
    {
        if (track.Base is not { } start || !Fleet.HasFix(start))
            yield break;
        var latitude = start.LatitudeDegrees;
        var longitude = start.LongitudeDegrees;
        yield return new GeoPoint { LatitudeDegrees = latitude, LongitudeDegrees = longitude };
        for (var at = 0; at < track.LatitudeDelta.Count; at++)
        {
            latitude += track.LatitudeDelta[at] * DegreesPerStep;
            longitude += track.LongitudeDelta[at] * DegreesPerStep;
            yield return new GeoPoint { LatitudeDegrees = latitude, LongitudeDegrees = longitude };
        }
    }
}
