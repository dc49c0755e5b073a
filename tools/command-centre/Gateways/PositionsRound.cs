using EdgeAgent.CommandCentre.Sessions;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Gateways;

/// <summary>
/// Where this gateway's cars are, to the others, and theirs to us. Ages travel as spans, so gateways' clocks need not agree; when
/// the broker is away, the others' cars grow old and grey.
/// </summary>
internal sealed class PositionsRound(Broker broker, Fleet fleet, TimeProvider time) : BackgroundService
{
    private const string PositionsType = "positions", CountsType = "counts";
    private const int MostAtOnce = 500;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        broker.PositionsCame += Take;
        fleet.Counted += (unitId, counts) => broker.PublishPositions(CountsType, unitId, counts.ToByteArray());
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (broker.IsConnected)
                    Send();
            }
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
    }

    private void Send()
    {
        foreach (var some in fleet.TakeMoved().Chunk(MostAtOnce))
        {
            var message = new FleetPositions();
            foreach (var unitId in some)
            {
                if (fleet.Find(unitId) is { Position: { } position } place)
                    message.Units.Add(new FleetUnit { UnitId = unitId, Position = position, Availability = place.Availability, AgeMs = (long)fleet.Age(place).TotalMilliseconds });
            }
            broker.PublishPositions(PositionsType, "", message.ToByteArray());
        }
    }

    private void Take(string type, string unitId, ReadOnlyMemory<byte> body)
    {
        if (type == CountsType)
            fleet.CountedElsewhere(unitId, SceneCounts.Parser.ParseFrom(body.Span));
        if (type != PositionsType)
            return;
        foreach (var unit in FleetPositions.Parser.ParseFrom(body.Span).Units)
            fleet.MovedElsewhere(unit.UnitId, new LivePosition { Position = unit.Position, Availability = unit.Availability }, TimeSpan.FromMilliseconds(Math.Max(0, unit.AgeMs)));
    }
}
