using Dapper;
using EdgeAgent.Chaos.Canary;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.LookUps;
using EdgeAgent.Contract;
using EdgeAgent.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;
using static EdgeAgent.Tests.CommandCentre.LookUpBench;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Look-ups at the centre, asked over mTLS by cars that keep to nothing.</summary>
public class LookUpTests
{
    protected virtual CentreStore Store => CentreStore.Sqlite;

    [Fact]
    public async Task A_purpose_learns_what_it_may_and_every_question_is_written_down_without_its_subject()
    {
        await using var centre = await WithRegisterAsync(Store);
        using var car = await CarAsync(centre, "PB-1", OfficerId);
        var stop = await AskAsync(car, Request());
        Assert.Equal((LookUpOutcome.Found, PlateClass.Blue, "white van", ""), (stop.Outcome, stop.PlateClass, stop.Vehicle, stop.DisplayName));
        Assert.Equal(["Stolen OnRecord", "Insurance Ended", "Inspection Valid"], stop.Statuses.Select(s => $"{s.Fact} {s.State}"));
        var helped = await AskAsync(car, Request(r => (r.Kind, r.Subject, r.Purpose) = (LookUpKind.Document, Document, LookUpPurpose.PersonInDistress)));
        Assert.Equal(("张三", "Missing Clear"), (helped.DisplayName, string.Join(' ', helped.Statuses.Select(s => $"{s.Fact} {s.State}"))));
        var crashed = await AskAsync(car, Request(r => (r.Kind, r.Subject, r.Purpose) = (LookUpKind.Document, Document, LookUpPurpose.Accident)));
        Assert.Equal(("张三", 0), (crashed.DisplayName, crashed.Statuses.Count));
        Assert.Equal(LookUpOutcome.NotFound, (await AskAsync(car, Request(r => r.Subject = "京A00000"))).Outcome);
        Assert.Equal(
            ["look_up plate traffic_stop", "look_up document person_in_distress", "look_up document accident", "look_up plate traffic_stop"],
            Audit(centre).Select(a => $"{a.Action} {a.Subject.Split(' ')[1]} {a.Purpose}"));
        Assert.All(Audit(centre), a => Assert.Equal(OfficerId, a.Actor));
    }

    [Fact]
    public async Task What_was_asked_and_what_the_register_holds_lies_nowhere_in_the_clear()
    {
        await using var centre = await WithRegisterAsync(Store);
        using var car = await CarAsync(centre, "PB-1", OfficerId);
        string[] secrets = [Plate, Document, "张三", "canary reason"];
        await File.WriteAllTextAsync(Path.Combine(centre.Data, "planted"), string.Join(',', secrets));
        Assert.Equal(secrets.Length, TraceScanner.Scan(centre.Data, secrets).Count(t => t.Contains("UTF-8", StringComparison.Ordinal)));
        File.Delete(Path.Combine(centre.Data, "planted"));
        using var log = new LogTrap(centre.Server.Services);
        _ = await AskAsync(car, Request(r => r.Reason = "canary reason"));
        _ = await AskAsync(car, Request(r => (r.Kind, r.Subject, r.Purpose, r.Reason) = (LookUpKind.Document, Document, LookUpPurpose.IdentityCheck, "canary reason")));
        // Where it does not belong: as an officer's or a session's name, and refused.
        Assert.Equal(LookUpCodes.OfficerNotOnRoster, (await AskAsync(car, Request(r => (r.OfficerId, r.SessionId) = (Plate, Document)))).Code);
        Assert.Equal(LookUpCodes.BadId, (await AskAsync(car, Request(r => r.Id = ByteString.CopyFromUtf8(Plate)))).Code);
        // Also where the register fails under the question.
        await File.WriteAllTextAsync(Path.Combine(centre.Data, "registry.db"), "no database");
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => AskAsync(car, Request(r => r.Reason = "canary reason")))).StatusCode);
        Assert.Empty(TraceScanner.Scan(centre.Data, secrets));
        Assert.DoesNotContain(secrets, s => log.Text.Contains(s, StringComparison.Ordinal));
        await centre.StopServerAsync();
        Assert.Empty(TraceScanner.Scan(centre.Data, secrets));
    }

    [Fact]
    public async Task Officers_of_no_roster_or_of_another_units_are_refused_and_refusals_are_written_down()
    {
        await using var centre = await WithRegisterAsync(Store);
        using var car = await CarAsync(centre, "PB-1", OfficerId);
        using var other = await CarAsync(centre, "PB-2", Stranger);
        Assert.Equal(LookUpCodes.OfficerNotOnRoster, (await AskAsync(car, Request(r => r.OfficerId = Stranger))).Code);
        Assert.Equal(LookUpCodes.OfficerNotOnRoster, (await AskAsync(other, Request())).Code);
        Assert.Equal(LookUpOutcome.Found, (await AskAsync(other, Request(r => r.OfficerId = Stranger))).Outcome);
        Assert.Equal(LookUpCodes.PurposeNotAllowed, (await AskAsync(car, Request(r => r.Purpose = LookUpPurpose.PersonInDistress))).Code);
        Assert.Equal(LookUpCodes.BadPlate, (await AskAsync(car, Request(r => r.Subject = new string('A', 1_000_000)))).Code);
        Assert.Equal(LookUpCodes.BadId, (await AskAsync(car, Request(r => r.Id = ByteString.CopyFromUtf8(Plate)))).Code);
        Assert.Equal(
            [
                "PB-1 look_up_refused traffic_stop officer_not_on_roster", "PB-2 look_up_refused traffic_stop officer_not_on_roster",
                $"{Stranger} look_up traffic_stop", $"{OfficerId} look_up_refused person_in_distress purpose_not_allowed",
                $"{OfficerId} look_up_refused traffic_stop bad_plate", $"{OfficerId} look_up_refused traffic_stop bad_id",
            ],
            Audit(centre).Select(a => $"{a.Actor} {a.Action} {a.Purpose}"));
    }

    [Fact]
    public async Task A_centre_without_a_register_says_so_and_answers_once_one_is_imported()
    {
        await using var centre = await CentreUnderTest.StartAsync(store: Store);
        using var car = await CarAsync(centre, "PB-1", OfficerId);
        var request = Request();
        Assert.Equal(LookUpCodes.NotAvailable, (await AskAsync(car, request)).Code);
        Assert.Contains("not_available", (await centre.CommandAsync(null, "registry", "show")).Error);
        await ImportAsync(centre);
        // The same request has its answer already; a new one gets a new one.
        Assert.Equal(LookUpCodes.NotAvailable, (await AskAsync(car, request)).Code);
        Assert.Equal(LookUpOutcome.Found, (await AskAsync(car, Request())).Outcome);
    }

    [Fact]
    public async Task The_limits_hold_over_a_restart_say_how_long_and_count_a_repeat_once()
    {
        await using var centre = await WithRegisterAsync(Store);
        using var car = await CarAsync(centre, "PB-1", OfficerId, Stranger);
        var first = Request();
        for (var i = 0; i < 10; i++)
            Assert.Equal(LookUpOutcome.Found, (await AskAsync(car, first)).Outcome);
        for (var i = 1; i < new LookUpLimits().OfficerPerMinute; i++)
            Assert.Equal(LookUpOutcome.Found, (await AskAsync(car, Request())).Outcome);
        await centre.RestartAsync(centre.Grpc.Port);
        car.Redial(centre.Grpc);
        var over = Request();
        var refused = await AskAsync(car, over);
        Assert.Equal(LookUpCodes.RateLimited, refused.Code);
        Assert.InRange(refused.WaitMs, 1U, 60_000U);
        Assert.Equal((LookUpCodes.RateLimited, LookUpOutcome.Found), ((await AskAsync(car, over)).Code, (await AskAsync(car, first)).Outcome));
        Assert.Equal(LookUpOutcome.Found, (await AskAsync(car, Request(r => r.OfficerId = Stranger))).Outcome);
        Assert.Equal(1, Audit(centre).Count(a => a.Purpose == "traffic_stop rate_limited"));
    }

    [Fact]
    public async Task A_used_id_asks_no_second_question()
    {
        await using var centre = await WithRegisterAsync(Store);
        using var car = await CarAsync(centre, "PB-1", OfficerId);
        using var other = await CarAsync(centre, "PB-2", Stranger);
        var asked = Request();
        _ = await AskAsync(car, asked);
        foreach (var change in (Action<LookUpRequest>[])[r => r.Subject = "京A00000", r => r.Purpose = LookUpPurpose.Accident, r => r.OfficerId = Stranger, r => r.Reason = "x"])
        {
            var again = asked.Clone();
            change(again);
            Assert.Equal(LookUpCodes.BadId, (await AskAsync(car, again)).Code);
        }
        Assert.Equal(LookUpCodes.BadId, (await AskAsync(other, asked)).Code);
    }

    [Fact]
    public void Each_limit_counts_its_own_and_lets_go_when_its_window_has_passed()
    {
        var (limits, now) = (new LookUpLimits { OfficerPerMinute = 2, OfficerPerHour = 3, UnitPerMinute = 4, UnitPerHour = 5 }, DateTimeOffset.FromUnixTimeSeconds(1_780_000_000));
        using var bench = new LookUpBookBench(limits);
        Assert.Equal(["", "", "rate_limited"], bench.Ask(now, "o1", 3));
        Assert.Equal(["", "", "rate_limited"], bench.Ask(now, "o2", 3));
        // The unit's four of a minute are used up, whoever asks.
        Assert.Equal(["rate_limited"], bench.Ask(now, "o3", 1));
        Assert.Equal(TimeSpan.FromMinutes(1), bench.Wait);
        now += TimeSpan.FromMinutes(1);
        Assert.Equal(["", "rate_limited"], bench.Ask(now, "o1", 2));
        Assert.Equal(TimeSpan.FromMinutes(59), bench.Wait);
        Assert.Equal(["rate_limited"], bench.Ask(now, "o2", 1));
        Assert.Equal(["", "", "rate_limited"], bench.Ask(now + TimeSpan.FromMinutes(59), "o1", 3));
    }

    [Fact]
    public void Limits_that_cannot_be_are_named_all_at_once() => Assert.Equal(
        ["LookUps.OfficerPerMinute is 0; 1 to 60.", "LookUps.UnitPerHour is 9999; 1 to 1800."],
        new LookUpLimits { OfficerPerMinute = 0, UnitPerHour = 9999 }.Faults());

    [Fact]
    public void The_third_identical_question_of_a_day_is_shown_others_are_not()
    {
        using var bench = new LookUpBookBench(new LookUpLimits { OfficerPerMinute = 60 });
        var now = DateTimeOffset.FromUnixTimeSeconds(1_780_000_000);
        _ = bench.Ask(now, "o1", 2);
        _ = bench.Ask(now, "o1", 3, "京A11111", "京A22222", "京A33333");
        _ = bench.Ask(now, "o2", 2);
        Assert.Empty(bench.Patterns());
        _ = bench.Ask(now + TimeSpan.FromHours(25), "o1", 2);
        Assert.Empty(bench.Patterns());
        _ = bench.Ask(now + TimeSpan.FromHours(26), "o1", 1);
        Assert.Equal(["o1 same_subject 3"], bench.Patterns());
    }

    [Fact]
    public async Task A_look_up_that_no_sign_in_covers_is_shown_an_hour_later_and_once()
    {
        await using var centre = await WithRegisterAsync(Store);
        using var car = await CarAsync(centre, "PB-1", OfficerId);
        var now = TimeProvider.System.GetUtcNow();
        var at = now.ToUnixTimeMilliseconds();
        using (var session = await car.ConnectAsync())
            _ = await session.StoreAsync(Session(1, "s1", SessionChange.In, at - 60_000), Session(2, "s2", SessionChange.In, at - 60_000), Session(3, "s2", SessionChange.Out, at - 30_000));
        _ = await AskAsync(car, Request(r => (r.SessionId, r.AtUnixMs) = ("s1", at)));
        var over = Request(r => (r.SessionId, r.AtUnixMs) = ("s2", at));
        var never = Request(r => (r.SessionId, r.AtUnixMs) = ("s3", at));
        _ = await AskAsync(car, over);
        _ = await AskAsync(car, never);
        foreach (var later in (double[])[0.5, 2, 3])
            Sweep(centre, now + TimeSpan.FromHours(later));
        Assert.Equal(
            new[] { over, never }.Select(r => $"{Uuid7.ToGuid(r.Id.Span)} plate outside_session").Order(),
            Audit(centre).Where(a => a is { Action: "look_up_pattern", Purpose: "outside_session" }).Select(a => $"{a.Subject} {a.Purpose}").Order());
    }

    [Fact]
    public async Task Oversight_reads_what_was_asked_under_its_own_name_until_it_is_erased()
    {
        await using var centre = await WithRegisterAsync(Store);
        using var car = await CarAsync(centre, "PB-1", OfficerId);
        var asked = Request(r => r.Reason = "stopped at the toll");
        _ = await AskAsync(car, asked);
        var id = Uuid7.ToGuid(asked.Id.Span).ToString();
        Assert.DoesNotContain(Plate, (await centre.CommandAsync(null, "look-ups", "list", "--json")).Output);
        string[] show = ["look-ups", "show", "--request", id, "--by", "zhao", "--purpose", "complaint 4"];
        Assert.Equal($"PB-1 {OfficerId}: {Plate} (traffic_stop) stopped at the toll", (await centre.CommandAsync(null, show)).Output.Trim());
        Assert.Contains(centre.Audit(), a => a == $"zhao look_up_read {id} complaint 4");
        Sweep(centre, TimeProvider.System.GetUtcNow() + LookUpSweep.Kept - TimeSpan.FromMinutes(1));
        Assert.Contains(Plate, (await centre.CommandAsync(null, show)).Output);
        Sweep(centre, TimeProvider.System.GetUtcNow() + LookUpSweep.Kept + TimeSpan.FromMinutes(1));
        var gone = await centre.CommandAsync(null, show);
        Assert.Equal((1, true), (gone.ExitCode, gone.Error.Contains("erased 30 days", StringComparison.Ordinal)));
        // Its id stays used.
        Assert.Equal(LookUpCodes.BadId, (await AskAsync(car, asked)).Code);
    }

    [Fact]
    public async Task A_register_with_a_mistake_changes_nothing_and_names_the_place_not_the_person()
    {
        await using var centre = await WithRegisterAsync(Store);
        var result = await ImportAsync(centre, """
            {"plates": [{"plate": "沪Z9K7Q2"}, {"plate": "沪Z·9K7Q2"}, {"plate": "nonsense"}, {"plate": "京A12345", "plateClass": "pink"}],
             "documents": [{"number": "110105194912310021", "name": "李四"}, {"number": "11010519491231002X"}]}
            """);
        Assert.Equal(1, result.ExitCode);
        foreach (var place in (string[])["plates[1]: stands in the file twice", "plates[2]", "plates[3]: plateClass is none of", "documents[0]", "documents[1]: name"])
            Assert.Contains(place, result.Error);
        Assert.DoesNotContain("110105194912310021", result.Error);
        Assert.Contains("could not be mapped", (await ImportAsync(centre, """{"cars": []}""")).Error);
        Assert.StartsWith("2 entries", (await centre.CommandAsync(null, "registry", "show")).Output);
        using var car = await CarAsync(centre, "PB-1", OfficerId);
        Assert.Equal("white van", (await AskAsync(car, Request())).Vehicle);
        Assert.Equal(0, (await ImportAsync(centre, """{"plates": [{"plate": "京A12345"}]}""")).ExitCode);
        Assert.Equal(LookUpOutcome.NotFound, (await AskAsync(car, Request())).Outcome);
        Assert.Equal(2, centre.Audit().Count(a => a.Contains("registry_imported", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_row_moved_under_another_key_answers_for_nobody()
    {
        await using var centre = await WithRegisterAsync(Store);
        using var open = new OpenCentre(centre.Data);
        var source = new SqliteLookUpSource(open.Folder.Registry, open.Sealing);
        Assert.NotNull(await source.FindAsync(LookUpKind.Plate, Plate, default));
        using (var raw = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={open.Folder.Registry}"))
        {
            raw.Open();
            raw.Execute("CREATE TABLE s AS SELECT * FROM entries; UPDATE entries SET sealed = (SELECT s.sealed FROM s WHERE s.mac <> entries.mac)");
        }
        Assert.Null(await source.FindAsync(LookUpKind.Plate, Plate, default));
        Assert.Null(await source.FindAsync(LookUpKind.Document, Document, default));
    }
}

public sealed class LookUpTestsOnPostgres : LookUpTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
