using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Watchlists;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Privacy;

/// <summary>Where the car last knew itself to be.</summary>
/// <param name="HeadingDegrees">Where its front points, clockwise from true north; null: it has not driven yet.</param>
internal sealed record LastPlace(double LatitudeDegrees, double LongitudeDegrees, double SpeedMps, double? HeadingDegrees, long AgeMs);

/// <summary>What holds at one moment.</summary>
/// <param name="Places">Those that the car is in, or may be in.</param>
/// <param name="Unchecked">There are places, and nobody knows whether the car is in one.</param>
internal sealed record PrivacyNow(IReadOnlyList<PrivacyPlace> Places, bool Unchecked, double? HeadingDegrees)
{
    public static PrivacyNow Nothing { get; } = new([], false, null);

    public bool BarsView(string cameraId) => Places.Any(p => !p.AllowViews && p.IsAbout(cameraId));

    public bool BarsMatching(Visit visit) =>
        Places.Any(p => p.IsAbout(visit.CameraId) && (p.NotMatched == "all" || (p.NotMatched == "faces" && visit is FaceSighting)));

    public IEnumerable<PrivacyPlace> SectorsOf(string cameraId) => Places.Where(p => p.PanFromDegrees is not null && p.IsAbout(cameraId));
}

/// <summary>
/// In which of its privacy places a car is, from where it last was and how long ago. Without a present position it may be anywhere
/// that it could have driven to since, for a minute; after that nothing is known, and that is said.
/// </summary>
internal sealed class PrivacyPlaces(PrivacyOptions options)
{
    public const long PresentMs = 3_000, AssumedMs = 60_000;

    /// <summary>A place that holds is left this far from its edge, so that a receiver's wandering does not leave it and enter it all day.</summary>
    public const double LeftMetres = 20;

    /// <summary>A car that stood when its position was lost may drive off: 50 km/h.</summary>
    private const double LeastSpeedMps = 14;

    private readonly (PrivacyPlace Place, Area Area)[] places = [.. options.Places.Select(p => (p, p.Area))];

    public bool Any => places.Length > 0;

    /// <param name="held">Places that held a moment ago.</param>
    public PrivacyNow At(LastPlace? last, IReadOnlyList<PrivacyPlace> held)
    {
        if (places.Length == 0)
            return PrivacyNow.Nothing;
        if (last is null || last.AgeMs > AssumedMs)
            return new PrivacyNow([], true, null);
        double reachMetres = last.AgeMs <= PresentMs ? 0 : Math.Max(LeastSpeedMps, last.SpeedMps) * last.AgeMs / 1000;
        return new PrivacyNow(
            [.. places.Where(p => GeoArea.DistanceMetres(p.Area, last.LatitudeDegrees, last.LongitudeDegrees) <= (held.Contains(p.Place) ? Math.Max(reachMetres, LeftMetres) : reachMetres))
                .Select(p => p.Place)],
            false, last.AgeMs <= PresentMs ? last.HeadingDegrees : null);
    }
}
