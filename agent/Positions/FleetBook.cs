using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Uplink;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Positions;

/// <summary>Another car, as the centre told of it.</summary>
/// <param name="Unit">Its id, label, place and availability.</param>
/// <param name="AgeMs">Of its position, until now.</param>
internal sealed record OtherCar(FleetUnit Unit, long AgeMs);

/// <summary>
/// Where the other cars were when the centre last said so. In memory only; without a link what was told grows old in sight, and is
/// forgotten after <see cref="ForgottenMs"/>.
/// </summary>
internal sealed class FleetBook
{
    public const long ForgottenMs = 600_000;

    /// <summary>Older than this, a position is not where the car is.</summary>
    public const long StaleMs = 30_000;

    private const int MostUnits = 200, MaxNameCharacters = 64;

    private readonly TrustedClock clock;
    private volatile Told told = new([], 0);

    public FleetBook(CentreLink link, TrustedClock clock)
    {
        this.clock = clock;
        link.FleetReceived += Take;
    }

    public IReadOnlyList<OtherCar> Cars
    {
        get
        {
            Told now = told;
            long since = Math.Max(0, clock.MonoMs - now.AtMonoMs);
            return [.. now.Units.Select(u => new OtherCar(u, Math.Max(0, u.AgeMs) + since)).Where(c => c.AgeMs < ForgottenMs)];
        }
    }

    private void Take(FleetPositions fleet) => told = new Told([.. fleet.Units.Where(IsInOrder).Take(MostUnits)], clock.MonoMs);

    private static bool IsInOrder(FleetUnit unit) =>
        unit is { UnitId.Length: > 0 and <= MaxNameCharacters, Label.Length: <= MaxNameCharacters, Position: not null }
        && double.IsFinite(unit.Position.LatitudeDegrees) && double.IsFinite(unit.Position.LongitudeDegrees)
        && unit.Position.Fix is not (GnssFix.None or GnssFix.Unspecified);

    private sealed record Told(IReadOnlyList<FleetUnit> Units, long AtMonoMs);
}
