using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Containments;

/// <summary>A car that could be sent, or why it could not: offline, no_position, stale, busy, in_operation.</summary>
internal sealed record CandidateCar(string UnitId, string Label, double? Latitude, double? Longitude, string Excluded);

/// <param name="Metres">Straight line.</param>
/// <param name="Seconds">At <see cref="Containment.MetresPerSecond"/>.</param>
internal sealed record CarForPost(string PostId, string UnitId, double Metres, long Seconds);

/// <summary>Cars for posts: who could go, and who best goes where.</summary>
internal sealed class CarChoice(UnitTable units, SessionRegistry sessions, Fleet fleet, ContainmentTable table, Visibility visibility)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    public IReadOnlyList<CandidateCar> Cars(string district)
    {
        var sent = table.Since(long.MaxValue).SelectMany(operation => operation.Posts).Select(post => post.UnitId).ToHashSet();
        return [.. units.All().Where(unit => unit is { RevokedAt: null, EnrolledAt: not null } && visibility.MaySee(district, unit.UnitId)).Select(unit => Car(unit, sent))];
    }

    public static IReadOnlyList<CarForPost> Propose(IReadOnlyList<ProposedPost> posts, IReadOnlyList<CandidateCar> cars)
    {
        var free = cars.Where(car => car.Excluded.Length == 0).ToList();
        var metres = posts.Select(post => free.Select(car => Metres(post, car)).ToArray()).ToArray();
        var chosen = BottleneckAssignment.Of([.. metres.Select(row => row.Select(far => (long?)Math.Round(far * 1000)).ToArray())]);
        return [.. posts.Select((post, n) => (post, n)).Where(one => chosen[one.n] >= 0).Select(one =>
        {
            var far = metres[one.n][chosen[one.n]];
            return new CarForPost(one.post.PostId, free[chosen[one.n]].UnitId, Math.Round(far), (long)Math.Round(far / Containment.MetresPerSecond));
        })];
    }

    /// <summary>Where a car is now; null where that is not known well enough to say that it stands somewhere.</summary>
    public GeoPoint? Place(string unitId) =>
        fleet.Find(unitId) is { Position: { Stale: false, Suspect: false } position } place && Fleet.HasFix(position) && fleet.Age(place) <= Fresh
            ? new GeoPoint { LatitudeDegrees = position.LatitudeDegrees, LongitudeDegrees = position.LongitudeDegrees }
            : null;

    private CandidateCar Car(UnitRow unit, HashSet<string> sent)
    {
        var place = Place(unit.UnitId);
        var why = !sessions.IsOnline(unit.UnitId) ? "offline"
            : fleet.Find(unit.UnitId)?.Position is not { } position || !Fleet.HasFix(position) ? "no_position"
            : place is null ? "stale"
            : fleet.Find(unit.UnitId)!.Availability is not ("" or "available" or "free") ? "busy"
            : sent.Contains(unit.UnitId) ? "in_operation" : "";
        return new CandidateCar(unit.UnitId, unit.Label, place?.LatitudeDegrees, place?.LongitudeDegrees, why);
    }

    private static double Metres(ProposedPost post, CandidateCar car) => new LocalPlane(post.Latitude, post.Longitude).Of(car.Latitude!.Value, car.Longitude!.Value).Length;
}
