using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Patrolling;

/// <summary>How far an item is and in which direction, as the crow flies.</summary>
internal static class DutyWay
{
    /// <summary>0 metres: the car is in it. Degrees clockwise from north.</summary>
    public static (double Metres, double Degrees) To(PatrolItem item, GeoPoint here)
    {
        LocalPlane plane = LocalPlane.Around(here);
        PlanePoint[] shape = [.. item.Shape.Select(plane.Of)];
        PlanePoint origin = default;
        if (item.Kind == PatrolItemKind.Beat && origin.IsWithin(shape))
            return (0, 0);
        PlanePoint nearest = shape[0];
        int pieces = item.Kind switch { PatrolItemKind.Beat => shape.Length, PatrolItemKind.Line => shape.Length - 1, _ => 0 };
        for (int at = 0; at < pieces; at++)
        {
            PlanePoint foot = Foot(shape[at], shape[(at + 1) % shape.Length]);
            if (foot.Length < nearest.Length)
                nearest = foot;
        }
        return (nearest.Length, (Math.Atan2(nearest.East, nearest.North) * 180 / Math.PI + 360) % 360);
    }

    // The point of a piece that is nearest to the origin.
    private static PlanePoint Foot(PlanePoint a, PlanePoint b)
    {
        PlanePoint way = b - a;
        double length = (way.East * way.East) + (way.North * way.North);
        double share = length == 0 ? 0 : Math.Clamp(-((a.East * way.East) + (a.North * way.North)) / length, 0, 1);
        return a.Towards(b, share);
    }
}
