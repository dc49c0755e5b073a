using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>
/// Metres east and north of an origin, for shapes of a city's size: a sphere of 6,371,008.8 m (IUGG mean radius) flattened at the origin's
/// latitude. Within 20 km of it distances are right to better than 1 % (the flattening of the earth is 0.3 %).
/// </summary>
public sealed class LocalPlane(double latitudeDegrees, double longitudeDegrees)
{
    private const double MetresPerDegree = 6_371_008.8 * Math.PI / 180;
    private readonly double metresPerDegreeEast = MetresPerDegree * Math.Cos(latitudeDegrees * Math.PI / 180);

    public static LocalPlane Around(GeoPoint origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        return new LocalPlane(origin.LatitudeDegrees, origin.LongitudeDegrees);
    }

    /// <summary>Across the date line the short way.</summary>
    public PlanePoint Of(double latitude, double longitude) =>
        new(Math.IEEERemainder(longitude - longitudeDegrees, 360) * metresPerDegreeEast, (latitude - latitudeDegrees) * MetresPerDegree);

    /// <inheritdoc cref="Of(double, double)"/>
    public PlanePoint Of(GeoPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        return Of(point.LatitudeDegrees, point.LongitudeDegrees);
    }

    public GeoPoint Back(PlanePoint point) => new()
    {
        LatitudeDegrees = latitudeDegrees + (point.North / MetresPerDegree),
        LongitudeDegrees = longitudeDegrees + (point.East / metresPerDegreeEast),
    };

    public static double MetresBetween(GeoPoint a, GeoPoint b) => Around(a).Of(b).Length;
}

/// <summary>A point of a <see cref="LocalPlane"/>, in metres.</summary>
public readonly record struct PlanePoint(double East, double North)
{
    public double Length => Math.Sqrt((East * East) + (North * North));

    public static PlanePoint operator -(PlanePoint a, PlanePoint b) => new(a.East - b.East, a.North - b.North);

    public static PlanePoint Subtract(PlanePoint a, PlanePoint b) => a - b;

    public PlanePoint Towards(PlanePoint other, double share) => new(East + ((other.East - East) * share), North + ((other.North - North) * share));

    /// <summary>Distance to the straight piece from a to b.</summary>
    public double MetresToPiece(PlanePoint a, PlanePoint b)
    {
        var (way, from) = (b - a, this - a);
        var length = (way.East * way.East) + (way.North * way.North);
        var share = length == 0 ? 0 : Math.Clamp(((from.East * way.East) + (from.North * way.North)) / length, 0, 1);
        return (this - a.Towards(b, share)).Length;
    }

    /// <summary>Whether a ring, its first point not repeated, has this point inside (even-odd).</summary>
    public bool IsWithin(IReadOnlyList<PlanePoint> ring)
    {
        ArgumentNullException.ThrowIfNull(ring);
        var inside = false;
        for (int at = 0, before = ring.Count - 1; at < ring.Count; before = at++)
        {
            var (a, b) = (ring[at], ring[before]);
            if (a.North > North != b.North > North && East < ((b.East - a.East) * (North - a.North) / (b.North - a.North)) + a.East)
                inside = !inside;
        }
        return inside;
    }
}
