using Google.Protobuf.Collections;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>Whether a place lies in an <see cref="Area"/>.</summary>
internal static class GeoArea
{
    private const double EarthRadiusMetres = 6_371_008.8;

    public static bool IsEverywhere(Area? area) => area is null || (area.Polygon.Count == 0 && area.Centre is null);

    public static bool Contains(Area area, double latitude, double longitude) =>
        area.Polygon.Count >= 3 ? InPolygon(area.Polygon, latitude, longitude)
        : area.Centre is { } centre && DistanceMetres(centre.LatitudeDegrees, centre.LongitudeDegrees, latitude, longitude) <= area.RadiusMetres;

    /// <summary>Great-circle distance (haversine).</summary>
    public static double DistanceMetres(double latitudeA, double longitudeA, double latitudeB, double longitudeB)
    {
        double dLat = double.DegreesToRadians(latitudeB - latitudeA), dLon = double.DegreesToRadians(longitudeB - longitudeA);
        double a = Math.Pow(Math.Sin(dLat / 2), 2)
            + Math.Cos(double.DegreesToRadians(latitudeA)) * Math.Cos(double.DegreesToRadians(latitudeB)) * Math.Pow(Math.Sin(dLon / 2), 2);
        return 2 * EarthRadiusMetres * Math.Asin(Math.Min(1, Math.Sqrt(a)));
    }

    // Even-odd rule; rings of a city's size, away from the date line.
    private static bool InPolygon(RepeatedField<GeoPoint> ring, double latitude, double longitude)
    {
        bool inside = false;
        for (int i = 0, j = ring.Count - 1; i < ring.Count; j = i++)
        {
            (GeoPoint a, GeoPoint b) = (ring[i], ring[j]);
            if (a.LatitudeDegrees > latitude == b.LatitudeDegrees > latitude)
                continue;
            double along = (latitude - a.LatitudeDegrees) / (b.LatitudeDegrees - a.LatitudeDegrees);
            if (longitude < a.LongitudeDegrees + along * (b.LongitudeDegrees - a.LongitudeDegrees))
                inside = !inside;
        }
        return inside;
    }
}
