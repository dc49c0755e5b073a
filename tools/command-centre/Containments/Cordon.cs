using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Containments;

/// <summary>As it comes from the page and lies in the table: a circle, or a ring of [longitude, latitude] whose first is not repeated.</summary>
internal sealed record CordonShape(double? Latitude, double? Longitude, double? RadiusMetres, IReadOnlyList<double[]>? Ring);

/// <summary>A closed line around a place, in metres of its own plane.</summary>
internal sealed class Cordon
{
    public const double LeastRadius = 50, MostRadius = 20_000;
    public const int MostCorners = 200;

    // 256 corners: a circle of 20 km is missed by 1.5 m at most, less than a road is wide.
    private const int CornersOfCircle = 256;
    private readonly double[] starts;

    private Cordon(LocalPlane plane, IReadOnlyList<PlanePoint> ring)
    {
        (Plane, Ring) = (plane, ring);
        starts = new double[ring.Count + 1];
        for (var at = 0; at < ring.Count; at++)
            starts[at + 1] = starts[at] + (ring[(at + 1) % ring.Count] - ring[at]).Length;
    }

    public LocalPlane Plane { get; }

    /// <summary>Corners, the first not repeated.</summary>
    public IReadOnlyList<PlanePoint> Ring { get; }

    public double Metres => starts[^1];

    /// <returns>Null: neither a circle nor a ring within bounds.</returns>
    public static Cordon? Of(CordonShape? shape)
    {
        if (shape is { Latitude: { } latitude, Longitude: { } longitude, RadiusMetres: { } radius })
        {
            if (!(Math.Abs(latitude) <= 85) || !(Math.Abs(longitude) <= 180) || !(radius is >= LeastRadius and <= MostRadius))
                return null;
            var corners = Enumerable.Range(0, CornersOfCircle).Select(n => 2 * Math.PI * n / CornersOfCircle);
            return new Cordon(new LocalPlane(latitude, longitude), [.. corners.Select(turn => new PlanePoint(radius * Math.Sin(turn), radius * Math.Cos(turn)))]);
        }
        if (shape?.Ring is not { Count: >= 3 and <= MostCorners } ring
            || !ring.All(at => at is { Length: 2 } && Math.Abs(at[0]) <= 180 && Math.Abs(at[1]) <= 85))
            return null;
        var plane = new LocalPlane(ring.Average(at => at[1]), ring.Average(at => at[0]));
        var made = new Cordon(plane, [.. ring.Select(at => plane.Of(at[1], at[0]))]);
        return made.Metres >= 2 * Math.PI * LeastRadius && made.Ring.All(corner => corner.Length <= 2 * MostRadius) ? made : null;
    }

    /// <summary>The point so far along the line from its first corner.</summary>
    public PlanePoint PointAt(double metres)
    {
        var along = ((metres % Metres) + Metres) % Metres;
        var at = Array.BinarySearch(starts, along);
        at = Math.Min(at >= 0 ? at : ~at - 1, Ring.Count - 1);
        var length = starts[at + 1] - starts[at];
        return Ring[at].Towards(Ring[(at + 1) % Ring.Count], length == 0 ? 0 : (along - starts[at]) / length);
    }

    /// <summary>How far along the line its point nearest to this one is.</summary>
    public double MetresAlong(PlanePoint point)
    {
        var nearest = Enumerable.Range(0, Ring.Count).MinBy(n => point.MetresToPiece(Ring[n], Ring[(n + 1) % Ring.Count]));
        var (from, way) = (Ring[nearest], Ring[(nearest + 1) % Ring.Count] - Ring[nearest]);
        var length = way.Length;
        var off = point - from;
        return starts[nearest] + (length == 0 ? 0 : Math.Clamp(((off.East * way.East) + (off.North * way.North)) / length, 0, length));
    }

    public double MetresFrom(PlanePoint point) => Enumerable.Range(0, Ring.Count).Min(n => point.MetresToPiece(Ring[n], Ring[(n + 1) % Ring.Count]));

    /// <summary>The line from one place on it on to another, as [longitude, latitude].</summary>
    public IReadOnlyList<double[]> Piece(double from, double to)
    {
        var end = to > from ? to : to + Metres;
        var corners = Enumerable.Range(0, 2).SelectMany(turn => starts.Take(Ring.Count).Select(start => start + (turn * Metres))).Where(along => along > from && along < end);
        return [.. corners.Prepend(from).Append(end).Select(along => Told(PointAt(along)))];
    }

    public double[] Told(PlanePoint point)
    {
        GeoPoint place = Plane.Back(point);
        return [Math.Round(place.LongitudeDegrees, 6), Math.Round(place.LatitudeDegrees, 6)];
    }
}
