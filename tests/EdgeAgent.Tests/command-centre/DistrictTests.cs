using System.Net;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Two levels: the city sees all cars, a district its own.</summary>
public sealed class DistrictTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync();
        centre.AddAccount();
        centre.AddAccount("east", district: "east");
    }

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task A_district_sees_and_reaches_its_own_cars_only()
    {
        using var eastern = await centre.EnrolAsync("PB-E");
        using var western = await centre.EnrolAsync("PB-W");
        centre.PlaceUnit("PB-E", "east");
        centre.PlaceUnit("PB-W", "west");
        using var session = await western.ConnectAsync();
        var decided = western.Decided(1);
        _ = await session.StoreAsync(decided);
        var incident = EdgeAgent.Contract.Uuid7.ToGuid(decided.Id.Span);

        using var city = await ConsoleClient.SignedInAsync(centre.Http);
        using var east = await ConsoleClient.SignedInAsync(centre.Http, "east");
        Assert.Equal(["PB-E", "PB-W"], await UnitsAsync(city));
        Assert.Equal(["PB-E"], await UnitsAsync(east));
        Assert.Equal(HttpStatusCode.OK, await city.GetAsync($"/api/incidents/{incident}/seen.jpg"));
        Assert.Equal(HttpStatusCode.NotFound, await east.GetAsync($"/api/incidents/{incident}/seen.jpg"));
        Assert.Equal(HttpStatusCode.NotFound, await east.GetAsync($"/api/incidents/{incident}/clip"));
        var live = """{"unitId":"PB-W","cameraId":"cam1","reason":"support at the scene"}""";
        Assert.Equal((HttpStatusCode.NotFound, "unknown_unit"), await CodeAsync(east.PostAsync("/api/live", live)));
        Assert.Equal(HttpStatusCode.OK, (await city.PostAsync("/api/live", live)).Status);
        var words = """{"unitIds":["PB-W"],"text":"come"}""";
        Assert.Equal((HttpStatusCode.BadRequest, "unknown_unit"), await CodeAsync(east.PostAsync("/api/instructions", words)));
    }

    [Fact]
    public async Task A_console_of_a_district_hears_of_no_incident_elsewhere()
    {
        using var western = await centre.EnrolAsync("PB-W");
        using var eastern = await centre.EnrolAsync("PB-E");
        centre.PlaceUnit("PB-E", "east");
        centre.PlaceUnit("PB-W", "west");
        using var east = await ConsoleClient.SignedInAsync(centre.Http, "east");
        await using var socket = await east.SocketAsync("/api/stream");
        _ = await socket.UntilAsync("units");
        using var west = await western.ConnectAsync();
        _ = await west.StoreAsync(western.Decided(1));
        using var session = await eastern.ConnectAsync();
        _ = await session.StoreAsync(eastern.Decided(1));
        var first = await socket.UntilAsync("incident");
        Assert.Equal("PB-E", (string?)first["unitId"]);
        Assert.DoesNotContain(centre.Audit(), row => row.StartsWith("east incident_read", StringComparison.Ordinal) && !row.Contains((string)first["eventId"]!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_command_line_says_where_a_unit_and_an_account_belong()
    {
        var enrolled = await centre.CommandAsync(null, "enrol", "--unit", "PB-7", "--label", "Beat 7", "--district", "east", "--police-type", "traffic");
        Assert.Equal(0, enrolled.ExitCode);
        var added = await centre.CommandAsync("a long password", "accounts", "add", "--user", "li", "--role", "dispatcher", "--district", "east", "--password-stdin");
        Assert.Equal(0, added.ExitCode);
        using var car = await RawCar.EnrolAsync(centre.Grpc, ((string)JsonNode.Parse(enrolled.Output)!["code"]!).Split('.')[0]);
        using var li = await ConsoleClient.SignedInAsync(centre.Http, "li", "a long password");
        var unit = Assert.Single(JsonNode.Parse(await li.Http.GetStringAsync(new Uri("/api/units", UriKind.Relative)))!.AsArray());
        Assert.Equal(("PB-7", "east", "traffic"), ((string)unit!["unitId"]!, (string)unit["district"]!, (string)unit["policeType"]!));
        Assert.Equal(1, (await centre.CommandAsync("a long password", "accounts", "add", "--user", "li", "--role", "dispatcher", "--district", "a b", "--password-stdin")).ExitCode);
    }

    private static async Task<IReadOnlyList<string>> UnitsAsync(ConsoleClient console) =>
        [.. JsonNode.Parse(await console.Http.GetStringAsync(new Uri("/api/units", UriKind.Relative)))!.AsArray().Select(unit => (string)unit!["unitId"]!)];

    private static async Task<(HttpStatusCode, string?)> CodeAsync(Task<(HttpStatusCode Status, JsonNode? Json)> answer)
    {
        var (status, json) = await answer;
        return (status, (string?)json?["code"]);
    }
}
