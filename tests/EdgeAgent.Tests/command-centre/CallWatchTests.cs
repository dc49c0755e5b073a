using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Who is told when nobody acknowledges, and which car could go.</summary>
public sealed class CallWatchTests : IAsyncLifetime
{
    private CallBench bench = null!;

    public Task InitializeAsync()
    {
        bench = CallBench.Make();
        bench.AddUnit("PB-1");
        bench.AddUnit("PB-2");
        bench.AddUnit("PB-3", policeType: "traffic");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await bench.DisposeAsync();

    [Fact]
    public async Task It_goes_up_after_one_three_and_five_minutes_and_each_time_once()
    {
        var call = await bench.TakenBy("PB-1");
        var levels = new List<int>();
        for (var second = 0; second <= 320; second += 10)
        {
            _ = await bench.Escalation.RunOnceAsync();
            levels.Add(bench.Now(call).Escalation);
            bench.Time.Step(10);
        }
        Assert.Equal((6, 18, 30), (levels.IndexOf(1), levels.IndexOf(2), levels.IndexOf(3)));
        Assert.Equal(["dispatcher", "supervisors", "city"], bench.Entries.Of(call.Id).Where(entry => entry.What == "escalated").Select(entry => entry.Text));
        Assert.Equal(3, bench.Audit().Count(row => row.StartsWith($"centre call_escalated {call.Number}", StringComparison.Ordinal)));
        Assert.Null(bench.Now(call).EscalateAt);
        // Cars are told of none of it.
        _ = Assert.Single(bench.SentTo("PB-1"));
    }

    [Fact]
    public async Task An_acknowledgement_ends_it_and_a_call_that_nobody_was_sent_goes_up_too()
    {
        var (sent, open) = (await bench.TakenBy("PB-1"), await bench.TakeAsync());
        bench.Time.Step(30);
        _ = await bench.StoreAsync("PB-1", bench.Step(sent, CallAct.Acknowledge));
        bench.Time.Step(31);
        Assert.Equal(1, await bench.Escalation.RunOnceAsync());
        Assert.Equal((0, 1), (bench.Now(sent).Escalation, bench.Now(open).Escalation));
        _ = await bench.DispatchAsync(open, "PB-2");
        _ = await bench.StoreAsync("PB-2", bench.Step(bench.Now(open), CallAct.EnRoute));
        bench.Time.Step(600);
        Assert.Equal(0, await bench.Escalation.RunOnceAsync());
        Assert.Equal(0, bench.Now(open).Escalation);
    }

    [Fact]
    public async Task Passing_a_call_on_gives_the_next_car_its_minute_but_does_not_keep_it_from_supervisors()
    {
        var call = await bench.TakenBy("PB-1");
        bench.Time.Step(61);
        Assert.Equal(1, await bench.Escalation.RunOnceAsync());
        _ = await bench.DispatchAsync(call, "PB-2", "PB-1");
        Assert.Equal(0, bench.Now(call).Escalation);
        bench.Time.Step(30);
        Assert.Equal(0, await bench.Escalation.RunOnceAsync());
        bench.Time.Step(31);
        Assert.Equal(1, await bench.Escalation.RunOnceAsync());
        _ = await bench.DispatchAsync(call, "PB-1", "PB-2");
        bench.Time.Step(50);
        Assert.Equal(0, await bench.Escalation.RunOnceAsync());
        bench.Time.Step(10);
        // Three minutes since it first waited, whoever has it now.
        Assert.Equal(1, await bench.Escalation.RunOnceAsync());
        Assert.Equal(2, bench.Now(call).Escalation);
    }

    [Fact]
    public async Task A_centre_that_was_down_tells_what_it_missed_with_its_first_look()
    {
        var call = await bench.TakenBy("PB-1");
        var acknowledged = await bench.TakenBy("PB-2");
        _ = await bench.StoreAsync("PB-2", bench.Step(acknowledged, CallAct.Acknowledge));
        await bench.Commits.DisposeAsync();
        bench.Time.Step(200);
        bench.Restart();
        Assert.Equal(1, await bench.Escalation.RunOnceAsync());
        Assert.Equal((2, 0), (bench.Now(call).Escalation, bench.Now(acknowledged).Escalation));
        Assert.Equal(0, await bench.Escalation.RunOnceAsync());
        bench.Time.Step(101);
        Assert.Equal(1, await bench.Escalation.RunOnceAsync());
        Assert.Equal(3, bench.Now(call).Escalation);
    }

    [Fact]
    public async Task The_next_nearest_suitable_car_is_proposed()
    {
        bench.Place("PB-1", 39.901, 116.4);
        bench.Place("PB-2", 39.91, 116.4);
        bench.Place("PB-3", 39.902, 116.4);
        var call = await bench.TakenBy("PB-1");
        bench.Time.Step(61);
        foreach (var (unit, latitude) in new[] { ("PB-1", 39.901), ("PB-2", 39.91), ("PB-3", 39.902) })
            bench.Place(unit, latitude, 116.4);
        _ = await bench.Escalation.RunOnceAsync();
        // Nearer, but of the traffic police.
        Assert.Equal("PB-2", bench.Now(call).Proposed);
        Assert.Equal("PB-2", bench.Entries.Of(call.Id)[^1].UnitId);
    }

    [Fact]
    public async Task Cars_are_ranked_by_way_heading_load_kind_and_duty_and_stale_ones_last()
    {
        foreach (var unit in (string[])["TOWARDS", "AWAY", "BUSY", "LOADED", "NOBODY", "OFF", "OLD", "NOWHERE"])
            bench.AddUnit(unit);
        bench.Place("OLD", 39.9001, 116.4);
        bench.Time.Step(31);
        bench.Place("TOWARDS", 39.91, 116.4, heading: 180, speed: 10);
        bench.Place("PB-1", 39.91, 116.4);
        bench.Place("AWAY", 39.91, 116.4, heading: 0, speed: 10);
        bench.Place("PB-3", 39.91, 116.4);
        bench.Place("BUSY", 39.912, 116.4, availability: "busy");
        bench.Place("LOADED", 39.914, 116.4);
        bench.Place("NOBODY", 39.91, 116.4, officer: "");
        bench.Place("OFF", 39.91, 116.4, availability: "off_duty");
        _ = await bench.TakenBy("LOADED");
        bench.Place("PB-2", 39.96, 116.4);
        var call = await bench.TakeAsync();
        var ranked = bench.Candidates.Of(call, "");
        Assert.Equal(["TOWARDS", "PB-1", "AWAY", "PB-3", "BUSY", "LOADED", "PB-2", "NOBODY", "OFF", "OLD", "NOWHERE"], ranked.Select(car => car.UnitId));
        var first = ranked[0];
        Assert.Equal(("towards", 0, true, 3, false), (first.Heading, first.OpenCalls, first.TypeFits, first.RingMinutes, first.Stale));
        Assert.InRange(first.Metres!.Value, 1105, 1120);
        Assert.Equal((true, 31_000L), (ranked[^2].Stale, ranked[^2].PositionAgeMs));
        Assert.Equal((null, true), (ranked[^1].PositionAgeMs, ranked[^1].Stale));
        Assert.Equal((1, "away", "standing"), (ranked[5].OpenCalls, ranked[2].Heading, ranked[1].Heading));
        // Without a place they are ranked by the rest, and nobody says how far.
        Assert.All(bench.Candidates.Of(await bench.TakeAsync(CallBench.Facts(latitude: null, longitude: null)), ""), car => Assert.Null(car.Metres));
    }

    [Theory]
    [InlineData("60,180", false)]
    [InlineData("60,60,300", false)]
    [InlineData("0,180,300", false)]
    [InlineData("60,180,4000", false)]
    [InlineData("a,b,c", false)]
    [InlineData("2,4,6", true)]
    public void Rings_of_escalation_are_three_rising_times(string text, bool good)
    {
        if (good)
            Assert.Equal([2, 4, 6], CallOptions.ParseEscalation(text).Select(after => after.TotalSeconds));
        else
            Assert.Contains("--escalate-after", Assert.Throws<CentreException>(() => CallOptions.ParseEscalation(text)).Message, StringComparison.Ordinal);
    }
}
