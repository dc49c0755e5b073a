using System.Collections.Concurrent;
using System.Collections.Immutable;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>Where a unit was last, and the way it came.</summary>
/// <param name="Position">As the car sent it; null before the first.</param>
/// <param name="ReceivedTimestamp">Monotonic time of arrival: ages never come from clocks of cars.</param>
/// <param name="Trail">Longitude and latitude of points with a fix, oldest first, at most <see cref="Fleet.TrailPoints"/>.</param>
internal sealed record FleetPlace(
    Position? Position, string Availability, long ReceivedTimestamp, IReadOnlyList<(double Longitude, double Latitude)> Trail);

/// <summary>The newest minute of each of a unit's cameras, as numbers.</summary>
internal sealed record FleetScene(long ReceivedTimestamp, SceneCounts Counts);

/// <summary>The newest position and counts of every unit, in memory. History comes with the events and is on disk.</summary>
internal sealed class Fleet(TimeProvider time)
{
    public const int TrailPoints = 300;
    private const int MostCameras = 32;

    /// <summary>Counts say something for two minutes after they arrived.</summary>
    private static readonly TimeSpan SceneFresh = TimeSpan.FromMinutes(2);
    private readonly ConcurrentDictionary<string, bool> moved = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FleetPlace> places = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableDictionary<string, FleetScene>> scenes = new(StringComparer.Ordinal);

    public FleetPlace? Find(string unitId) => places.GetValueOrDefault(unitId);

    public TimeSpan Age(FleetPlace place) => time.GetElapsedTime(place.ReceivedTimestamp);

    public IEnumerable<KeyValuePair<string, FleetPlace>> All => places;

    /// <summary>A unit's counts of a minute came, here.</summary>
    public event Action<string, SceneCounts>? Counted;

    /// <summary>The units that sent a position here since the last call.</summary>
    public IReadOnlyList<string> TakeMoved() => [.. moved.Keys.Where(unitId => moved.TryRemove(unitId, out _))];

    /// <returns>False when the position is impossible and was left out.</returns>
    public bool Moved(string unitId, LivePosition live)
    {
        if (live.Position is not { } position || !IsPossible(position))
            return false;
        Place(unitId, position, live.Availability, time.GetTimestamp());
        moved[unitId] = true;
        return true;
    }

    /// <summary>As another gateway tells it.</summary>
    public void MovedElsewhere(string unitId, LivePosition live, TimeSpan age)
    {
        if (live.Position is { } position && IsPossible(position))
            Place(unitId, position, live.Availability, time.GetTimestamp() - (long)(age.TotalSeconds * time.TimestampFrequency));
    }

    private void Place(string unitId, Position position, string availability, long at) => places.AddOrUpdate(
        unitId,
        _ => new FleetPlace(position, availability, at, Extended([], position)),
        (_, before) => before.ReceivedTimestamp > at && before.Position is not null ? before : new FleetPlace(position, availability, at, Extended(before.Trail, position)));

    /// <summary>Takes a unit's counts; an older minute that comes late does not replace a newer one.</summary>
    public void EventStored(StoredEvent stored)
    {
        if (stored.Event.BodyCase != Event.BodyOneofCase.SceneCounts)
            return;
        CountedElsewhere(stored.UnitId, stored.Event.SceneCounts);
        Counted?.Invoke(stored.UnitId, stored.Event.SceneCounts);
    }

    /// <summary>As another gateway tells it.</summary>
    public void CountedElsewhere(string unitId, SceneCounts counts)
    {
        var scene = new FleetScene(time.GetTimestamp(), counts);
        _ = scenes.AddOrUpdate(
            unitId,
            _ => ImmutableDictionary<string, FleetScene>.Empty.Add(scene.Counts.CameraId, scene),
            (_, known) => known.GetValueOrDefault(scene.Counts.CameraId) is { } newer && newer.Counts.ToUnixMs > scene.Counts.ToUnixMs
                || (known.Count >= MostCameras && !known.ContainsKey(scene.Counts.CameraId))
                    ? known
                    : known.SetItem(scene.Counts.CameraId, scene));
    }

    /// <summary>Vehicles a minute and heads at a time, over a unit's cameras; null where none of them counted lately.</summary>
    public (long? Vehicles, long? Heads) Scene(string unitId)
    {
        // History comes late after a time without link: by the car's clock too it must be of the last minutes.
        var oldest = time.GetUtcNow().ToUnixTimeMilliseconds() - 3 * (long)SceneFresh.TotalMilliseconds;
        var fresh = (scenes.GetValueOrDefault(unitId) ?? ImmutableDictionary<string, FleetScene>.Empty).Values
            .Where(s => time.GetElapsedTime(s.ReceivedTimestamp) <= SceneFresh && s.Counts.ToUnixMs >= oldest).Select(s => s.Counts).ToArray();
        return (
            fresh.Any(c => c.HasVehicles) ? fresh.Sum(c => (long)c.Vehicles) : null,
            fresh.Any(c => c.HasHeadsMedian) ? fresh.Sum(c => (long)c.HeadsMedian) : null);
    }

    /// <summary>After a start: the way that the last stored tracks tell, so that the map is not empty.</summary>
    public void Restore(EventTable events, IEnumerable<string> unitIds)
    {
        foreach (var unitId in unitIds)
        {
            var trail = events.NewestOf(unitId, "track", 10).SelectMany(stored => TrackPoints.Of(stored.Event.Track))
                .Select(point => (point.LongitudeDegrees, point.LatitudeDegrees)).TakeLast(TrailPoints).ToArray();
            if (trail.Length > 0)
                _ = places.TryAdd(unitId, new FleetPlace(null, "", time.GetTimestamp(), trail));
        }
    }

    private static IReadOnlyList<(double, double)> Extended(IReadOnlyList<(double, double)> trail, Position position)
    {
        if (!HasFix(position) || position.Stale || position.Suspect)
            return trail;
        var from = Math.Max(0, trail.Count - TrailPoints + 1);
        var next = new (double, double)[trail.Count - from + 1];
        for (var at = from; at < trail.Count; at++)
            next[at - from] = trail[at];
        next[^1] = (position.LongitudeDegrees, position.LatitudeDegrees);
        return next;
    }

    public static bool HasFix(Position position) => position.Fix is GnssFix._2D or GnssFix._3D or GnssFix.DeadReckoning;

    private static bool IsPossible(Position position) =>
        double.IsFinite(position.LatitudeDegrees) && Math.Abs(position.LatitudeDegrees) <= 90
        && double.IsFinite(position.LongitudeDegrees) && Math.Abs(position.LongitudeDegrees) <= 180
        && float.IsFinite(position.SpeedMps) && float.IsFinite(position.HeadingDegrees) && float.IsFinite(position.AccuracyMetres);
}
