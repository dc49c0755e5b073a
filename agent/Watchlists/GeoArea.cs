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

    /// <summary>How far a place is from an area; 0 within it. For distances of a city's size.</summary>
    public static double DistanceMetres(Area area, double latitude, double longitude)
    {
        if (Contains(area, latitude, longitude))
            return 0;
        if (area.Polygon.Count < 3)
            return DistanceMetres(area.Centre.LatitudeDegrees, area.Centre.LongitudeDegrees, latitude, longitude) - area.RadiusMetres;
        double nearest = double.MaxValue;
        for (int i = 0, j = area.Polygon.Count - 1; i < area.Polygon.Count; j = i++)
            nearest = Math.Min(nearest, EdgeMetres(area.Polygon[j], area.Polygon[i], latitude, longitude));
        return nearest;
    }

    // On a plane around the place: the foot of the perpendicular, or the nearer end.
    private static double EdgeMetres(GeoPoint a, GeoPoint b, double latitude, double longitude)
    {
        double squeeze = Math.Cos(double.DegreesToRadians(latitude));
        (double ax, double ay) = ((a.LongitudeDegrees - longitude) * squeeze, a.LatitudeDegrees - latitude);
        (double bx, double by) = ((b.LongitudeDegrees - longitude) * squeeze, b.LatitudeDegrees - latitude);
        (double dx, double dy) = (bx - ax, by - ay);
        double length = dx * dx + dy * dy;
        double along = length == 0 ? 0 : Math.Clamp(-(ax * dx + ay * dy) / length, 0, 1);
        return double.DegreesToRadians(double.Hypot(ax + along * dx, ay + along * dy)) * EarthRadiusMetres;
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
