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
        var near = new NearUnits(units, MostUnits);
        foreach (var session in registry.All)
        {
            var message = new FleetPositions();
            message.Units.AddRange(near.To(session.UnitId));
            session.OfferFleet(message);
        }
    }
}
