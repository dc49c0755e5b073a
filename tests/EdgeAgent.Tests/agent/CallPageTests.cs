using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Calls;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>A call on the officer's page: its story, whose it is, what it is worth to others, and where it is.</summary>
public sealed class CallPageTests
{
    [Fact]
    public async Task Steps_without_a_link_are_shown_as_waiting_survive_a_restart_and_are_merged_in_order()
    {
        BenchCar before = await BenchCar.StartAsync();
        Call call = CallBench.Know(before);
        _ = await before.SignInAsync();
        foreach (string act in (string[])["acknowledge", "en_route", "arrive"])
            Assert.Equal(HttpStatusCode.NoContent, (await CallBench.StepAsync(before, call, act)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await CallBench.StepAsync(before, call, "note", "有人受伤")).StatusCode);
        JsonNode shown = await CallBench.ShownAsync(before, call);
        Assert.Equal(("arrived", "arrived", "owner"), ((string)shown["state"]!, (string)shown["own"]!, (string)shown["part"]!));
        Assert.Equal(["acknowledge", "en_route", "arrive", "note"], shown["steps"]!.AsArray().Select(s => (string)s!["act"]!));
        Assert.All(shown["steps"]!.AsArray(), s => Assert.Equal("waiting", (string)s!["sent"]!));

        await using TestCentre centre = await TestCentre.StartAsync(before.Pki);
        BenchCar car = await CallBench.LinkedAsync(centre, before);
        shown = await CallBench.ShownAsync(car, call, c => c["steps"]!.AsArray().All(s => (string)s!["sent"]! == "sent"));
        Assert.Equal("有人受伤", (string)shown["steps"]![3]!["text"]!);
        Assert.Equal(
            [CallAct.Acknowledge, CallAct.EnRoute, CallAct.Arrive, CallAct.Note],
            centre.Durable.Values.Where(e => e.CallStep is not null).OrderBy(e => e.Number).Select(e => e.CallStep.Act));

        // The centre's word about all of it, and one of its own.
        Call merged = call.Clone();
        (merged.Revision, merged.State, merged.Address) = (6, CallState.Arrived, "望江路 18 号后门");
        _ = await CallBench.SendAsync(centre, merged);
        shown = await CallBench.ShownAsync(car, call, c => (string)c["address"]! == "望江路 18 号后门");
        Assert.Equal(4, shown["steps"]!.AsArray().Count);
        await car.DisposeAsync();
    }

    [Fact]
    public async Task What_callers_said_is_for_whoever_is_on_duty_and_nobody_else()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Call call = CallBench.Know(car);
        await using (Page outside = await car.PageAsync())
        {
            JsonNode state = await outside.UntilAsync("state");
            Assert.Empty(state["calls"]!.AsArray());
            Assert.Null(state["areas"]!["calls"]);
            Assert.Null(state["areas"]!["fleet"]);
            Assert.DoesNotContain("望江路", state.ToJsonString(), StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.Unauthorized, (await CallBench.StepAsync(car, call, "acknowledge")).StatusCode);
        foreach (string what in (string[])["pictures", "clips"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.PostAsJsonAsync(CallBench.PathOf(call, what), new { cameraId = "cam1" })).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.GetAsync(CallBench.PathOf(call, "recording"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.PostAsJsonAsync("/api/speech", new { text = "x", language = "en" })).StatusCode);
        _ = await car.SignInAsync();
        Assert.Equal("两人争吵", (string)(await CallBench.ShownAsync(car, call))["details"]!);
    }

    [Fact]
    public async Task A_back_up_has_steps_of_its_own_that_leave_the_owners_call_where_it_is()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        Call call = CallBench.Know(car, c => (c.Part, c.State, c.OwnerUnitId, c.Revision, c.OwnerRevision) = (CallPart.BackUp, CallState.Handling, "PB-2", 9, 4));
        Assert.Equal(("handling", "dispatched"), await StatesAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await CallBench.StepAsync(car, call, "acknowledge")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await CallBench.StepAsync(car, call, "acknowledge")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await CallBench.StepAsync(car, call, "arrive")).StatusCode);
        Assert.Equal(("handling", "arrived"), await StatesAsync());
        Assert.Equal("busy", car.Get<LiveReport>().Availability);
        Assert.Equal(HttpStatusCode.NoContent, (await CallBench.StepAsync(car, call, "report", "已协助")).StatusCode);
        Assert.Equal(CallState.Handling, car.Get<CallBook>().Calls[0].State);
        Assert.Equal("available", car.Get<LiveReport>().Availability);

        async Task<(string State, string Own)> StatesAsync()
        {
            JsonNode shown = await CallBench.ShownAsync(car, call);
            return ((string)shown["state"]!, (string)shown["own"]!);
        }
    }

    [Fact]
    public async Task A_car_is_busy_from_its_acknowledgement_to_its_report_and_off_duty_without_an_officer()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        LiveReport live = car.Get<LiveReport>();
        Assert.Equal("off_duty", live.Availability);
        _ = await car.SignInAsync();
        Call call = CallBench.Know(car), near = CallBench.Know(car, c => (c.Part, c.State) = (CallPart.Nearby, CallState.Handling));
        var said = new List<string> { live.Availability };
        foreach (string act in (string[])["acknowledge", "en_route", "arrive", "handle", "report"])
        {
            _ = await CallBench.StepAsync(car, call, act);
            said.Add(live.Availability);
        }
        Assert.Equal(["available", "busy", "busy", "busy", "busy", "available"], said);
        Assert.Equal(HttpStatusCode.Conflict, (await CallBench.StepAsync(car, near, "acknowledge")).StatusCode);
    }

    [Fact]
    public async Task Arrival_is_offered_after_standing_near_the_place_and_never_happens_by_itself()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        Call call = CallBench.Know(car);
        ArrivalWatch watch = car.Get<ArrivalWatch>();
        bool Offered(double metresNorth, double afterSeconds = 1, bool stale = false)
        {
            car.Time.Jump(TimeSpan.FromSeconds(afterSeconds));
            CallBench.Stand(car, CallBench.Latitude + (metresNorth / 111_195), CallBench.Longitude, stale);
            return watch.IsOffered(call.CallId);
        }
        Assert.False(Offered(900));
        Assert.False(Offered(140)); // driving by
        Assert.False(Offered(300));
        Assert.False(Offered(140));
        Assert.False(Offered(120, 2));
        Assert.True(Offered(100, 4));
        Assert.True(Offered(180)); // shaky, still about there
        Assert.True(Offered(5000, stale: true)); // nothing known
        Assert.False(Offered(210));
        _ = Offered(90);
        Assert.True(Offered(90, 6));
        Assert.True((bool)(await CallBench.ShownAsync(car, call))["arriveOffered"]!);
        Assert.Equal(CallState.Dispatched, car.Get<CallBook>().Calls[0].State);
        _ = await CallBench.StepAsync(car, call, "arrive");
        Assert.False(Offered(90));
    }

    [Fact]
    public async Task Other_cars_are_shown_with_their_age_and_a_hand_over_as_far_as_the_centre_is_with_it()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await CallBench.LinkedAsync(centre);
        FleetUnit Unit(string id, double latitude, string availability, long ageMs, GnssFix fix = GnssFix._3D) => new()
        {
            UnitId = id,
            Label = id + " 车",
            Position = new Position { Fix = fix, LatitudeDegrees = latitude, LongitudeDegrees = CallBench.Longitude },
            Availability = availability,
            AgeMs = ageMs,
        };
        await centre.Sessions[BenchCar.UnitId].SendAsync(new CentreMessage
        {
            Fleet = new FleetPositions { Units = { Unit("PB-2", 31.231, "available", 900), Unit("PB-3", 31.3, "<b>x", 40_000), Unit("PB-4", 0, "busy", 1, GnssFix.None), Unit(new string('x', 99), 31, "", 1) } },
        });
        await using Page page = await car.PageAsync();
        JsonArray fleet = (await page.UntilAsync("state", s => s["areas"]!["fleet"] is JsonArray { Count: 2 }))["areas"]!["fleet"]!.AsArray();
        Assert.Equal([("PB-2", "available", false), ("PB-3", "", true)], fleet.Select(f => ((string)f!["unitId"]!, (string)f["availability"]!, (bool)f["stale"]!)));
        car.Time.Jump(TimeSpan.FromSeconds(31));
        _ = await page.UntilAsync("state", s => s["areas"]!["fleet"] is JsonArray { Count: 2 } f && (bool)f[0]!["stale"]!);

        Call call = await CallBench.SendAsync(centre, CallBench.Call());
        _ = await CallBench.ShownAsync(car, call);
        Assert.Equal(HttpStatusCode.NoContent, (await CallBench.StepAsync(car, call, "hand_over", "离现场近", "PB-2")).StatusCode);
        foreach ((ulong revision, CallHandOverState state, CallPart part) in ((ulong, CallHandOverState, CallPart)[])[(2, CallHandOverState.Asked, CallPart.Owner), (3, CallHandOverState.Refused, CallPart.Owner), (4, CallHandOverState.Accepted, CallPart.FormerOwner)])
        {
            Call told = call.Clone();
            (told.Revision, told.Part) = (revision, part);
            told.HandOver = new CallHandOver { FromUnitId = BenchCar.UnitId, ToUnitId = "PB-2", State = state };
            _ = await CallBench.SendAsync(centre, told);
            JsonNode shown = await CallBench.ShownAsync(car, call, c => (string?)c["handOver"]?["state"] == Words(state));
            Assert.Equal(part == CallPart.Owner ? "owner" : "former_owner", (string)shown["part"]!);
        }
        Assert.Equal(HttpStatusCode.Conflict, (await CallBench.StepAsync(car, call, "arrive")).StatusCode);

        static string Words(CallHandOverState state) => state.ToString().ToLowerInvariant();
    }

    [Fact]
    public async Task A_story_goes_with_its_call()
    {
        BenchCar before = await BenchCar.StartAsync();
        _ = await before.SignInAsync();
        Call call = CallBench.Know(before);
        _ = await CallBench.StepAsync(before, call, "note", "金丝雀");
        Call over = call.Clone();
        (over.Revision, over.State) = (2, CallState.Closed);
        _ = CallBench.Take(before, over);
        Assert.Single(before.Get<CallLog>().Of(call.CallId));
        Assert.Equal(1, before.Get<CallBook>().ForgetDue(long.MaxValue));
        Assert.Empty(before.Get<CallLog>().Of(call.CallId));
        await using BenchCar car = await before.RestartAsync(sameBoot: true);
        Assert.Empty(car.Get<CallLog>().Of(call.CallId));
        Assert.Empty(car.Get<CallBook>().Calls);
        await before.DisposeAsync();
    }

    [Fact]
    public async Task A_sentence_is_spoken_where_a_voice_is_installed_and_bad_ones_are_refused()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        Task<HttpResponseMessage> SayAsync(string text, string language) => car.Http.PostAsJsonAsync("/api/speech", new { text, language });
        Assert.Equal(HttpStatusCode.BadRequest, (await SayAsync(" ", "zh")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await SayAsync(new string('x', 401), "en")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await SayAsync("a\u0007b", "en")).StatusCode);
        bool installed = File.Exists("/usr/bin/espeak-ng");
        HttpResponseMessage said = await SayAsync("--version; 紧急警情，望江路", "zh");
        Assert.Equal(installed ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, said.StatusCode);
        if (installed)
        {
            byte[] wav = await said.Content.ReadAsByteArrayAsync();
            Assert.Equal("RIFF"u8.ToArray(), wav[..4]);
            Assert.InRange(wav.Length, 20_000, 1_000_000);
        }
        await using BenchCar mute = await BenchCar.StartAsync(o => o with { Calls = o.Calls with { Speaker = "/nowhere/speaker" } });
        _ = await mute.SignInAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await mute.Http.PostAsJsonAsync("/api/speech", new { text = "x", language = "en" })).StatusCode);
    }
}
