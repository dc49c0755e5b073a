using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>Each second, to each car: where the others are. In a large fleet the nearest ones.</summary>
internal sealed class FleetBroadcast(Fleet fleet, SessionRegistry registry, UnitFacts facts, TimeProvider time) : BackgroundService
{
    private const int MostUnits = 100;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Send();
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
    }

    private void Send()
    {
        var units = fleet.All.Where(pair => pair.Value.Position is not null && fleet.Age(pair.Value) < Forgotten)
            .Select(pair => new FleetUnit
            {
                UnitId = pair.Key,
                Label = facts.LabelOf(pair.Key),
                Position = pair.Value.Position,
                Availability = pair.Value.Availability,
                AgeMs = (long)fleet.Age(pair.Value).TotalMilliseconds,
            })
            .ToList();
        foreach (var session in registry.All)
        {
            var message = new FleetPositions();
            message.Units.AddRange(OthersNear(session.UnitId, units));
            session.OfferFleet(message);
        }
    }

    private static IEnumerable<FleetUnit> OthersNear(string unitId, List<FleetUnit> units)
    {
        var others = units.Where(unit => unit.UnitId != unitId);
        if (units.Count <= MostUnits + 1)
            return others;
        var own = units.Find(unit => unit.UnitId == unitId)?.Position;
        if (own is null)
            return others.Take(MostUnits);
        // Flat-earth distance is enough to choose the near ones.
        var narrowing = Math.Cos(own.LatitudeDegrees * Math.PI / 180);
        return others.OrderBy(unit =>
        {
            var north = unit.Position.LatitudeDegrees - own.LatitudeDegrees;
            var east = (unit.Position.LongitudeDegrees - own.LongitudeDegrees) * narrowing;
            return (north * north) + (east * east);
        }).Take(MostUnits);
    }
}
