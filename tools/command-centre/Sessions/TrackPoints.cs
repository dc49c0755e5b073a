using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>Unpacks the delta-coded points of a track segment (event.proto).</summary>
internal static class TrackPoints
{
    private const double DegreesPerStep = 1e-6;

    /// <inheritdoc cref="TrackFixes.Of"/>
    public static IEnumerable<PatrolFix> Fixes(Event stored) =>
        stored.Track is { } track ? TrackFixes.Of(track, stored.TimeTrust != TimeTrust.Untrusted) : [];

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
