using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>The life of a call at the centre: acts of dispatchers and steps of cars, in every order.</summary>
public sealed class CallTests : IAsyncLifetime
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
    public async Task A_call_has_a_number_of_the_day_and_is_the_centres_own_until_it_is_dispatched()
    {
        var (first, second) = (await bench.TakeAsync(), await bench.TakeAsync());
        Assert.Equal(("2026-1122-0001", "2026-1122-0002"), (first.Number, second.Number));
        Assert.Equal((1, CallState.Open, "", "wang"), (first.Revision, first.State, first.Owner, first.TakenBy));
        bench.Time.Step(86_400);
        Assert.Equal("2026-1123-0001", (await bench.TakeAsync()).Number);
        Assert.Contains("wang call_taken 2026-1122-0001 ", bench.Audit());
        Assert.Empty(bench.SentTo("PB-1"));
    }

    [Fact]
    public async Task What_the_caller_said_lies_sealed_and_survives_a_restart_whole()
    {
        var call = await bench.TakenBy("PB-1");
        var bytes = bench.Database.Read(c => Dapper.SqlMapper.Query<byte[]>(c, "SELECT sealed FROM calls UNION ALL SELECT sealed FROM call_entries")).SelectMany(b => b).ToArray();
        foreach (var secret in (string[])["商铺被盗", "望江路", "13800000000", "wang"])
            Assert.Equal(-1, bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(secret)));
        await bench.Commits.DisposeAsync();
        bench.Restart();
        Assert.Equal(call, bench.Now(call) with { Recording = call.Recording });
        Assert.Equal(["taken changed", "dispatch changed"], bench.Story(call));
    }

    [Fact]
    public async Task The_owner_gets_the_call_whole_and_the_former_owner_learns_that_it_is_not_his()
    {
        var call = await bench.TakenBy("PB-1");
        var sent = Assert.Single(bench.SentTo("PB-1"));
        Assert.Equal((2ul, "PB-1", CallPart.Owner, CallState.Dispatched, "店主报称夜间被撬门"), (sent.Revision, sent.OwnerUnitId, sent.Part, sent.State, sent.Details));
        var moved = (await bench.DispatchAsync(call, "PB-2", "PB-1")).Change!.Call;
        Assert.Equal(("PB-2", 3, 3), (moved.Owner, moved.Revision, moved.OwnerRevision));
        var told = bench.SentTo("PB-1")[^1];
        Assert.Equal((3ul, "PB-2", CallPart.FormerOwner, ""), (told.Revision, told.OwnerUnitId, told.Part, told.Details));
        Assert.Equal(CallPart.Owner, Assert.Single(bench.SentTo("PB-2")).Part);
        // What happens afterwards is no business of the former owner's.
        _ = await bench.StoreAsync("PB-2", bench.Step(moved, CallAct.Acknowledge));
        Assert.Equal(3ul, Assert.Single(bench.SentTo("PB-1")).Revision);
        Assert.Equal((CallState.Acknowledged, 4ul), (bench.SentTo("PB-2")[^1].State, bench.SentTo("PB-2")[^1].Revision));
    }

    [Fact]
    public async Task Steps_of_the_owner_end_in_the_same_state_in_any_order()
    {
        CallAct[] acts = [CallAct.Acknowledge, CallAct.EnRoute, CallAct.Arrive, CallAct.Handle, CallAct.Report];
        foreach (var order in Orders(acts))
        {
            var call = await bench.TakenBy("PB-1");
            foreach (var act in order)
                Assert.Equal(AckStatus.Stored, Assert.Single(await bench.StoreAsync("PB-1", bench.Step(call, act))).Status);
            var now = bench.Now(call);
            Assert.Equal(CallState.Reported, now.State);
            // A revision for each step that moved it and none for those that came too late.
            var story = bench.Story(call).Skip(2).ToList();
            Assert.Equal(5, story.Count);
            Assert.Equal(call.Revision + story.Count(line => line.EndsWith("changed", StringComparison.Ordinal)), now.Revision);
        }
    }

    [Fact]
    public async Task A_repeated_event_is_merged_once_and_a_repeated_step_moves_nothing()
    {
        var call = await bench.TakenBy("PB-1");
        var step = bench.Step(call, CallAct.Acknowledge);
        Assert.Equal(AckStatus.Stored, Assert.Single(await bench.StoreAsync("PB-1", step)).Status);
        var after = bench.Now(call);
        Assert.Equal(AckStatus.Duplicate, Assert.Single(await bench.StoreAsync("PB-1", step)).Status);
        Assert.Equal(after, bench.Now(call));
        _ = await bench.StoreAsync("PB-1", bench.Step(call, CallAct.Acknowledge));
        Assert.Equal((after.Revision, after.State), (bench.Now(call).Revision, bench.Now(call).State));
        Assert.Equal("acknowledge late", bench.Story(call)[^1]);
    }

    [Fact]
    public async Task A_step_of_the_former_owner_is_kept_as_presence_whenever_it_comes()
    {
        var call = await bench.TakenBy("PB-1");
        _ = await bench.DispatchAsync(call, "PB-2", "PB-1");
        _ = await bench.StoreAsync("PB-1", bench.Step(call, CallAct.Arrive));
        Assert.Equal(("PB-2", CallState.Dispatched), (bench.Now(call).Owner, bench.Now(call).State));
        Assert.Equal("arrive presence", bench.Story(call)[^1]);
        Assert.Equal("PB-1", bench.Entries.Of(call.Id)[^1].UnitId);
        // Given back to the first: what it did in its first turn is still of its first turn.
        var back = (await bench.DispatchAsync(call, "PB-1", "PB-2")).Change!.Call;
        _ = await bench.StoreAsync("PB-1", bench.Step(call, CallAct.Report, seen: (ulong)call.Revision));
        Assert.Equal(CallState.Dispatched, bench.Now(call).State);
        _ = await bench.StoreAsync("PB-1", bench.Step(back, CallAct.Acknowledge));
        Assert.Equal(CallState.Acknowledged, bench.Now(call).State);
    }

    [Fact]
    public async Task Steps_about_a_call_that_a_unit_was_never_told_of_change_nothing()
    {
        var call = await bench.TakenBy("PB-1");
        Assert.Equal(AckStatus.Stored, Assert.Single(await bench.StoreAsync("PB-2", bench.Step(call, CallAct.Report))).Status);
        Assert.Equal(call, bench.Now(call));
        var close = Assert.Single(await bench.StoreAsync("PB-1", bench.Step(call, CallAct.Close)));
        Assert.Equal((AckStatus.Refused, "centre_only"), (close.Status, close.Code));
        var long1 = Assert.Single(await bench.StoreAsync("PB-1", bench.Step(call, CallAct.Note, text: new string('n', (64 << 10) + 1))));
        Assert.Equal((AckStatus.Refused, "bad_call_step"), (long1.Status, long1.Code));
        Assert.Equal(call, bench.Now(call));
    }

    [Fact]
    public async Task A_hand_over_among_equals_takes_effect_with_its_event()
    {
        var call = await bench.TakenBy("PB-1");
        _ = await bench.StoreAsync("PB-1", bench.Step(call, CallAct.Acknowledge), bench.Step(call, CallAct.HandOver, to: "PB-2", text: "离得更近"));
        var now = bench.Now(call);
        Assert.Equal(("PB-2", CallState.Dispatched, CallHandOverState.Accepted), (now.Owner, now.State, now.HandOver));
        Assert.NotNull(now.WaitingSince);
        Assert.Equal(["acknowledge changed", "hand_over kept", "hand_over_accepted changed"], bench.Story(call).Skip(2));
        Assert.Equal(CallPart.FormerOwner, bench.SentTo("PB-1")[^1].Part);
        Assert.Equal((CallPart.Owner, "PB-1"), (bench.SentTo("PB-2")[^1].Part, bench.SentTo("PB-2")[^1].HandOver.FromUnitId));
    }

    [Fact]
    public async Task A_hand_over_to_another_kind_of_police_is_the_givers_until_a_dispatcher_accepts_it()
    {
        var call = await bench.TakenBy("PB-1");
        _ = await bench.StoreAsync("PB-1", bench.Step(call, CallAct.HandOver, to: "PB-3"));
        Assert.Equal(("PB-1", CallHandOverState.Asked), (bench.Now(call).Owner, bench.Now(call).HandOver));
        Assert.Equal(CallHandOverState.Asked, bench.SentTo("PB-1")[^1].HandOver.State);
        // The giver works on it meanwhile.
        _ = await bench.StoreAsync("PB-1", bench.Step(call, CallAct.Arrive));
        Assert.Equal(CallState.Arrived, bench.Now(call).State);
        var refused = await bench.Commits.CommitAsync(t => bench.Desk.AnswerHandOver(t, call.Id, false, "不是交通警情", CallBench.Wang));
        Assert.Equal(("PB-1", CallHandOverState.Refused), (refused.Change!.Call.Owner, refused.Change.Call.HandOver));
        Assert.Equal("nothing_asked", (await bench.Commits.CommitAsync(t => bench.Desk.AnswerHandOver(t, call.Id, true, "", CallBench.Wang))).Code);
        _ = await bench.StoreAsync("PB-1", bench.Step(bench.Now(call), CallAct.HandOver, to: "PB-3"));
        var accepted = await bench.Commits.CommitAsync(t => bench.Desk.AnswerHandOver(t, call.Id, true, "", CallBench.Wang));
        Assert.Equal(("PB-3", CallState.Dispatched), (accepted.Change!.Call.Owner, accepted.Change.Call.State));
    }

    [Theory]
    [InlineData("PB-9")]
    [InlineData("PB-1")]
    public async Task A_hand_over_to_nobody_or_to_oneself_is_refused_and_says_so_to_the_car(string to)
    {
        var call = await bench.TakenBy("PB-1");
        _ = await bench.StoreAsync("PB-1", bench.Step(call, CallAct.HandOver, to: to));
        Assert.Equal(("PB-1", CallHandOverState.Refused), (bench.Now(call).Owner, bench.Now(call).HandOver));
        Assert.Equal(CallHandOverState.Refused, bench.SentTo("PB-1")[^1].HandOver.State);
        Assert.Equal("unknown_unit", bench.Entries.Of(call.Id)[^1].Text);
    }

    [Fact]
    public async Task A_dispatch_takes_a_waiting_hand_over_out_of_the_way()
    {
        var call = await bench.TakenBy("PB-1");
        _ = await bench.StoreAsync("PB-1", bench.Step(call, CallAct.HandOver, to: "PB-3"));
        _ = await bench.DispatchAsync(call, "PB-2", "PB-1");
        Assert.Equal("nothing_asked", (await bench.Commits.CommitAsync(t => bench.Desk.AnswerHandOver(t, call.Id, true, "", CallBench.Wang))).Code);
        Assert.Equal("PB-2", bench.Now(call).Owner);
    }

    [Fact]
    public async Task A_request_for_back_up_stands_until_it_is_answered_and_then_the_helpers_have_the_call()
    {
        var call = await bench.TakenBy("PB-1");
        _ = await bench.StoreAsync("PB-1", bench.Step(call, CallAct.BackUp, text: "三人持械"));
        Assert.True(bench.Now(call).BackUpOpen);
        Assert.Equal("unknown_unit", (await bench.Commits.CommitAsync(t => bench.Desk.AnswerBackUp(t, call.Id, ["PB-1"], "", CallBench.Wang))).Code);
        var answer = await bench.Commits.CommitAsync(t => bench.Desk.AnswerBackUp(t, call.Id, ["PB-2", "PB-3"], "", CallBench.Wang));
        Assert.False(answer.Change!.Call.BackUpOpen);
        Assert.Equal(["PB-2", "PB-3"], bench.SentTo("PB-1")[^1].BackUpUnitIds);
        Assert.Equal((CallPart.BackUp, "店主报称夜间被撬门"), (bench.SentTo("PB-2")[^1].Part, bench.SentTo("PB-2")[^1].Details));
        _ = await bench.StoreAsync("PB-2", bench.Step(bench.Now(call), CallAct.Arrive));
        Assert.Equal("arrive presence", bench.Story(call)[^1]);
        Assert.Equal(CallState.Dispatched, bench.Now(call).State);
        Assert.Equal("nothing_asked", (await bench.Commits.CommitAsync(t => bench.Desk.AnswerBackUp(t, call.Id, [], "没有车", CallBench.Wang))).Code);
    }

    [Fact]
    public async Task An_urgent_call_is_shown_to_cars_nearby_of_any_kind_without_what_the_caller_said()
    {
        bench.Place("PB-1", 39.95, 116.4);
        bench.Place("PB-2", 39.905, 116.4);
        bench.Place("PB-3", 39.91, 116.4);
        var call = await bench.TakeAsync(CallBench.Facts(urgent: true));
        Assert.Empty(bench.SentTo("PB-1"));
        foreach (var unitId in (string[])["PB-2", "PB-3"])
        {
            var shown = Assert.Single(bench.SentTo(unitId));
            Assert.Equal((CallPart.Nearby, "", "", "望江路 12 号"), (shown.Part, shown.OwnerUnitId, shown.Details, shown.Address));
        }
        Assert.Empty((await bench.TakeAsync(CallBench.Facts(urgent: true, latitude: null, longitude: null))).Owner);
        _ = await bench.DispatchAsync(call, "PB-2");
        Assert.Equal((CallPart.Owner, CallPart.Nearby), (bench.SentTo("PB-2")[^1].Part, bench.SentTo("PB-3")[^1].Part));
        _ = await bench.Commits.CommitAsync(t => bench.Desk.Cancel(t, call.Id, "误报", CallBench.Wang));
        Assert.Equal(CallState.Cancelled, bench.SentTo("PB-3")[^1].State);
    }

    [Fact]
    public async Task Of_each_call_one_command_waits_for_a_car_that_is_away_and_it_is_the_newest()
    {
        var call = await bench.TakenBy("PB-1");
        for (var at = 0; at < 5; at++)
            _ = await bench.Commits.CommitAsync(t => bench.Desk.Correct(t, call.Id, CallBench.Facts(urgent: at % 2 == 0), CallBench.Wang));
        var other = await bench.TakenBy("PB-1");
        Assert.Equal([(other.Number, 2ul), (call.Number, 7ul)], bench.SentTo("PB-1").Select(sent => (sent.Number, sent.Revision)));
        Assert.Equal([2ul, 2ul], bench.SentTo("PB-1").Select(sent => sent.OwnerRevision));
    }

    [Fact]
    public async Task Of_two_gateways_that_change_a_call_at_once_the_second_stores_nothing()
    {
        var call = await bench.TakenBy("PB-1");
        _ = await bench.Commits.CommitAsync(t => bench.Desk.Note(t, call.Id, "faster", CallBench.Wang));
        var slower = bench.Commits.CommitAsync(t =>
        {
            bench.Calls.Save(t, call with { Urgent = true }, call);
            return 0;
        });
        _ = await Assert.ThrowsAsync<CallConflictException>(() => slower);
        Assert.False(bench.Now(call).Urgent);
    }

    [Fact]
    public async Task Each_act_is_refused_where_it_does_not_apply_and_then_nothing_is_stored()
    {
        var call = await bench.TakenBy("PB-1");
        var audit = bench.Audit().Count;
        Assert.Equal("unknown_unit", (await bench.DispatchAsync(call, "PB-9", "PB-1")).Code);
        Assert.Equal("owner_changed", (await bench.DispatchAsync(call, "PB-2")).Code);
        Assert.Equal("not_now", (await bench.DispatchAsync(call, "PB-1", "PB-1")).Code);
        Assert.Equal("unknown_call", (await bench.DispatchAsync(call with { Id = Guid.NewGuid() }, "PB-2", "PB-1")).Code);
        Assert.Equal((call, audit), (bench.Now(call), bench.Audit().Count));
        var closed = await bench.Commits.CommitAsync(t => bench.Desk.Close(t, call.Id, "handled", "已调解", CallBench.Wang));
        Assert.Equal((CallState.Closed, "handled"), (closed.Change!.Call.State, closed.Change.Call.Result));
        Assert.NotNull(closed.Change.Call.ClosedAt);
        foreach (var act in (Func<Task<CallAnswer>>[])[
            () => bench.DispatchAsync(call, "PB-2", "PB-1"),
            () => bench.Commits.CommitAsync(t => bench.Desk.Close(t, call.Id, "handled", "", CallBench.Wang)),
            () => bench.Commits.CommitAsync(t => bench.Desk.Cancel(t, call.Id, "误报", CallBench.Wang)),
            () => bench.Commits.CommitAsync(t => bench.Desk.Correct(t, call.Id, CallBench.Facts(), CallBench.Wang)),
            () => bench.Commits.CommitAsync(t => bench.Desk.AnswerBackUp(t, call.Id, ["PB-2"], "", CallBench.Wang))])
            Assert.Equal("not_now", (await act()).Code);
        Assert.Equal("", (await bench.Commits.CommitAsync(t => bench.Desk.Note(t, call.Id, "家属来电致谢", CallBench.Wang))).Code);
    }

    [Fact]
    public async Task A_district_acts_on_its_own_calls_and_with_its_own_cars()
    {
        bench.AddUnit("PB-E", "east");
        bench.AddUnit("PB-W", "west");
        var west = await bench.TakeAsync(CallBench.Facts(district: "west"));
        var east = await bench.TakeAsync(CallBench.Facts(district: "east"), CallBench.East);
        Assert.Equal("unknown_call", (await bench.DispatchAsync(west, "PB-E", by: CallBench.East)).Code);
        Assert.Equal("unknown_unit", (await bench.DispatchAsync(east, "PB-W", by: CallBench.East)).Code);
        Assert.Equal("", (await bench.DispatchAsync(east, "PB-E", by: CallBench.East)).Code);
        Assert.Equal(["PB-E"], bench.Candidates.Of(east, "east").Select(car => car.UnitId));
        // The city lends a district's car to another district: both see the call.
        Assert.Equal("", (await bench.DispatchAsync(west, "PB-E")).Code);
        Assert.True(bench.Desk.MaySee(bench.Now(west), "east"));
        Assert.False(bench.Desk.MaySee(bench.Now(east), "west"));
        // Another district's car as the receiver of a hand-over is for a dispatcher to decide.
        _ = await bench.StoreAsync("PB-E", bench.Step(bench.Now(east), CallAct.HandOver, to: "PB-W"));
        Assert.Equal(("PB-E", CallHandOverState.Asked), (bench.Now(east).Owner, bench.Now(east).HandOver));
        Assert.Equal("unknown_unit", (await bench.Commits.CommitAsync(t => bench.Desk.AnswerHandOver(t, east.Id, true, "", CallBench.East))).Code);
    }

    [Fact]
    public async Task A_story_is_bounded_and_what_moves_the_call_is_in_it_all_the_same()
    {
        var call = await bench.TakenBy("PB-1");
        for (var at = 0; at < 6; at++)
            _ = await bench.StoreAsync("PB-1", [.. Enumerable.Range(0, 100).Select(_ => bench.Step(call, CallAct.Note, text: "talk"))]);
        Assert.Equal(CallEntryTable.MostEntries, bench.Entries.Of(call.Id).Count);
        _ = await bench.StoreAsync("PB-1", bench.Step(call, CallAct.Report));
        Assert.Equal((CallState.Reported, "report changed"), (bench.Now(call).State, bench.Story(call)[^1]));
    }

    private static IEnumerable<CallAct[]> Orders(CallAct[] acts) => acts.Length <= 1
        ? [acts]
        : acts.SelectMany((act, i) => Orders([.. acts[..i], .. acts[(i + 1)..]]).Select(rest => (CallAct[])[act, .. rest]));
}
