using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Containments;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A cordon from its proposal to its end: who is proposed, what a car is told, and how it is followed.</summary>
public class ContainmentTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync(store: Store);
        centre.AddAccount();
    }

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task Without_roads_posts_are_even_and_with_them_they_stand_where_roads_cross()
    {
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        var even = await ProposalAsync(console);
        Assert.Equal(("even", false, 8), ((string)even["source"]!, (bool)even["roadsInstalled"]!, even["posts"]!.AsArray().Count));

        var file = Path.Combine(centre.Folder, "roads.geojson");
        // A road from west to east, a dual carriageway (20 m apart) from south to north, and a lane that ends before the cordon.
        await File.WriteAllTextAsync(file, Roads([(-3000, 0), (3000, 0)], [(-10, -3000), (-10, 3000)], [(10, -3000), (10, 3000)], [(0, 0), (500, 500)]));
        var imported = await centre.CommandAsync(null, "roads", "import", "--file", file, "--json");
        Assert.True(imported.ExitCode == 0, imported.Error);
        Assert.Equal("""{"lines":4,"points":8}""", imported.Output.Trim());
        var crossed = await ProposalAsync(console);
        Assert.Equal(("roads", 4), ((string)crossed["source"]!, crossed["posts"]!.AsArray().Count));
        Assert.All(crossed["posts"]!.AsArray(), post => Assert.Equal(1000, At(post!).Length, 1.0));
        var roads = JsonNode.Parse(await console.Http.GetStringAsync(new Uri("/api/roads?west=116.3&south=39.8&east=116.5&north=40", UriKind.Relative)))!;
        Assert.Equal((true, 4), ((bool)roads["installed"]!, roads["lines"]!.AsArray().Count));
        await File.WriteAllTextAsync(file, """{"features":[{"geometry":{"type":"LineString","coordinates":[[200,0],[1,1]]}}]}""");
        Assert.Contains("out of range", (await centre.CommandAsync(null, "roads", "import", "--file", file)).Error);
        Assert.Equal("roads", (string)(await ProposalAsync(console))["source"]!);
    }

    [Fact]
    public async Task Cars_that_are_offline_stale_busy_or_sent_already_are_left_out_with_the_reason()
    {
        var cars = new List<RawCar>();
        foreach (var unit in (string[])["PB-1", "PB-2", "PB-3", "PB-4", "PB-5"])
            cars.Add(await centre.EnrolAsync(unit));
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        using var near = await cars[0].ConnectAsync();
        using var stale = await cars[1].ConnectAsync();
        using var busy = await cars[2].ConnectAsync();
        using var silent = await cars[3].ConnectAsync();
        await near.SendAsync(TrackOfCar.Live(900, 0));
        await stale.SendAsync(TrackOfCar.Live(900, 0, live => live.Position.Stale = true));
        await busy.SendAsync(TrackOfCar.Live(900, 0, live => live.Availability = "handling"));
        JsonNode proposal = null!;
        await UntilAsync(async () => (proposal = await ProposalAsync(console))["cars"]!.AsArray().Count(car => (string)car!["excluded"]! is "" or "stale" or "busy") == 3, "all are heard");
        Assert.Equal(
            ["PB-1 ", "PB-2 stale", "PB-3 busy", "PB-4 no_position", "PB-5 offline"],
            proposal["cars"]!.AsArray().Select(car => $"{car!["unitId"]} {car["excluded"]}"));
        var only = Assert.Single(proposal["assignments"]!.AsArray())!;
        // The eastern post is 100 m away: 12 s at 30 km/h.
        Assert.Equal(("PB-1", 100, 12), ((string)only["unitId"]!, (int)Math.Round((double)only["metres"]!), (int)only["seconds"]!));
        Assert.Equal(30.0, (double)proposal["speedKmh"]!, 6);
        _ = await BeginAsync(console, ("PB-1", 1000, 0));
        Assert.Contains((await ProposalAsync(console))["cars"]!.AsArray(), car => (string)car!["unitId"]! == "PB-1" && (string)car["excluded"]! == "in_operation");
        cars.ForEach(car => car.Dispose());
    }

    [Fact]
    public async Task A_confirmed_cordon_orders_its_cars_is_followed_closes_and_survives_a_restart()
    {
        using var first = await centre.EnrolAsync("PB-1");
        using var second = await centre.EnrolAsync("PB-2");
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        await using var socket = await console.SocketAsync("/api/stream");
        using var one = await first.ConnectAsync();
        using var two = await second.ConnectAsync();
        await one.SendAsync(TrackOfCar.Live(2000, 0));
        await two.SendAsync(TrackOfCar.Live(-1000, 10));
        await UntilAsync(async () => (await ProposalAsync(console))["assignments"]!.AsArray().Count == 2, "both are heard");
        var id = await BeginAsync(console, ("PB-1", 1000, 0), ("PB-2", -1000, 0));
        var command = await one.CommandAsync(Command.BodyOneofCase.Instruction);
        Assert.True(command.Instruction.Urgent);
        Assert.Equal(1000, TrackOfCar.Plane.Of(command.Instruction.Place).East, 1d);
        Assert.Equal((id, "dispatcher"), (new Guid(command.Instruction.OperationId.Span, bigEndian: true), command.IssuerRole));
        Assert.Contains("设卡", command.Instruction.Text);
        await one.AcceptAsync(command);
        Assert.Equal(["ordered", "held"], States(await socket.UntilAsync("containment", ops => States(ops) is [_, "held"])));
        _ = await one.StoreAsync(RawCar.Event(Lane.Calls, 1, e => e.InstructionRead = new InstructionRead { InstructionId = command.Instruction.InstructionId, ReadAtUnixMs = 5 }));
        _ = await socket.UntilAsync("containment", ops => States(ops) is ["read", "held"]);
        await one.SendAsync(TrackOfCar.Live(1500, 0));
        _ = await socket.UntilAsync("containment", ops => States(ops) is ["on_the_way", "held"]);
        await one.SendAsync(TrackOfCar.Live(1010, 0));
        await two.SendAsync(TrackOfCar.Live(-1000, 10));
        var closed = await socket.UntilAsync("containment", ops => States(ops) is ["held", "held"]);
        Assert.All(closed[0]!["pieces"]!.AsArray(), piece => Assert.True((bool)piece!["closed"]!));
        await two.SendAsync(TrackOfCar.Live(-1500, 10));
        var open = await socket.UntilAsync("containment", ops => States(ops) is ["held", "left"]);
        Assert.All(open[0]!["pieces"]!.AsArray(), piece => Assert.False((bool)piece!["closed"]!));

        await centre.RestartAsync(centre.Grpc.Port);
        using var after = await ConsoleClient.SignedInAsync(centre.Http);
        var kept = await NowAsync(after);
        // After the restart nobody has said where they are: not known, and not taken as held.
        Assert.Equal(["unknown", "unknown"], States(kept));
        Assert.NotNull((long?)kept[0]!["posts"]![0]!["readAtUnixMs"]);
        Assert.NotNull((long?)kept[0]!["posts"]![0]!["arrivedAtUnixMs"]);
    }

    [Fact]
    public async Task A_post_is_given_to_another_car_and_the_operation_ends_with_a_reason_all_in_the_audit()
    {
        using var first = await centre.EnrolAsync("PB-1");
        using var second = await centre.EnrolAsync("PB-2");
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        using var one = await first.ConnectAsync();
        using var two = await second.ConnectAsync();
        var id = await BeginAsync(console, ("PB-1", 1000, 0), ("", -1000, 0));
        await one.AcceptAsync(await one.CommandAsync(Command.BodyOneofCase.Instruction));
        Assert.Equal("unit_twice", (string)(await console.PostAsync($"/api/containments/{id}/posts/p2", """{"unitId":"PB-1"}""")).Json!["code"]!);
        Assert.Equal(HttpStatusCode.NoContent, (await console.PostAsync($"/api/containments/{id}/posts/p1", """{"unitId":"PB-2"}""")).Status);
        Assert.False((await one.CommandAsync(Command.BodyOneofCase.Instruction)).Instruction.Urgent);
        Assert.True((await two.CommandAsync(Command.BodyOneofCase.Instruction)).Instruction.Urgent);
        Assert.Equal("reason_required", (string)(await console.PostAsync($"/api/containments/{id}/end", """{"reason":" "}""")).Json!["code"]!);
        Assert.Equal(HttpStatusCode.NoContent, (await console.PostAsync($"/api/containments/{id}/end", """{"reason":"found"}""")).Status);
        Assert.Equal((HttpStatusCode.Conflict, "operation_over"), await console.PostAsync($"/api/containments/{id}/end", """{"reason":"found"}""") is var again ? (again.Status, (string)again.Json!["code"]!) : default);
        Assert.Equal("found", (string)(await NowAsync(console))[0]!["endReason"]!);
        Assert.Equal(
            ["containment_begun", "containment_reassigned", "containment_ended"],
            centre.Audit().Where(row => row.StartsWith("dispatcher containment_", StringComparison.Ordinal)).Select(row => row.Split(' ')[1]));
        Assert.Equal(4, centre.Get<EdgeAgent.CommandCentre.Storage.CentreDatabase>().Read(c => Dapper.SqlMapper.ExecuteScalar<long>(c, "SELECT count(*) FROM instruction_units")));
        // What was said of it is sealed.
        Assert.DoesNotContain("Station", System.Text.Encoding.UTF8.GetString(centre.Get<EdgeAgent.CommandCentre.Storage.CentreDatabase>().Read(c => Dapper.SqlMapper.ExecuteScalar<byte[]>(c, "SELECT sealed FROM containments"))!));
    }

    [Fact]
    public async Task A_district_orders_its_own_cars_and_sees_its_own_cordons_only_and_an_administrator_orders_nobody()
    {
        centre.AddAccount("east", district: "east");
        centre.AddAccount("west", district: "west");
        centre.AddAccount("root", "admin");
        using var eastern = await centre.EnrolAsync("PB-E");
        centre.PlaceUnit("PB-E", "east");
        using var east = await ConsoleClient.SignedInAsync(centre.Http, "east");
        using var west = await ConsoleClient.SignedInAsync(centre.Http, "west");
        using var admin = await ConsoleClient.SignedInAsync(centre.Http, "root");
        using var city = await ConsoleClient.SignedInAsync(centre.Http);
        Assert.Equal("unknown_unit", (string)(await west.PostAsync("/api/containments", Begin(("PB-E", 1000, 0)))).Json!["code"]!);
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.PostAsync("/api/containments", Begin(("PB-E", 1000, 0)))).Status);
        var id = await BeginAsync(east, ("PB-E", 1000, 0));
        Assert.Empty(await NowAsync(west));
        Assert.Single(await NowAsync(city));
        Assert.Empty((await ProposalAsync(west))["cars"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await west.PostAsync($"/api/containments/{id}/end", """{"reason":"found"}""")).Status);
    }

    [Theory]
    [InlineData("bad_cordon", """{"name":"a","reason":"found","cordon":{"latitude":39.9,"longitude":116.4,"radiusMetres":5},"posts":[]}""")]
    [InlineData("bad_posts", """{"name":"a","reason":"found","cordon":{"latitude":39.9,"longitude":116.4,"radiusMetres":1000},"posts":[]}""")]
    [InlineData("post_off_cordon", """{"name":"a","reason":"found","cordon":{"latitude":39.9,"longitude":116.4,"radiusMetres":1000},"posts":[{"latitude":40.1,"longitude":116.4}]}""")]
    [InlineData("reason_required", """{"name":"a","cordon":{"latitude":39.9,"longitude":116.4,"radiusMetres":1000},"posts":[]}""")]
    [InlineData("bad_cordon", """{"name":"a","reason":"found","cordon":{"ring":[[116.4,39.9],[116.4,39.9],[116.4,39.9]]},"posts":[]}""")]
    public async Task What_cannot_be_ordered_is_refused_by_code(string code, string body)
    {
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        Assert.Equal((HttpStatusCode.BadRequest, code), await console.PostAsync("/api/containments", body) is var refused ? (refused.Status, (string)refused.Json!["code"]!) : default);
        Assert.Empty(await NowAsync(console));
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        for (var tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 300, what);
            await Task.Delay(50);
        }
    }

    private static async Task<JsonNode> ProposalAsync(ConsoleClient console) =>
        (await console.PostAsync("/api/containments/proposal", """{"cordon":{"latitude":39.9,"longitude":116.4,"radiusMetres":1000}}""")).Json!;

    private static async Task<Guid> BeginAsync(ConsoleClient console, params (string Unit, double East, double North)[] posts)
    {
        var (status, json) = await console.PostAsync("/api/containments", Begin(posts));
        Assert.Equal(HttpStatusCode.OK, status);
        return Guid.Parse((string)json!["operationId"]!);
    }

    private static string Begin(params (string Unit, double East, double North)[] posts) => new JsonObject
    {
        ["name"] = "Station",
        ["reason"] = "robbery at the station",
        ["cordon"] = new JsonObject { ["latitude"] = 39.9, ["longitude"] = 116.4, ["radiusMetres"] = 1000 },
        ["posts"] = new JsonArray([.. posts.Select(post => TrackOfCar.Plane.Back(new PlanePoint(post.East, post.North)) is var at
            ? (JsonNode)new JsonObject { ["latitude"] = at.LatitudeDegrees, ["longitude"] = at.LongitudeDegrees, ["unitId"] = post.Unit } : null)]),
    }.ToJsonString();

    private static async Task<JsonArray> NowAsync(ConsoleClient console) => JsonNode.Parse(await console.Http.GetStringAsync(new Uri("/api/containments", UriKind.Relative)))!.AsArray();

    private static string[] States(JsonNode operations) => [.. operations.AsArray().SelectMany(operation => operation!["posts"]!.AsArray()).Select(post => (string)post!["state"]!)];

    private static PlanePoint At(JsonNode post) => TrackOfCar.Plane.Of((double)post["latitude"]!, (double)post["longitude"]!);

    private static string Roads(params (double East, double North)[][] lines) => new JsonObject
    {
        ["type"] = "FeatureCollection",
        ["features"] = new JsonArray([.. lines.Select(line => (JsonNode)new JsonObject
        {
            ["type"] = "Feature",
            ["geometry"] = new JsonObject
            {
                ["type"] = "LineString",
                ["coordinates"] = new JsonArray([.. line.Select(at => TrackOfCar.Plane.Back(new PlanePoint(at.East, at.North))).Select(at => (JsonNode)new JsonArray(at.LongitudeDegrees, at.LatitudeDegrees))]),
            },
        })]),
    }.ToJsonString();
}

public sealed class ContainmentTestsOnPostgres : ContainmentTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
