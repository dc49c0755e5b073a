using EdgeAgent.CommandCentre.Sessions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

public sealed class NearUnitsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(20261129)]
    public void In_a_large_fleet_each_car_is_shown_exactly_the_nearest_ones(int seed)
    {
        var random = new Random(seed);
        var units = Enumerable.Range(0, 400).Select(n => new FleetUnit
        {
            UnitId = $"PB-{n}",
            Position = new Position { LatitudeDegrees = 39 + random.NextDouble(), LongitudeDegrees = 116 + random.NextDouble() },
        }).ToList();
        var near = new NearUnits(units, 50);
        foreach (var own in units)
        {
            double Distance(FleetUnit other) => Math.Pow(other.Position.LatitudeDegrees - own.Position.LatitudeDegrees, 2)
                + Math.Pow((other.Position.LongitudeDegrees - own.Position.LongitudeDegrees) * Math.Cos(own.Position.LatitudeDegrees * Math.PI / 180), 2);
            var expected = units.Where(unit => unit != own).OrderBy(Distance).Take(50).Select(unit => unit.UnitId);
            Assert.True(expected.Order().SequenceEqual(near.To(own.UnitId).Select(unit => unit.UnitId).Order()), $"seed {seed}, {own.UnitId}");
        }
    }

    [Fact]
    public void In_a_small_fleet_all_others_are_shown_and_a_car_without_a_place_sees_some()
    {
        var units = Enumerable.Range(0, 5).Select(n => new FleetUnit { UnitId = $"PB-{n}", Position = new Position() }).ToList();
        Assert.Equal(["PB-0", "PB-1", "PB-2", "PB-4"], new NearUnits(units, 50).To("PB-3").Select(unit => unit.UnitId));
        Assert.Equal(3, new NearUnits(units, 3).To("PB-9").Count);
    }
}
