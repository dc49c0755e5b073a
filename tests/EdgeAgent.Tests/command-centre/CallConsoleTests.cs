using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Sessions;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Calls through both doors: what a console may do and read, and what a car is given.</summary>
public class CallConsoleTests : IAsyncLifetime
{
    private const string Burglary = """{"kind":"crime","title":"商铺被盗","details":"夜间被撬门","address":"望江路 12 号","contact":"13800000000","latitude":39.9,"longitude":116.4}""";
    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync(store: Store);
        centre.AddAccount();
        centre.AddAccount("boss", "supervisor");
        centre.AddAccount("root", "admin");
        centre.AddAccount("east", district: "east");
        centre.AddAccount("west", district: "west");
    }

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task A_call_is_taken_dispatched_worked_on_and_closed_between_console_and_car()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        await using var stream = await console.SocketAsync("/api/stream");
        var call = await TakeAsync(console);
        Assert.Equal("open", (string?)call["state"]);
        var shown = await stream.UntilAsync("calls", data => data["calls"]!.AsArray().Count == 1);
        Assert.Equal(("商铺被盗", null, 60), ((string)shown["calls"]![0]!["title"]!, shown["calls"]![0]!["contact"], (int)shown["escalateAfterS"]![0]!));
        Assert.Equal(HttpStatusCode.OK, (await ActAsync(console, call, "dispatch", """{"unitId":"PB-1","seenOwner":""}""")).Status);
        var command = await session.CommandAsync(Command.BodyOneofCase.Call);
        Assert.Equal(("dispatcher", "dispatcher", CallPart.Owner, "夜间被撬门"), (command.Issuer, command.IssuerRole, command.Call.Part, command.Call.Details));
        await session.AcceptAsync(command);
        _ = await session.StoreAsync(Step(1, command.Call, CallAct.Acknowledge), Step(2, command.Call, CallAct.Arrive), Step(3, command.Call, CallAct.Report, "已制作笔录"));
        _ = await stream.UntilAsync("calls", data => (string?)data["calls"]![0]!["state"] == "reported");
        var details = await DetailsAsync(console, call);
        Assert.Equal(("13800000000", "夜间被撬门"), ((string)details["contact"]!, (string)details["details"]!));
        Assert.Equal(["taken", "dispatch", "acknowledge", "arrive", "report"], details["story"]!.AsArray().Select(line => (string)line!["what"]!));
        Assert.Equal("已制作笔录", (string?)details["story"]![4]!["text"]);
        Assert.Contains(centre.Audit(), row => row.StartsWith("dispatcher call_read ", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.BadRequest, "result_required"), await CodeAsync(ActAsync(console, call, "close", "{}")));
        Assert.Equal(HttpStatusCode.OK, (await ActAsync(console, call, "close", """{"result":"handled","text":"完"}""")).Status);
        _ = await stream.UntilAsync("calls", data => data["calls"]!.AsArray().Count == 0);
        Assert.Equal(CallState.Closed, (await session.NextAsync(m => m.Command?.Call?.State == CallState.Closed)).Command.Call.State);
    }

    [Fact]
    public async Task Only_dispatchers_and_supervisors_act_and_an_administrator_looks_on()
    {
        using var admin = await ConsoleClient.SignedInAsync(centre.Http, "root");
        using var boss = await ConsoleClient.SignedInAsync(centre.Http, "boss");
        Assert.Equal((HttpStatusCode.Forbidden, "not_allowed"), await CodeAsync(admin.PostAsync("/api/calls", Burglary)));
        var call = await TakeAsync(boss);
        foreach (var act in (string[])["dispatch", "hand-over", "back-up", "note", "cancel", "close"])
            Assert.Equal((HttpStatusCode.Forbidden, "not_allowed"), await CodeAsync(ActAsync(admin, call, act, """{"text":"abc"}""")));
        Assert.Equal(HttpStatusCode.Forbidden, (await UploadAsync(admin, call, Wave(64))).Status);
        Assert.Equal(HttpStatusCode.OK, await admin.GetAsync(Path(call)));
        using var nobody = new ConsoleClient(centre.Http);
        Assert.Equal(HttpStatusCode.Unauthorized, await nobody.GetAsync(Path(call)));
    }

    [Theory]
    [InlineData("""{"kind":"crime","title":" "}""", "title_required")]
    [InlineData("""{"kind":"weather","title":"a"}""", "kind_required")]
    [InlineData("""{"kind":"crime","title":"a","latitude":39.9}""", "bad_place")]
    [InlineData("""{"kind":"crime","title":"a","latitude":99,"longitude":1}""", "bad_place")]
    [InlineData("""{"kind":"crime","title":"a","policeType":"navy"}""", "bad_police_type")]
    public async Task What_cannot_be_a_call_is_refused_with_its_reason(string body, string code)
    {
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        Assert.Equal((HttpStatusCode.BadRequest, code), await CodeAsync(console.PostAsync("/api/calls", body)));
        Assert.DoesNotContain(centre.Audit(), row => row.Contains("call_taken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_district_neither_sees_nor_hears_of_anothers_call()
    {
        using var east = await ConsoleClient.SignedInAsync(centre.Http, "east");
        using var west = await ConsoleClient.SignedInAsync(centre.Http, "west");
        using var city = await ConsoleClient.SignedInAsync(centre.Http);
        var call = await TakeAsync(east);
        Assert.Equal("east", (string?)call["district"]);
        Assert.Equal(HttpStatusCode.NotFound, await west.GetAsync(Path(call)));
        Assert.Equal(HttpStatusCode.NotFound, await west.GetAsync($"{Path(call)}/candidates"));
        Assert.Equal((HttpStatusCode.NotFound, "unknown_call"), await CodeAsync(ActAsync(west, call, "note", """{"text":"a"}""")));
        Assert.Equal(HttpStatusCode.OK, await city.GetAsync(Path(call)));
        Assert.Empty((await west.PostAsync("/api/calls/history", "{}")).Json!["calls"]!.AsArray());
        Assert.Single((await city.PostAsync("/api/calls/history", "{}")).Json!["calls"]!.AsArray());
        await using var stream = await west.SocketAsync("/api/stream");
        Assert.Empty((await stream.UntilAsync("calls"))["calls"]!.AsArray());
    }

    [Fact]
    public async Task History_is_found_by_number_unit_day_and_kind_in_pages()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        var first = await TakeAsync(console);
        for (var at = 0; at < 60; at++)
            _ = await TakeAsync(console, Burglary.Replace("crime", "traffic", StringComparison.Ordinal));
        _ = await ActAsync(console, first, "dispatch", """{"unitId":"PB-1"}""");
        var page = (await console.PostAsync("/api/calls/history", """{"kind":"traffic"}""")).Json!;
        Assert.Equal((50, true), (page["calls"]!.AsArray().Count, (bool)page["more"]!));
        var last = page["calls"]![49]!;
        var next = (await console.PostAsync("/api/calls/history", $$"""{"kind":"traffic","beforeUnixMs":{{last["receivedAtUnixMs"]}},"beforeNumber":"{{last["number"]}}"}""")).Json!;
        Assert.Equal((10, false), (next["calls"]!.AsArray().Count, (bool)next["more"]!));
        Assert.Empty(page["calls"]!.AsArray().Select(c => (string)c!["number"]!).Intersect(next["calls"]!.AsArray().Select(c => (string)c!["number"]!)));
        foreach (var body in (string[])[$$"""{"number":"{{first["number"]}}"}""", """{"unit":"PB-1"}""", $$"""{"kind":"crime","fromUnixMs":{{first["receivedAtUnixMs"]}}}"""])
            Assert.Equal((string?)first["callId"], (string?)Assert.Single((await console.PostAsync("/api/calls/history", body)).Json!["calls"]!.AsArray())!["callId"]);
        Assert.Empty((await console.PostAsync("/api/calls/history", """{"toUnixMs":1}""")).Json!["calls"]!.AsArray());
        Assert.Equal((HttpStatusCode.BadRequest, "bad_number"), await CodeAsync(console.PostAsync("/api/calls/history", """{"number":"x' OR 1"}""")));
        Assert.Contains(centre.Audit(), row => row == $"dispatcher calls_searched {first["number"]} console");
    }

    [Fact]
    public async Task A_recording_is_looked_at_sealed_played_from_anywhere_and_fetched_by_the_owner_alone()
    {
        using var owner = await centre.EnrolAsync("PB-1");
        using var other = await centre.EnrolAsync("PB-2");
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        var call = await TakeAsync(console);
        var sound = Wave(300_000);
        Assert.Equal((HttpStatusCode.OK, true), await UploadAsync(console, call, sound) is var (status, json) ? (status, (bool)json!["hasRecording"]!) : default);
        Assert.DoesNotContain(Directory.EnumerateFiles(System.IO.Path.Combine(centre.Data, "evidence"), "*", SearchOption.AllDirectories), file => File.ReadAllBytes(file).AsSpan().IndexOf("WAVE"u8) >= 0);
        Assert.Equal((HttpStatusCode.Conflict, "not_now"), await CodeAsync(UploadAsync(console, call, sound)));

        using var part = new HttpRequestMessage(HttpMethod.Get, $"{Path(call)}/recording");
        part.Headers.Range = new RangeHeaderValue(200_000, 200_009);
        using var answer = await console.Http.SendAsync(part);
        Assert.Equal((HttpStatusCode.PartialContent, "audio/wav"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal(sound[200_000..200_010], await answer.Content.ReadAsByteArrayAsync());
        Assert.Contains(centre.Audit(), row => row.StartsWith("dispatcher call_recording_read ", StringComparison.Ordinal));

        Assert.Equal(StatusCode.NotFound, await RefusalAsync(owner, sound));
        _ = await ActAsync(console, call, "dispatch", """{"unitId":"PB-1"}""");
        Assert.Equal(sound, await DownloadAsync(owner, sound, 0));
        Assert.Equal(sound[70_000..], await DownloadAsync(owner, sound, 70_000));
        Assert.Equal(StatusCode.OutOfRange, await RefusalAsync(owner, sound, (ulong)sound.Length + 1));
        Assert.Equal(StatusCode.NotFound, await RefusalAsync(other, sound));
        using var session = await owner.ConnectAsync();
        var sent = (await session.CommandAsync(Command.BodyOneofCase.Call)).Call;
        Assert.Equal(SHA256.HashData(sound), sent.Recording.Sha256.ToByteArray());
        Assert.Equal(("audio/wav", AttachmentRole.Audio), (sent.Recording.MediaType, sent.Recording.Role));
        // Given to another car, it is the former owner's no more.
        _ = await ActAsync(console, call, "dispatch", """{"unitId":"PB-2","seenOwner":"PB-1"}""");
        Assert.Equal(StatusCode.NotFound, await RefusalAsync(owner, sound));
        Assert.Equal(sound, await DownloadAsync(other, sound, 0));
    }

    [Fact]
    public async Task What_is_no_recording_is_refused_and_nothing_of_it_is_kept()
    {
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        var call = await TakeAsync(console);
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "not_a_recording"), await CodeAsync(UploadAsync(console, call, RandomNumberGenerator.GetBytes(5000))));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "not_a_recording"), await CodeAsync(UploadAsync(console, call, [])));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "json_only"), await CodeAsync(UploadAsync(console, call, Wave(100), "text/html")));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "json_only"), await CodeAsync(UploadAsync(console, call, Wave(100), path: "/api/calls")));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "recording_too_large"), await CodeAsync(UploadAsync(console, call, Wave((20 << 20) + 1))));
        Assert.Equal((HttpStatusCode.NotFound, "unknown_call"), await CodeAsync(UploadAsync(console, call, Wave(100), path: $"/api/calls/{Guid.NewGuid()}/recording")));
        Assert.Equal((HttpStatusCode.Forbidden, "foreign_origin"), await CodeAsync(UploadAsync(console, call, Wave(100), origin: "https://elsewhere.example")));
        Assert.Equal("none", (string?)(await DetailsAsync(console, call))["recording"]);
        Assert.DoesNotContain(Directory.EnumerateFiles(System.IO.Path.Combine(centre.Data, "evidence"), "*", SearchOption.AllDirectories), _ => true);
    }

    [Theory]
    [InlineData("T2dnUwACAAAAAAAAAAA=", "audio/ogg")]
    [InlineData("SUQzBAAAAAAAAAAAAAA=", "audio/mpeg")]
    [InlineData("//uQZAAAAAAAAAAAAAA=", "audio/mpeg")]
    [InlineData("AAAAIGZ0eXBNNEEgAAA=", "audio/mp4")]
    [InlineData("/9j/4AAQSkZJRgABAQA=", null)]
    [InlineData("T2dn", null)]
    public void A_recording_is_known_by_its_first_bytes(string base64, string? type) =>
        Assert.Equal(type, EdgeAgent.CommandCentre.Calls.CallRecordings.TypeOf(Convert.FromBase64String(base64)));

    [Fact]
    public async Task Places_are_imported_and_found_by_any_part_of_a_name_within_the_district()
    {
        var csv = System.IO.Path.Combine(centre.Folder, "east.csv");
        await File.WriteAllTextAsync(csv, "name,longitude,latitude,aliases\n第三小学,116.41,39.91,三小;No.3 School\n\"望江路 12 号, 东门\",116.42,39.92,\n100%大厦,116.43,39.93,\n");
        Assert.Equal(0, (await centre.CommandAsync(null, "places", "import", "--file", csv, "--district", "east")).ExitCode);
        var json = System.IO.Path.Combine(centre.Folder, "west.geojson");
        await File.WriteAllTextAsync(json, """{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[116.3,39.8]},"properties":{"name":"第三医院","aliases":["三院"],"district":"west"}}]}""");
        Assert.Equal(0, (await centre.CommandAsync(null, "places", "import", "--file", json)).ExitCode);
        using var city = await ConsoleClient.SignedInAsync(centre.Http);
        using var east = await ConsoleClient.SignedInAsync(centre.Http, "east");
        Assert.Equal(["第三医院", "第三小学"], (await NamesAsync(city, "第三")).Order());
        Assert.Equal(["第三小学"], await NamesAsync(east, "三"));
        Assert.Equal(["第三小学"], await NamesAsync(east, "no.3s"));
        Assert.Equal(["望江路 12 号, 东门"], await NamesAsync(city, "江路12"));
        Assert.Equal(["100%大厦"], await NamesAsync(city, "%"));
        Assert.Empty(await NamesAsync(city, "_"));
        await File.WriteAllTextAsync(csv, "name,longitude,latitude\n新楼,116.41,139.91\n");
        var refused = await centre.CommandAsync(null, "places", "import", "--file", csv, "--district", "east");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("line 2", refused.Error, StringComparison.Ordinal);
        Assert.Equal(["第三小学"], await NamesAsync(east, "三小"));
    }

    [Fact]
    public async Task Candidates_say_how_far_each_car_is_and_nobody_elses_cars_are_among_them()
    {
        using var near = await centre.EnrolAsync("PB-E");
        using var far = await centre.EnrolAsync("PB-W");
        centre.PlaceUnit("PB-E", "east");
        centre.PlaceUnit("PB-W", "west");
        foreach (var (unit, latitude) in new[] { ("PB-E", 39.909), ("PB-W", 39.901) })
        {
            _ = centre.Get<Fleet>().Moved(unit, new LivePosition
            {
                Position = new Position { Fix = GnssFix._3D, LatitudeDegrees = latitude, LongitudeDegrees = 116.4, OfficerId = "010001" },
            });
        }
        using var east = await ConsoleClient.SignedInAsync(centre.Http, "east");
        var call = await TakeAsync(east);
        var car = Assert.Single(JsonNode.Parse(await east.Http.GetStringAsync(new Uri($"{Path(call)}/candidates", UriKind.Relative)))!.AsArray())!;
        Assert.Equal(("PB-E", 1001, 3, "standing", false), ((string)car["unitId"]!, (int)(double)car["metres"]!, (int)car["ringMinutes"]!, (string)car["heading"]!, (bool)car["online"]!));
    }

    private static string Path(JsonNode call) => $"/api/calls/{call["callId"]}";

    private static async Task<JsonNode> TakeAsync(ConsoleClient console, string body = Burglary)
    {
        var (status, json) = await console.PostAsync("/api/calls", body);
        Assert.Equal(HttpStatusCode.OK, status);
        return json!;
    }

    private static Task<(HttpStatusCode Status, JsonNode? Json)> ActAsync(ConsoleClient console, JsonNode call, string act, string body) => console.PostAsync($"{Path(call)}/{act}", body);

    private static async Task<JsonNode> DetailsAsync(ConsoleClient console, JsonNode call) => JsonNode.Parse(await console.Http.GetStringAsync(new Uri(Path(call), UriKind.Relative)))!;

    private static async Task<(HttpStatusCode Status, JsonNode? Json)> UploadAsync(
        ConsoleClient console, JsonNode call, byte[] content, string type = "audio/wav", string? path = null, string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path ?? $"{Path(call)}/recording") { Content = new ByteArrayContent(content) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        // A refusal comes before the body is sent.
        request.Headers.ExpectContinue = content.Length > 20 << 20;
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        using var answer = await console.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : null);
    }

    private static async Task<byte[]> DownloadAsync(RawCar car, byte[] sound, ulong offset)
    {
        using var call = new Evidence.EvidenceClient(car.Channel).Download(new DownloadRequest { Sha256 = ByteString.CopyFrom(SHA256.HashData(sound)), Offset = offset });
        using var got = new MemoryStream();
        await foreach (var chunk in call.ResponseStream.ReadAllAsync())
            got.Write(chunk.Data.Span);
        return got.ToArray();
    }

    private static async Task<StatusCode> RefusalAsync(RawCar car, byte[] sound, ulong offset = 0) =>
        (await Assert.ThrowsAsync<RpcException>(() => DownloadAsync(car, sound, offset))).StatusCode;

    private static Event Step(ulong number, Call call, CallAct act, string text = "") => RawCar.Event(Lane.Calls, number, e => e.CallStep = new CallStep
    {
        CallId = call.CallId,
        Act = act,
        AtUnixMs = e.CapturedAtUnixMs,
        OfficerId = "010001",
        Text = text,
        SeenRevision = call.Revision,
    });

    private static byte[] Wave(int bytes)
    {
        var sound = RandomNumberGenerator.GetBytes(Math.Max(bytes, 12));
        "RIFF"u8.CopyTo(sound);
        "WAVE"u8.CopyTo(sound.AsSpan(8));
        return sound;
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(ConsoleClient console, string query) =>
        [.. JsonNode.Parse(await console.Http.GetStringAsync(new Uri($"/api/places?query={Uri.EscapeDataString(query)}", UriKind.Relative)))!.AsArray().Select(place => (string)place!["name"]!)];

    private static async Task<(HttpStatusCode, string?)> CodeAsync(Task<(HttpStatusCode Status, JsonNode? Json)> answer)
    {
        var (status, json) = await answer;
        return (status, (string?)json?["code"]);
    }
}

public sealed class CallConsoleTestsOnPostgres : CallConsoleTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
