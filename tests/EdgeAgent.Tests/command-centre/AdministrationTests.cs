using System.Net;
using System.Text.Json.Nodes;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Units, officers, accounts, policies and the audit, administered at the console.</summary>
public sealed class AdministrationTests
{
    [Fact]
    public async Task A_unit_is_enrolled_with_a_code_that_is_told_once_then_placed_set_up_and_revoked()
    {
        await using var bench = await DraftBench.StartAsync();
        await bench.AddAsync("tech", "technician");
        var (_, made) = await bench.PostAsync("tech", "/api/admin/units", new { unitId = "PB-7", label = "七号车", district = "east", policeType = "traffic", validHours = 2 });
        using var car = await RawCar.EnrolAsync(bench.Centre.Grpc, ((string)made!["code"]!).Split('.')[0]);
        Assert.Equal("PB-7", car.UnitId);
        using var session = await car.ConnectAsync();
        var listed = await bench.GetAsync("tech", "/api/admin/units");
        var unit = listed.AsArray().Single()!;
        Assert.Equal(("七号车", "east", "traffic", true), ((string)unit["label"]!, (string)unit["district"]!, (string)unit["policeType"]!, (bool)unit["online"]!));
        Assert.InRange((long)unit["certificateEndsAt"]!, Now() + (300L * 24 * 3600 * 1000), long.MaxValue);
        Assert.DoesNotContain((string)made["code"]!, listed.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("", await bench.ActAsync("tech", "/api/admin/units/PB-7/place", new { label = "七号", district = "west", policeType = "public_order" }));
        Assert.Equal("bad_settings", await bench.ActAsync("tech", "/api/admin/units/PB-7/settings", new { settings = """{"AlertLapseSeconds":5}""" }));
        Assert.Equal("bad_settings", await bench.ActAsync("tech", "/api/admin/units/PB-7/settings", new { settings = """{"Centre":"elsewhere"}""" }));
        Assert.Equal("", await bench.ActAsync("tech", "/api/admin/units/PB-7/settings", new { settings = """{"AlertLapseSeconds":60}""" }));
        _ = await session.CommandAsync(Command.BodyOneofCase.Configuration);
        Assert.Equal("typed_wrong", await bench.ActAsync("tech", "/api/admin/units/PB-7/revoke", new { reason = "box stolen", typed = "PB-1" }));
        Assert.Equal("", await bench.ActAsync("tech", "/api/admin/units/PB-7/revoke", new { reason = "box stolen", typed = "PB-7" }));
        _ = await session.EndAsync();
        _ = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => car.ConnectAsync());
        Assert.Contains("tech unit_revoked PB-7 box stolen", bench.Centre.Audit());
    }

    [Fact]
    public async Task A_roster_is_kept_at_the_console_signed_and_known_to_be_in_the_car_and_no_PIN_is_ever_told()
    {
        await using var bench = await DraftBench.StartAsync("li");
        using var car = await bench.Centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        Assert.Equal("pin_required", await bench.ActAsync("li", "/api/admin/rosters/PB-1/officers", new { officerId = "010001", name = "张三" }));
        Assert.Equal("bad_pin", await bench.ActAsync("li", "/api/admin/rosters/PB-1/officers", new { officerId = "010001", name = "张三", pin = "12" }));
        Assert.Equal("", await bench.ActAsync("li", "/api/admin/rosters/PB-1/officers", new { officerId = "010001", name = "张三", role = "leader", policeType = "traffic", pin = "739154" }));
        var command = await session.CommandAsync(Command.BodyOneofCase.Officers);
        var officer = Assert.Single(OfficerRoster.Parser.ParseFrom(command.Officers.Payload).Officers);
        Assert.Equal(("010001", "leader", PoliceType.Traffic, 32), (officer.OfficerId, officer.Role, officer.PoliceType, officer.PinHash.Length));
        Assert.Equal("waiting", (string)(await bench.GetAsync("li", "/api/admin/rosters"))[0]!["outcome"]!);
        await session.AcceptAsync(command);
        _ = await session.StoreAsync(car.Health());
        var roster = (await bench.GetAsync("li", "/api/admin/rosters"))[0]!;
        Assert.Equal((1, 1, "stored"), ((int)roster["officers"]!, (int)roster["version"]!, (string)roster["outcome"]!));
        // A new name keeps the PIN.
        Assert.Equal("", await bench.ActAsync("li", "/api/admin/rosters/PB-1/officers", new { officerId = "010001", name = "张四" }));
        var changed = OfficerRoster.Parser.ParseFrom((await session.CommandAsync(Command.BodyOneofCase.Officers)).Officers.Payload).Officers[0];
        Assert.Equal(("张四", officer.PinHash), (changed.DisplayName, changed.PinHash));
        var read = await bench.GetAsync("li", "/api/admin/rosters/PB-1");
        Assert.DoesNotContain("pin", read.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("", await bench.ActAsync("li", "/api/admin/rosters/PB-1/officers/010001/remove", new { }));
        Assert.Equal("unknown_officer", await bench.ActAsync("li", "/api/admin/rosters/PB-1/officers/010001/remove", new { }));
        foreach (var row in (string[])["li officer_added PB-1 010001 ", "li officer_changed PB-1 010001 ", "li roster_read PB-1 ", "li officer_removed PB-1 010001 "])
            Assert.Contains(row, bench.Centre.Audit());
    }

    [Fact]
    public async Task The_last_administrator_stays_one_and_nobody_administers_their_own_account()
    {
        await using var bench = await DraftBench.StartAsync();
        await bench.AddAsync("second", "admin");
        foreach (var act in (string[])["lock", "remove", "reset-second-factor"])
            Assert.Equal("own_account", await bench.ActAsync("root", $"/api/admin/accounts/root/{act}", new { reason = "a reason" }));
        Assert.Equal("", await bench.ActAsync("root", "/api/admin/accounts/second/lock", new { reason = "on leave" }));
        Assert.Equal(HttpStatusCode.Unauthorized, await bench["second"].GetAsync("/api/me"));
        using var locked = new ConsoleClient(bench.Centre.Http);
        Assert.Equal("account_locked", (string?)(await locked.SignInAsync("second", CentreUnderTest.Password)).Json!["code"]);
        Assert.Equal("", await bench.ActAsync("root", "/api/admin/accounts/second/unlock", new { reason = "is back" }));
        using var third = await ConsoleClient.SignedInAsync(bench.Centre.Http, "second");
        // Second takes the right from root, and then nobody can take it from second.
        Assert.Equal(HttpStatusCode.NoContent, (await third.PostAsync("/api/admin/accounts/root/place", """{"role":"dispatcher"}""")).Status);
        await bench.AddAsync("fourth", "admin", district: "east");
        bench.Centre.AddAccount("root", "admin");
        Assert.Equal(HttpStatusCode.NoContent, (await third.PostAsync("/api/admin/accounts/root/lock", """{"reason":"left"}""")).Status);
        Assert.Equal("unknown_account", await bench.ActAsync("fourth", "/api/admin/accounts/second/lock", new { reason = "no reach" }));
        Assert.Equal("other_district", await bench.ActAsync("fourth", "/api/admin/accounts", new { user = "x1", role = "admin", password = "words of a kind" }));
    }

    [Fact]
    public async Task The_last_administrator_can_neither_be_locked_nor_removed_nor_made_something_else()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        centre.AddAccount("root", "admin");
        centre.AddAccount("other", "admin");
        using var other = await ConsoleClient.SignedInAsync(centre.Http, "other");
        using (var open = new EdgeAgent.CommandCentre.Cli.OpenCentre(centre.Data))
        {
            // Locked by somebody at the command line while still signed in for a moment: the last one left is root.
            _ = open.Database.Write(t => Dapper.SqlMapper.Execute(t.Connection!, "UPDATE accounts SET district = 'east' WHERE user = 'other'", transaction: t));
        }
        foreach (var (act, body) in new[] { ("lock", """{"reason":"a reason"}"""), ("remove", """{"reason":"a reason"}"""), ("place", """{"role":"auditor"}""") })
        {
            var (status, json) = await other.PostAsync($"/api/admin/accounts/root/{act}", body);
            Assert.Equal((HttpStatusCode.Conflict, "last_admin"), (status, (string?)json!["code"]));
        }
    }

    [Fact]
    public async Task A_retention_policy_is_signed_when_another_person_than_its_proposer_approved_it_with_their_password()
    {
        await using var bench = await DraftBench.StartAsync("li", "wang");
        using var car = await bench.Centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        var view = await bench.GetAsync("li", "/api/admin/policies");
        var policy = view["current"]!.DeepClone().AsObject();
        (policy["region"], policy["authority"], policy["legalReference"], policy["trailDays"]) = ("City", "Bureau", "R-1", 60);
        Assert.Equal("bad_policy", await bench.ActAsync("li", "/api/admin/policies", new { policy = new { trailDays = 6000 }, reason = "shorter" }));
        var (_, made) = await bench.PostAsync("li", "/api/admin/policies", new { policy, reason = "shorter trails" });
        var id = (Guid)made!["proposalId"]!;
        Assert.Equal("own_proposal", await bench.ActAsync("li", $"/api/admin/policies/{id}/approve", new { password = CentreUnderTest.Password }));
        Assert.Equal("wrong_password", await bench.ActAsync("wang", $"/api/admin/policies/{id}/approve", new { password = "guess" }));
        Assert.Equal("", await bench.ActAsync("wang", $"/api/admin/policies/{id}/approve", new { password = CentreUnderTest.Password }));
        var command = await session.CommandAsync(Command.BodyOneofCase.Retention);
        Assert.Equal((1UL, 60U), (RetentionPolicy.Parser.ParseFrom(command.Retention.Payload).Version, RetentionPolicy.Parser.ParseFrom(command.Retention.Payload).TrailDays));
        Assert.Equal("proposal_closed", await bench.ActAsync("wang", $"/api/admin/policies/{id}/reject", new { reason = "too late" }));
        Assert.Contains($"wang policy_approved {id} shorter trails", bench.Centre.Audit());
    }

    [Fact]
    public async Task The_audit_is_searched_paged_and_exported_and_each_reading_is_a_row_of_it()
    {
        await using var bench = await DraftBench.StartAsync("li");
        await bench.AddAsync("audit", "auditor");
        var (_, found) = await bench.PostAsync("audit", "/api/admin/audit", new { action = "sign_in" });
        Assert.Equal(["audit", "li", "root"], found!["rows"]!.AsArray().Select(row => (string)row!["actor"]!));
        var last = (long)found["rows"]![1]!["seq"]!;
        var (_, older) = await bench.PostAsync("audit", "/api/admin/audit", new { action = "sign_in", before = last });
        Assert.Equal(["root"], older!["rows"]!.AsArray().Select(row => (string)row!["actor"]!));
        var (_, subject) = await bench.PostAsync("audit", "/api/admin/audit", new { subject = "l%" });
        Assert.Empty(subject!["rows"]!.AsArray());
        using var answer = await bench["audit"].Http.PostAsync(new Uri("/api/admin/audit/export", UriKind.Relative), new StringContent("""{"actor":"root"}""", System.Text.Encoding.UTF8, "application/json"));
        var csv = await answer.Content.ReadAsStringAsync();
        Assert.Contains(",\"root\",\"approver_certified\",\"li\",", csv, StringComparison.Ordinal);
        var audit = bench.Centre.Audit();
        Assert.Equal(3, audit.Count(row => row.StartsWith("audit audit_read", StringComparison.Ordinal)));
        Assert.Contains(audit, row => row.StartsWith("audit audit_exported actor=root", StringComparison.Ordinal));
        using var report = await bench["audit"].Http.PostAsync(new Uri("/api/admin/report", UriKind.Relative), new StringContent("""{"month":"2026-01"}""", System.Text.Encoding.UTF8, "application/json"));
        Assert.Contains("<!doctype html>", await report.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.NotNull((await bench.GetAsync("audit", "/api/admin/requests"))["requests"]);
        Assert.Contains("audit report_made 2026-01 ", bench.Centre.Audit());
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
