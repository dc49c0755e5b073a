using System.Text.Json.Nodes;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>What cars say of their boxes, at the console.</summary>
public sealed class UnitHealthTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync();
        centre.AddAccount();
    }

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task The_newest_word_stands_beside_the_car_and_outlives_a_restart_and_an_older_one_that_comes_late_does_not_replace_it()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using (var session = await car.ConnectAsync())
        {
            Assert.Null((await UnitAsync())["health"]);
            _ = await session.StoreAsync(Told(2, 2_000, h => h.Troubles.Add("hot")));
            _ = await session.StoreAsync(Told(1, 1_000, h => h.Troubles.Add("no_sim")));
        }
        var health = (await UnitAsync())["health"]!;
        Assert.Equal("hot", (string)Assert.Single(health["troubles"]!.AsArray())!);
        Assert.Equal((false, 11.4, 62, 93.0, 60, "gnss"), (
            (bool)health["ignitionOn"]!, (double)health["supplyVolts"]!, (int)health["modem"]!["signalPercent"]!, (double)health["hottestCelsius"]!, (int)health["visionPercent"]!, (string)health["timeTrust"]!));
        Assert.Null(health["onBattery"]);
        await centre.StopServerAsync();
        await centre.StartServerAsync();
        Assert.Equal("hot", (string)Assert.Single((await UnitAsync())["health"]!["troubles"]!.AsArray())!);
    }

    [Fact]
    public async Task A_word_out_of_all_bounds_is_brought_into_them_and_one_of_an_older_car_has_no_parts()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        _ = await session.StoreAsync(car.Health(1));
        var bare = (await UnitAsync())["health"]!;
        Assert.Empty(bare["troubles"]!.AsArray());
        Assert.Null(bare["modem"]);
        _ = await session.StoreAsync(Told(2, 9_000, h =>
        {
            h.Troubles.AddRange(Enumerable.Repeat(new string('x', 10_000), 40));
            h.Power.SupplyVolts = float.NaN;
            h.Heat.VisionShare = 1e30f;
            h.Modem.SignalPercent = uint.MaxValue;
        }));
        var health = (await UnitAsync())["health"]!;
        Assert.Equal(16, health["troubles"]!.AsArray().Count);
        Assert.Equal(64, ((string)health["troubles"]![0]!).Length);
        Assert.Null(health["supplyVolts"]);
        Assert.Equal((100, 100), ((int)health["visionPercent"]!, (int)health["modem"]!["signalPercent"]!));
    }

    private async Task<JsonNode> UnitAsync()
    {
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        return JsonNode.Parse(await console.Http.GetStringAsync(new Uri("/api/units", UriKind.Relative)))!.AsArray().Single()!;
    }

    private static Event Told(ulong number, long afterMs, Action<UnitHealth> change)
    {
        var told = RawCar.Event(Lane.Status, number, e => e.UnitHealth = new UnitHealth
        {
            Power = new PowerHealth { IgnitionOn = false, SupplyVolts = 11.4f },
            Modem = new ModemHealth { Condition = "connected", SignalPercent = 62 },
            Heat = new HeatHealth { HottestCelsius = 93, VisionShare = 0.6f },
            Clock = new ClockHealth { Trust = TimeTrust.Gnss },
        });
        change(told.UnitHealth);
        told.CapturedAtUnixMs += afterMs;
        return told;
    }
}
