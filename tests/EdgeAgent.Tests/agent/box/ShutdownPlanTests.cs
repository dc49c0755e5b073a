using EdgeAgent.Agent.Box;
using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Tests.Agent.Box;

/// <summary>When the box switches itself off, and when it does not.</summary>
public sealed class ShutdownPlanTests
{
    private static readonly PowerSigns On = new(true, false, false), Off = new(false, false, false), NotKnown = new(null, false, false);

    private readonly JumpTime time = new();
    private readonly PowerOptions options = new() { OffAfterMinutes = 30, AtMostMinutes = 240, PostponeMinutes = 30, CountdownSeconds = 60, LowForSeconds = 30 };

    [Fact]
    public void Off_for_long_enough_it_counts_down_and_goes()
    {
        ShutdownPlan plan = Plan();
        Assert.Equal(PowerPhase.Stays, plan.Look(Off).Phase);
        Pass(29);
        Assert.Equal(PowerPhase.Stays, plan.Look(Off).Phase);
        Pass(1);
        ShutdownNow now = plan.Look(Off);
        Assert.Equal((PowerPhase.CountsDown, ShutdownNow.IgnitionOff, true), (now.Phase, now.Reason, now.MayPostpone));
        Assert.InRange(plan.Left(now).TotalSeconds, 55, 60);
        Pass(0.5);
        Assert.InRange(plan.Left(now).TotalSeconds, 25, 30);
        Assert.Equal(PowerPhase.CountsDown, plan.Look(Off).Phase);
        Pass(0.5);
        Assert.Equal((PowerPhase.Off, TimeSpan.Zero), (plan.Look(Off).Phase, plan.Left(now)));
    }

    [Fact]
    public void A_hundred_cranks_and_dips_do_nothing()
    {
        ShutdownPlan plan = Plan();
        var random = new Random(8);
        for (int crank = 0; crank < 100; crank++)
        {
            _ = plan.Look(On);
            Pass(random.NextDouble() * 25);
            // Off and on within seconds, the supply low meanwhile.
            Assert.Equal(PowerPhase.Stays, plan.Look(new PowerSigns(false, true, false)).Phase);
            time.Jump(TimeSpan.FromSeconds(random.NextDouble() * 20));
            Assert.Equal(PowerPhase.Stays, plan.Look(new PowerSigns(false, true, false)).Phase);
            Assert.Equal(PowerPhase.Stays, plan.Look(On).Phase);
        }
    }

    [Fact]
    public void Ignition_on_calls_the_countdown_off_and_the_time_begins_anew()
    {
        ShutdownPlan plan = Plan();
        _ = plan.Look(Off);
        Pass(30);
        Assert.Equal(PowerPhase.CountsDown, plan.Look(Off).Phase);
        Assert.Equal(PowerPhase.Stays, plan.Look(On).Phase);
        Assert.Equal(PowerPhase.Stays, plan.Look(Off).Phase);
        Pass(29);
        Assert.Equal(PowerPhase.Stays, plan.Look(Off).Phase);
        Pass(1);
        Assert.InRange(plan.Left(plan.Look(Off)).TotalSeconds, 55, 60);
    }

    [Fact]
    public void Work_that_goes_on_delays_it_up_to_a_limit()
    {
        ShutdownPlan plan = Plan();
        PowerSigns busy = Off with { IsBusy = true };
        _ = plan.Look(busy);
        Pass(239);
        Assert.Equal(PowerPhase.Stays, plan.Look(busy).Phase);
        Pass(1);
        Assert.Equal(PowerPhase.CountsDown, plan.Look(busy).Phase);
    }

    [Fact]
    public void The_last_one_signing_out_lets_it_go_and_a_sign_in_keeps_it()
    {
        ShutdownPlan plan = Plan();
        _ = plan.Look(Off with { IsBusy = true });
        Pass(60);
        Assert.Equal(PowerPhase.CountsDown, plan.Look(Off).Phase);
        Assert.Equal(PowerPhase.Stays, plan.Look(Off with { IsBusy = true }).Phase);
    }

    [Fact]
    public void One_tap_postpones_and_the_next_countdown_is_whole_again()
    {
        ShutdownPlan plan = Plan();
        _ = plan.Look(Off);
        Pass(30.9);
        Assert.Equal(PowerPhase.CountsDown, plan.Look(Off).Phase);
        plan.Postpone();
        Pass(29);
        Assert.Equal(PowerPhase.Stays, plan.Look(Off).Phase);
        Pass(1);
        ShutdownNow again = plan.Look(Off);
        Assert.Equal(PowerPhase.CountsDown, again.Phase);
        Assert.InRange(plan.Left(again).TotalSeconds, 55, 60);
    }

    [Fact]
    public void Low_voltage_waits_neither_for_an_officer_nor_for_a_tap()
    {
        ShutdownPlan plan = Plan();
        var low = new PowerSigns(false, true, true);
        Assert.Equal(PowerPhase.Stays, plan.Look(low).Phase);
        Pass(0.5);
        ShutdownNow now = plan.Look(low);
        Assert.Equal((PowerPhase.CountsDown, ShutdownNow.LowVoltage, false), (now.Phase, now.Reason, now.MayPostpone));
        plan.Postpone();
        Assert.Equal(ShutdownNow.LowVoltage, plan.Look(low).Reason);
        Pass(1);
        Assert.Equal(PowerPhase.Off, plan.Look(low).Phase);
    }

    [Fact]
    public void What_is_not_known_never_switches_it_off_and_forgets_nothing()
    {
        ShutdownPlan plan = Plan();
        for (int look = 0; look < 100; look++)
        {
            Pass(60);
            Assert.Equal(PowerPhase.Stays, plan.Look(NotKnown).Phase);
        }
        _ = plan.Look(Off);
        Pass(20);
        Assert.Equal(PowerPhase.Stays, plan.Look(NotKnown).Phase);
        Pass(20);
        Assert.Equal(PowerPhase.Stays, plan.Look(NotKnown).Phase);
        Assert.Equal(PowerPhase.CountsDown, plan.Look(Off).Phase);
    }

    [Fact]
    public void Never_is_never()
    {
        foreach (PowerOptions never in (PowerOptions[])[options with { OffAfterMinutes = 0 }, options with { Command = [] }])
        {
            var plan = new ShutdownPlan(never, time);
            _ = plan.Look(Off);
            Pass(10_000);
            Assert.Equal(PowerPhase.Stays, plan.Look(Off).Phase);
        }
    }

    [Fact]
    public void Every_wrong_option_is_named()
    {
        var wrong = new PowerOptions
        {
            IgnitionChip = "gpiochip0",
            IgnitionFile = "ignition",
            IgnitionLine = -1,
            IgnitionBias = "up",
            Ups = "car",
            OffAfterMinutes = double.NaN,
            AtMostMinutes = 1,
            LowVolts = -1,
            PostponeMinutes = 0,
            CountdownSeconds = 1,
            LowForSeconds = 1,
            BudgetSeconds = 1,
            Command = [""],
        };
        string[] problems = [.. wrong.Problems()];
        foreach (string key in (string[])["IgnitionChip", "IgnitionLine", "IgnitionBias", "IgnitionFile", "Ups", "OffAfterMinutes", "AtMostMinutes", "LowVolts", "PostponeMinutes", "CountdownSeconds", "LowForSeconds", "BudgetSeconds", "Command"])
            Assert.Contains(problems, p => p.StartsWith($"Power.{key}", StringComparison.Ordinal));
        Assert.Empty(new PowerOptions().Problems());
        Assert.Equal(5, new BoxOptions { Modem = "-L", HotCelsius = 20, CoolCelsius = 90, SmartFile = "smart.json", WornPercent = 5 }.Problems().Count());
        Assert.Empty(new BoxOptions().Problems());
    }

    private ShutdownPlan Plan() => new(options, time);

    private void Pass(double minutes) => time.Jump(TimeSpan.FromMinutes(minutes));
}
