using System.Text.Json.Nodes;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class SceneTests
{
    [Fact]
    public async Task A_minute_in_numbers_reaches_the_page_and_the_centre()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await BenchCar.StartAsync(centre: centre);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await eyes.SendAsync(Minute(eyes.MonoMs, m => (m.HeadsKnown, m.HeadsMedian, m.HeadsMax, m.VehiclesKnown, m.Vehicles) = (true, 4, 11, true, 23)));
        await using Page page = await car.PageAsync();
        JsonNode state = await page.UntilAsync("state", s => s["cameras"]![0]!["lastMinute"] is not null, seconds: 20);
        JsonNode said = state["cameras"]![0]!["lastMinute"]!;
        Assert.Equal((4, 11, 23), ((int)said["headsMedian"]!, (int)said["headsMax"]!, (int)said["vehicles"]!));
        await Eventually.HoldsAsync(() => centre.Durable.Values.Any(e => e.SceneCounts is not null), "the counts are at the centre");
        SceneCounts counts = centre.Durable.Values.First(e => e.SceneCounts is not null).SceneCounts;
        Assert.Equal((4U, 11U, 23U, "cam1"), (counts.HeadsMedian, counts.HeadsMax, counts.Vehicles, counts.CameraId));
        Assert.Equal(60_000, counts.ToUnixMs - counts.FromUnixMs);
    }

    [Fact]
    public async Task What_nobody_counted_is_absent_and_impossible_counts_are_refused()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await BenchCar.StartAsync(centre: centre);
        await using FakeEyes eyes = await car.EyesAsync();
        Action<SceneMinute>[] impossible =
        [
            m => m.CameraId = "elsewhere",
            m => m.Frames = 0,
            m => m.FromMonoMs = m.ToMonoMs,
            m => (m.HeadsMedian, m.HeadsMax) = (5, 4),
            m => m.HeadsMax = 100_000,
            m => m.Vehicles = 1_000_000,
            m => (m.FromMonoMs, m.ToMonoMs) = (m.FromMonoMs + 600_000, m.ToMonoMs + 600_000),
        ];
        foreach (Action<SceneMinute> change in impossible)
            await eyes.SendAsync(Minute(eyes.MonoMs, change));
        await eyes.SendAsync(Minute(eyes.MonoMs, m => (m.VehiclesKnown, m.Vehicles) = (true, 3)));
        await Eventually.HoldsAsync(() => centre.Durable.Values.Any(e => e.SceneCounts is not null), "the good minute is at the centre");
        SceneCounts counts = Assert.Single(centre.Durable.Values, e => e.SceneCounts is not null).SceneCounts;
        Assert.Equal((false, false, true), (counts.HasHeadsMedian, counts.HasHeadsMax, counts.HasVehicles));
    }

    private static EyesMessage Minute(long nowMonoMs, Action<SceneMinute> change)
    {
        var minute = new SceneMinute { CameraId = "cam1", FromMonoMs = nowMonoMs - 60_000, ToMonoMs = nowMonoMs, Frames = 600 };
        change(minute);
        return new EyesMessage { Scene = minute };
    }
}
