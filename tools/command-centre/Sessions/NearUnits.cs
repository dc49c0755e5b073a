using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>
/// The units nearest to each, over one moment's places. Asked once a second for every car of the city: the farthest of the nearest so
/// far is kept at hand, so that most units are passed by with one comparison.
/// </summary>
internal sealed class NearUnits
{
    private static readonly Comparer<double> FarthestFirst = Comparer<double>.Create((one, other) => other.CompareTo(one));
    private readonly List<FleetUnit> units;
    private readonly int most;
    private readonly Dictionary<string, int> places;
    private readonly (double Latitude, double Longitude)[] points;

    public NearUnits(List<FleetUnit> units, int most)
    {
        (this.units, this.most) = (units, most);
        places = units.Select((unit, at) => (unit.UnitId, at)).ToDictionary(pair => pair.UnitId, pair => pair.at, StringComparer.Ordinal);
        points = [.. units.Select(unit => (unit.Position.LatitudeDegrees, unit.Position.LongitudeDegrees))];
    }

    /// <summary>All others in a small fleet, in any order; in a large one the nearest, or the first where nobody knows where this one is.</summary>
    public IReadOnlyList<FleetUnit> To(string unitId)
    {
        var own = places.GetValueOrDefault(unitId, -1);
        if (units.Count <= most + 1 || own < 0)
            return [.. units.Where((_, at) => at != own).Take(most)];
        // Flat-earth distance is enough to choose the near ones.
        var (latitude, longitude) = points[own];
        var narrowing = Math.Cos(latitude * Math.PI / 180);
        var nearest = new PriorityQueue<int, double>(most, FarthestFirst);
        for (var at = 0; at < points.Length; at++)
        {
            if (at == own)
                continue;
            var north = points[at].Latitude - latitude;
            var east = (points[at].Longitude - longitude) * narrowing;
            var distance = (north * north) + (east * east);
            if (nearest.Count < most)
                nearest.Enqueue(at, distance);
            else if (nearest.TryPeek(out _, out var farthest) && distance < farthest)
                _ = nearest.EnqueueDequeue(at, distance);
        }
        return [.. nearest.UnorderedItems.Select(item => units[item.Element])];
    }
}
