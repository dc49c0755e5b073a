using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Patrolling;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

public class PatrolProgressTests : IAsyncLifetime
{
    private const string Boss = "boss", East = "east";
    private static readonly long Hour = 3_600_000;
    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync(store: Store);
        centre.AddAccount();
        centre.AddAccount(Boss, "supervisor");
        centre.AddAccount(East, "supervisor", district: "east");
    }

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task A_plan_is_signed_sent_to_its_units_and_sent_again_to_a_car_that_lacks_it()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var boss = await ConsoleClient.SignedInAsync(centre.Http, Boss);
        using (var session = await car.ConnectAsync())
        {
            Assert.Equal(HttpStatusCode.OK, (await boss.PostAsync("/api/patrol/plans", Plan(["PB-1"]))).Status);
            var command = await session.CommandAsync(Command.BodyOneofCase.Patrol);
            var plan = PatrolPlan.Parser.ParseFrom(command.Patrol.Payload);
            Assert.Equal((1UL, "PB-1", "system", SignerRole.Centre), (plan.Version, plan.UnitId, command.IssuerRole, Assert.Single(command.Patrol.Signatures).Role));
            Assert.Equal(("night", 1UL, 3), (Assert.Single(plan.Routes).PlanId, plan.Routes[0].Version, plan.Routes[0].Items.Count));
            await session.AcceptAsync(command);
            // A second version takes the unit off: it is told that nothing is left.
            Assert.Equal(2, (int)(await boss.PostAsync("/api/patrol/plans", Plan([]))).Json!["version"]!);
            command = await session.CommandAsync(Command.BodyOneofCase.Patrol);
            Assert.Equal((2UL, 0), PatrolPlan.Parser.ParseFrom(command.Patrol.Payload) is var none ? (none.Version, none.Routes.Count) : default);
            await session.AcceptAsync(command);
            for (var tries = 0; tries < 200 && Unanswered() > 0; tries++)
                await Task.Delay(20);
        }
        using (var again = await car.ConnectAsync(hello => hello.PatrolVersion = 1))
            Assert.Equal(3UL, PatrolPlan.Parser.ParseFrom((await again.CommandAsync(Command.BodyOneofCase.Patrol)).Patrol.Payload).Version);
        Assert.Contains(centre.Audit(), row => row.StartsWith("boss patrol_plan_set night v2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stored_tracks_become_progress_once_each_whatever_their_order_and_after_a_restart()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var boss = await ConsoleClient.SignedInAsync(centre.Http, Boss);
        _ = await boss.PostAsync("/api/patrol/plans", Plan(["PB-1"]));
        var track = new TrackOfCar(Now() - (10 * 60_000));
        var visit = track.Drive(60, _ => (0, 0));
        var line = track.Drive(120, n => (0, 100 + (n * 10)));
        using (var session = await car.ConnectAsync())
        {
            // The newest first, as a car with a backlog sends them.
            _ = await session.StoreAsync(line);
            _ = await centre.Get<PatrolSweep>().RunAsync();
            Assert.Equal(("due", "done"), ((await ItemAsync(boss, "gate")).State, (await ItemAsync(boss, "road")).State));
            _ = await session.StoreAsync(visit);
            // Again, as after an ack that was lost: stored once, counted once.
            Assert.All(await session.StoreAsync(visit), ack => Assert.Equal(AckStatus.Duplicate, ack.Status));
        }
        await centre.RestartAsync(centre.Grpc.Port);
        _ = await centre.Get<PatrolSweep>().RunAsync();
        Assert.Equal(0, await centre.Get<PatrolSweep>().RunAsync());
        using var after = await ConsoleClient.SignedInAsync(centre.Http, Boss);
        var gate = await ItemAsync(after, "gate");
        Assert.Equal(("done", 1d, 1), (gate.State, gate.Done, gate.Ticks));
        Assert.Equal(("done", 1d, 1), await ItemAsync(after, "road"));
        Assert.Equal("east-beat", (string)(await ShiftAsync(after))["items"]!.AsArray().Single(i => (string)i!["itemId"]! == "gate")!["beatId"]!);
        var day = Assert.Single(JsonNode.Parse(await after.Http.GetStringAsync(new Uri("/api/patrol/history?days=2", UriKind.Relative)))!.AsArray(), d => (long)d!["fromUnixMs"]! <= Now() && (int)d["done"]! > 0);
        Assert.Equal((2, 3), ((int)day!["done"]!, (int)day["total"]!));
    }

    [Fact]
    public async Task Who_ticked_is_told_to_those_who_ask_and_the_asking_is_in_the_audit_first()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var boss = await ConsoleClient.SignedInAsync(centre.Http, Boss);
        _ = await boss.PostAsync("/api/patrol/plans", Plan(["PB-1"]));
        using (var session = await car.ConnectAsync())
            _ = await session.StoreAsync(new TrackOfCar(Now() - 120_000).Drive(60, _ => (0, 0)));
        _ = await centre.Get<PatrolSweep>().RunAsync();
        var shift = await ShiftAsync(boss);
        Assert.DoesNotContain("010001", shift.ToJsonString());
        var ask = $$"""{"planId":"night","itemId":"gate","fromUnixMs":{{(long)shift["fromUnixMs"]!}}}""";
        using var answer = await boss.Http.PostAsync(new Uri("/api/patrol/ticks", UriKind.Relative), new StringContent(ask, System.Text.Encoding.UTF8, "application/json"));
        Assert.Contains("\"officerId\":\"010001\"", await answer.Content.ReadAsStringAsync());
        Assert.Contains(centre.Audit(), row => row.StartsWith("boss patrol_ticks_read night/gate", StringComparison.Ordinal));
        // At rest nobody reads an officer's id without the storage key.
        Assert.DoesNotContain("010001", System.Text.Encoding.UTF8.GetString(centre.Get<CentreDatabase>().Read(c => Dapper.SqlMapper.ExecuteScalar<byte[]>(c, "SELECT sealed FROM patrol_progress"))!));
    }

    [Fact]
    public async Task A_shift_that_is_over_says_why_an_item_was_missed()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var boss = await ConsoleClient.SignedInAsync(centre.Http, Boss);
        _ = await boss.PostAsync("/api/patrol/plans", Plan(["PB-1"]));
        var shift = await ShiftAsync(boss);
        Assert.Equal("no_car", (string)shift["items"]![0]!["code"]!);
        using (var session = await car.ConnectAsync())
        {
            await session.SendAsync(TrackOfCar.Live(5, 0));
            _ = await session.StoreAsync(new TrackOfCar(Now() - 60_000).Drive(20, _ => (0, 0)));
            _ = await centre.Get<PatrolSweep>().RunAsync();
            var gate = (await ShiftAsync(boss))["items"]!.AsArray().Single(i => (string)i!["itemId"]! == "gate")!;
            Assert.Equal(("due", "too_short", "PB-1"), ((string)gate["state"]!, (string)gate["code"]!, (string)gate["here"]![0]!));
        }
    }

    [Fact]
    public async Task A_district_sees_and_changes_its_own_plans_and_cars_only_and_a_dispatcher_changes_none()
    {
        using var eastern = await centre.EnrolAsync("PB-E");
        using var western = await centre.EnrolAsync("PB-W");
        centre.PlaceUnit("PB-E", "east");
        centre.PlaceUnit("PB-W", "west");
        using var boss = await ConsoleClient.SignedInAsync(centre.Http, Boss);
        using var east = await ConsoleClient.SignedInAsync(centre.Http, East);
        using var dispatcher = await ConsoleClient.SignedInAsync(centre.Http);
        Assert.Equal("unknown_unit", (string)(await east.PostAsync("/api/patrol/plans", Plan(["PB-W"]))).Json!["code"]!);
        Assert.Equal(HttpStatusCode.Forbidden, (await dispatcher.PostAsync("/api/patrol/plans", Plan(["PB-E"]))).Status);
        Assert.Equal(HttpStatusCode.OK, (await boss.PostAsync("/api/patrol/plans", Plan(["PB-E", "PB-W"]))).Status);
        Assert.Equal((HttpStatusCode.Forbidden, "plan_of_other_district"), await east.PostAsync("/api/patrol/plans", Plan(["PB-E"])) is var refused ? (refused.Status, (string)refused.Json!["code"]!) : default);
        Assert.Equal(["PB-E"], (await ShiftAsync(east))["units"]!.AsArray().Select(unit => (string)unit!["unitId"]!));
        Assert.Equal(2, (await ShiftAsync(boss))["units"]!.AsArray().Count);
        Assert.Equal(HttpStatusCode.Forbidden, await east.DeleteAsync("/api/patrol/plans/night"));
        Assert.Equal(HttpStatusCode.NoContent, await boss.DeleteAsync("/api/patrol/plans/night"));
        Assert.Equal(HttpStatusCode.NotFound, await boss.GetAsync("/api/patrol/plans/night.geojson"));
    }

    [Fact]
    public async Task A_plan_goes_out_and_in_as_geojson_by_page_and_command_line_and_a_bad_one_changes_nothing()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var boss = await ConsoleClient.SignedInAsync(centre.Http, Boss);
        _ = await boss.PostAsync("/api/patrol/plans", Plan(["PB-1"]));
        var file = Path.Combine(centre.Folder, "plan.geojson");
        await File.WriteAllTextAsync(file, await boss.Http.GetStringAsync(new Uri("/api/patrol/plans/night.geojson", UriKind.Relative)));
        var imported = await centre.CommandAsync(null, "patrol", "import", "--file", file, "--by", Boss, "--json");
        Assert.True(imported.ExitCode == 0, imported.Error);
        Assert.Equal(2, (int)JsonNode.Parse(imported.Output)!["version"]!);
        var exported = await centre.CommandAsync(null, "patrol", "export", "--plan", "night");
        Assert.Equal(PlanDocument.Read(await File.ReadAllTextAsync(file)).Route.Items, PlanDocument.Read(exported.Output).Route.Items);
        Assert.Contains("not the account of a supervisor", (await centre.CommandAsync(null, "patrol", "import", "--file", file, "--by", "dispatcher")).Error);
        await File.WriteAllTextAsync(file, Plan(["PB-1"]).Replace("\"toleranceMetres\":40", "\"toleranceMetres\":1", StringComparison.Ordinal));
        Assert.Contains("bad_tolerance at item 'gate'", (await centre.CommandAsync(null, "patrol", "import", "--file", file, "--by", Boss)).Error);
        foreach (var bad in (string[])["", "[]", "{\"type\":\"FeatureCollection\"}", Plan(["PB-1"]).Replace("\"22:00\"", "\"2x\"", StringComparison.Ordinal).Replace("\"00:00\"", "\"2x\"", StringComparison.Ordinal)])
            Assert.Equal("plan_unreadable", (string)(await boss.PostAsync("/api/patrol/plans", bad)).Json!["code"]!);
        Assert.StartsWith("night v2", (await centre.CommandAsync(null, "patrol", "show")).Output);
    }

    private long Unanswered() => centre.Get<CentreDatabase>().Read(c =>
        Dapper.SqlMapper.ExecuteScalar<long>(c, "SELECT count(*) FROM commands WHERE kind = 'Patrol' AND answered_at IS NULL"));

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private static async Task<JsonNode> ShiftAsync(ConsoleClient console) => Assert.Single(
        JsonNode.Parse(await console.Http.GetStringAsync(new Uri($"/api/patrol/progress?from={Now() - (Hour / 4)}&to={Now() + 1}", UriKind.Relative)))!.AsArray(),
        shift => (string)shift!["state"]! == "now")!;

    private static async Task<(string State, double Done, int Ticks)> ItemAsync(ConsoleClient console, string id)
    {
        var item = (await ShiftAsync(console))["items"]!.AsArray().Single(i => (string)i!["itemId"]! == id)!;
        return ((string)item["state"]!, (double)item["done"]!, item["ticks"]!.AsArray().Count);
    }

    /// <summary>A beat, a gate to be visited for half a minute, and a road north of it; the whole day, in UTC.</summary>
    /// <summary>Where it is noon now, in whole quarters of an hour: what these tests drove minutes ago was today.</summary>
    private static int NoonHere => 720 - (int)TimeProvider.System.GetUtcNow().TimeOfDay.TotalMinutes / 15 * 15;

    private static string Plan(string[] units) => """
        {"type":"FeatureCollection","patrolPlan":{"id":"night","name":"Night round","units":UNITS,"utcOffsetMinutes":OFFSET,"hours":[{"from":"00:00","to":"24:00"}]},
        "features":[
        {"type":"Feature","id":"east-beat","properties":{"name":"East beat","kind":"beat","leastMinutes":30},"geometry":{"type":"Polygon","coordinates":[[[116.39,39.89],[116.42,39.89],[116.42,39.93],[116.39,39.93],[116.39,39.89]]]}},
        {"type":"Feature","id":"gate","properties":{"name":"School gate","kind":"point","toleranceMetres":40,"dwellSeconds":30},"geometry":{"type":"Point","coordinates":[116.4,39.9]}},
        {"type":"Feature","id":"road","properties":{"name":"North road","kind":"line","toleranceMetres":30},"geometry":{"type":"LineString","coordinates":[[116.4,39.901],[116.4,39.909]]}}]}
        """.Replace("OFFSET", NoonHere.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("UNITS", new JsonArray([.. units.Select(unit => (JsonNode)unit)]).ToJsonString(), StringComparison.Ordinal);
}

public sealed class PatrolProgressTestsOnPostgres : PatrolProgressTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
