namespace EdgeAgent.Benchmarks.Fleet;

/// <summary>What <c>bench fleet</c> is told.</summary>
internal sealed record FleetOptions(int Cars, int Gateways, int Seconds, int Alerts, int AlertSeconds, int Seed, bool Postgres);

/// <summary>How old positions are when they arrive at a console, from the car's own time of capture.</summary>
internal sealed record AgeFigures(double P50Ms, double P95Ms, double MaxMs, int Samples)
{
    public static AgeFigures Of(IReadOnlyCollection<double> ages) => new(
        CarSwarm.Of(ages, 0.5), CarSwarm.Of(ages, 0.95), ages.Count == 0 ? 0 : Math.Round(ages.Max(), 1), ages.Count);
}

/// <summary>Signed, decided alerts in one storm.</summary>
/// <param name="Lost">Acknowledged and not in the database, or never acknowledged.</param>
/// <param name="Doubled">In the database more than once, or shown more than once to one console.</param>
/// <param name="ConsoleCutOff">How often the console did not keep up, was cut off and came back.</param>
/// <param name="AllShownMs">From the first one sent until the console had been shown the last one.</param>
internal sealed record StormFigures(
    int Sent, int Acked, int Lost, int Doubled, int Shown, double AckP50Ms, double AckP95Ms, double AllAckedMs, double ShownP95Ms, double AllShownMs, int ConsoleCutOff);

/// <summary>After one gateway was killed in the middle.</summary>
/// <param name="Reconnected">Sessions that were lost and are back, at another gateway.</param>
internal sealed record KillFigures(int Reconnected, double ReconnectP50Ms, double ReconnectP95Ms, double ReconnectMaxMs, AgeFigures AgesAfter);

/// <summary>What <c>bench fleet</c> prints.</summary>
/// <param name="GatewayCores">Processor time of all gateways over the measured time, in cores.</param>
/// <param name="GatewayPeakMb">The most memory of any one gateway.</param>
internal sealed record FleetResult(
    int Cars, int Gateways, string Storage, int Seconds, int Fresh, AgeFigures Ages, AgeFigures AgesInStorm, StormFigures Storm, KillFigures? Kill,
    double GatewayCores, double GatewayPeakMb, double UnitsMessageKb, double GoalAgeP95Ms, int Seed, string Machine);
