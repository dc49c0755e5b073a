using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Box;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent.Box;

/// <summary>What a whole host makes of its vehicle and itself, at its page, to eyes and to the centre.</summary>
public sealed class BoxTests
{
    [Fact]
    public async Task A_box_without_any_of_it_says_not_fitted_and_is_well()
    {
        await using BenchCar car = await StartAsync(o => o);
        await Eventually.HoldsAsync(() => Stage(car, "power") == StageCondition.Ok && Stage(car, "box") == StageCondition.Ok, "both looked and are well");
        JsonNode box = await BoxOfPageAsync(car);
        Assert.All((string[])["power", "off", "modem", "heat", "disk"], part => Assert.Null(box[part]));
        Assert.Empty(box["troubles"]!.AsArray());
        UnitHealth told = car.Get<HealthStage>().Now();
        Assert.True(told is { Power: null, Modem: null, Heat: null, Disk: null, Troubles.Count: 0, Judgement: not null });
    }

    [NutFact]
    public async Task A_battery_that_is_nearly_empty_is_told_at_the_page_and_to_the_centre_and_cannot_be_postponed()
    {
        await using NutTwin twin = await NutTwin.StartAsync("ups.status: OL", "input.voltage: 13.8");
        await using BenchCar car = await StartAsync(o => o with { Power = new PowerOptions { Ups = twin.Address, LowVolts = 11.6, Command = ["/bin/false"] } });
        PowerStage power = car.Get<PowerStage>();
        BoxBook book = car.Get<BoxBook>();
        await LookUntilAsync(power, () => book.Power.Supply is { Fault: "", InputVolts: 13.8 }, "the UPS is read");
        Assert.Empty(book.Troubles());
        twin.Say("ups.status: OB DISCHRG", "input.voltage: 11.2", "battery.charge: 17");
        await LookUntilAsync(power, () => book.Power.IsLow, "the voltage is low");
        Assert.Equal(["low_voltage"], book.Troubles());
        car.Time.Jump(TimeSpan.FromSeconds(31));
        await power.LookAsync(default);
        JsonNode box = await BoxOfPageAsync(car);
        Assert.Equal(["power_going", "low_voltage"], box["troubles"]!.AsArray().Select(t => (string)t!));
        Assert.Equal(("low_voltage", false), ((string)box["off"]!["reason"]!, (bool)box["off"]!["mayPostpone"]!));
        using (HttpResponseMessage refused = await car.Http.PostAsync("/api/power/postpone", null))
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        UnitHealth told = car.Get<HealthStage>().Now();
        Assert.Equal(("low_voltage", true, 17f), (told.Power.OffReason, told.Power.OnBattery, told.Power.BatteryPercent));
        Assert.InRange(told.Power.OffInMs, 1, 60_000);
        Assert.False(told.Power.HasIgnitionOn);
        twin.Say("ups.status: OL CHRG", "input.voltage: 13.6");
        await LookUntilAsync(power, () => book.Power.Off.Phase == PowerPhase.Stays, "the engine runs again");
        Assert.Empty(book.Troubles());
    }

    [Fact]
    public async Task Whoever_sits_in_the_car_postpones_it_with_one_tap_and_an_officer_at_work_delays_it()
    {
        using var folder = new TemporaryDirectory();
        string ignition = folder.At("ignition");
        await File.WriteAllTextAsync(ignition, "0\n");
        await using BenchCar car = await StartAsync(o => o with { Power = new PowerOptions { IgnitionFile = ignition, Command = ["/bin/false"] } });
        PowerStage power = car.Get<PowerStage>();
        BoxBook book = car.Get<BoxBook>();
        await power.LookAsync(default);
        // The ignition that has just gone off locks the screens of those who were there before: nobody.
        car.Get<AutoLock>().Tick();
        _ = await car.SignInAsync();
        car.Time.Jump(TimeSpan.FromMinutes(31));
        await power.LookAsync(default);
        Assert.Equal(PowerPhase.Stays, book.Power.Off.Phase);
        using (HttpResponseMessage none = await car.Http.PostAsync("/api/power/postpone", null))
            Assert.Equal(HttpStatusCode.Conflict, none.StatusCode);
        _ = await car.Http.DeleteAsync("/api/session");
        await power.LookAsync(default);
        JsonNode off = (await BoxOfPageAsync(car))["off"]!;
        Assert.Equal(("ignition_off", true), ((string)off["reason"]!, (bool)off["mayPostpone"]!));
        Assert.InRange((long)off["leftMs"]!, 1, 60_000);
        using (HttpResponseMessage tapped = await car.Http.PostAsync("/api/power/postpone", null))
            Assert.Equal(HttpStatusCode.NoContent, tapped.StatusCode);
        await power.LookAsync(default);
        Assert.Equal(PowerPhase.Stays, book.Power.Off.Phase);
    }

    [Fact]
    public async Task A_hot_box_has_eyes_analyse_less_says_so_and_gives_it_back()
    {
        using var folder = new TemporaryDirectory();
        string zone = folder.At("class/thermal/thermal_zone0");
        _ = Directory.CreateDirectory(zone);
        await File.WriteAllTextAsync(Path.Combine(zone, "type"), "soc\n");
        await File.WriteAllTextAsync(Path.Combine(zone, "temp"), "93000\n");
        await using BenchCar car = await StartAsync(o => o with { Box = o.Box with { SysRoot = folder.Path } });
        await using FakeEyes eyes = await car.EyesAsync();
        BoxStage stage = car.Get<BoxStage>();
        await HeatAsync(car, stage, 3);
        await Eventually.HoldsAsync(() => eyes.Seeing.Share is > 0 and < 1, "eyes are told");
        // What is looked for changes without giving the rest back.
        _ = car.TakePlates();
        _ = await car.SignInAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing is { Plates: true, Share: > 0 and < 1 }, "plates are looked for, slowly");
        Assert.Equal(["hot"], car.Get<BoxBook>().Troubles());
        Assert.Equal("soc", car.Get<HealthStage>().Now().Heat.Sensor);
        await File.WriteAllTextAsync(Path.Combine(zone, "temp"), "60000\n");
        await HeatAsync(car, stage, 30);
        await Eventually.HoldsAsync(() => eyes.Seeing is { Plates: true, Share: 1 }, "all frames again");
        Assert.Empty(car.Get<BoxBook>().Troubles());
    }

    [Fact]
    public async Task Modem_and_disk_are_told_by_what_somebody_can_do_about_them()
    {
        using var folder = new TemporaryDirectory();
        await File.WriteAllTextAsync(folder.At("answer.json"), Hw.ModemTests.Answer("failed", "sim-missing"));
        await File.WriteAllTextAsync(folder.At("smart.json"), Hw.MachineTests.Nvme(used: 93));
        string mmcli = Script.Write(folder.Path, "mmcli", $"cat {folder.At("answer.json")}");
        await using BenchCar car = await StartAsync(o => o with { Box = o.Box with { ModemProgram = mmcli, SmartFile = folder.At("smart.json") } });
        await Eventually.HoldsAsync(() => car.Get<BoxBook>().Troubles().Count == 2, "both are read");
        Assert.Equal(["disk_worn", "no_sim"], car.Get<BoxBook>().Troubles());
        UnitHealth told = car.Get<HealthStage>().Now();
        Assert.Equal(("no_sim", 93u, false), (told.Modem.Condition, told.Disk.WearPercent, told.Disk.Failing));
    }

    [Fact]
    public async Task The_centre_is_told_when_something_changed_once_a_minute_at_most_and_every_ten_minutes()
    {
        await using BenchCar car = await StartAsync(o => o);
        HealthStage health = car.Get<HealthStage>();
        await Eventually.HoldsAsync(() => Stage(car, "box") == StageCondition.Ok, "it has looked");
        Assert.DoesNotContain(car.Events(), e => e.UnitHealth is not null);
        car.Time.Jump(TimeSpan.FromMinutes(11));
        health.TellIfDue();
        await Eventually.HoldsAsync(() => Told(car).Count > 0, "told after ten minutes");
        int before = Told(car).Count;
        BoxBook book = car.Get<BoxBook>();
        book.Modem = EdgeAgent.Hw.Modem.ModemReading.Of(EdgeAgent.Hw.Modem.ModemCondition.SimLocked);
        health.TellIfDue();
        Assert.Equal(before, Told(car).Count);
        car.Time.Jump(TimeSpan.FromSeconds(61));
        health.TellIfDue();
        await Eventually.HoldsAsync(() => Told(car).Any(e => e.UnitHealth.Troubles.Contains("sim_locked")), "told because it changed");
        Event sent = Told(car)[^1];
        Assert.Equal((Lane.Status, Priority.History), (sent.Lane, sent.Priority));
        Assert.Contains(sent.UnitHealth.Stages, s => s.Name == "matching" && s.State == StageState.Ok);
        // A stage's own words may be any exception's, and stay in the car.
        Assert.All(sent.UnitHealth.Stages, s => Assert.Equal("", s.Detail));
        Assert.Equal(TimeTrust.Centre, sent.UnitHealth.Clock.Trust);
    }

    private static Task<BenchCar> StartAsync(Func<CarOptions, CarOptions> change) => BenchCar.StartAsync(o => change(
        o with { Box = new BoxOptions { ModemProgram = "mmcli-is-not-here", SmartFile = "/nonexistent/smart.json", SysRoot = "/nonexistent" } }));

    private static StageCondition Stage(BenchCar car, string name) => car.Get<StageTable>().Snapshot().Single(s => s.Name == name).Condition;

    private static IReadOnlyList<Event> Told(BenchCar car) => [.. car.Events().Where(e => e.UnitHealth is not null).OrderBy(e => e.Number)];

    private static async Task<JsonNode> BoxOfPageAsync(BenchCar car)
    {
        await using Page page = await car.PageAsync();
        return (await page.UntilAsync("state"))["areas"]!["box"]!;
    }

    private static async Task HeatAsync(BenchCar car, BoxStage stage, int looks)
    {
        for (int look = 0; look < looks; look++)
        {
            car.Time.Jump(TimeSpan.FromSeconds(10));
            await stage.LookAsync(default);
        }
    }

    private static async Task LookUntilAsync(PowerStage power, Func<bool> holds, string what)
    {
        for (int look = 0; look < 100 && !holds(); look++)
        {
            await Task.Delay(100);
            await power.LookAsync(default);
        }
        Assert.True(holds(), what);
    }
}
