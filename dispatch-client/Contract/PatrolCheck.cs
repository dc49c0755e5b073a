using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>Bounds of a patrol plan, the same at the page, the centre and the car.</summary>
public static class PatrolCheck
{
    public const int MostRoutes = 50, MostItems = 200, MostShape = 500, MostHours = 14, MostName = 60, MostId = 64;
    public const uint LeastTolerance = 5, MostTolerance = 500, MostDwell = 3600, MostTimes = 50, MostMinutes = 24 * 60;

    /// <summary>What is wrong, as codes with the item that they are about ("" for the plan itself); empty when nothing is.</summary>
    public static IEnumerable<(string Code, string ItemId)> Problems(PatrolRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        if (!IsId(route.PlanId))
            yield return ("bad_plan_id", "");
        if (!IsName(route.Name))
            yield return ("bad_plan_name", "");
        if (route.Items.Count is 0 or > MostItems)
            yield return ("bad_item_count", "");
        if (route.Hours.Count > MostHours || Math.Abs(route.UtcOffsetMinutes) > 14 * 60
            || route.Hours.Any(h => h.FromMinute >= MostMinutes || h.ToMinute is 0 or > MostMinutes || h.Weekdays > 127)
            || route.ValidFromUnixMs < 0 || (route.ValidToUnixMs != 0 && route.ValidToUnixMs <= route.ValidFromUnixMs))
            yield return ("bad_plan_hours", "");
        foreach (var again in route.Items.GroupBy(item => item.ItemId).Where(same => same.Count() > 1))
            yield return ("item_twice", again.Key);
        foreach (var item in route.Items)
        {
            if (Problem(item) is { Length: > 0 } code)
                yield return (code, item.ItemId);
        }
    }

    private static string Problem(PatrolItem item)
    {
        var (least, most) = item.Kind switch
        {
            PatrolItemKind.Beat => (3, MostShape),
            PatrolItemKind.Line => (2, MostShape),
            PatrolItemKind.Point or PatrolItemKind.Post => (1, 1),
            _ => (0, -1),
        };
        return !IsId(item.ItemId) ? "bad_item_id"
            : !IsName(item.Name) ? "bad_item_name"
            : most < 0 ? "bad_item_kind"
            : item.Shape.Count < least || item.Shape.Count > most || item.Shape.Any(point => !IsPlace(point)) ? "bad_item_shape"
            : item.Kind != PatrolItemKind.Beat && item.ToleranceMetres is < LeastTolerance or > MostTolerance ? "bad_tolerance"
            : item.DwellSeconds > MostDwell || item.Times > MostTimes ? "bad_visit"
            : item.FromMinute > MostMinutes || item.ToMinute > MostMinutes || item.LeastMinutes > MostMinutes ? "bad_item_hours" : "";
    }

    public static bool IsPlace(GeoPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        return Math.Abs(point.LatitudeDegrees) <= 90 && Math.Abs(point.LongitudeDegrees) <= 180;
    }

    private static bool IsId(string id) => id.Length is > 0 and <= MostId && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool IsName(string name) => !string.IsNullOrWhiteSpace(name) && name.Length <= MostName && !name.Any(char.IsControl);
}
