using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Hazards;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Patrolling;
using EdgeAgent.Agent.Records;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Patrol.Dispatch.V1;
using ClientEnrolment = EdgeAgent.DispatchClient.Identity.Enrolment;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>What officers write down in the car, at the centre and back: hazards, case records, requests, words about the plan.</summary>
public sealed class FieldRecordTests
{
    private static readonly DutySession Officer = new("010001", "Wang", "officer", "s1", 0, 0, []);

    [Fact]
    public async Task A_real_car_and_a_real_centre_tell_each_other_of_records_and_hazards_once_and_both_ways()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        centre.AddAccount();
        await using var car = await CarOfAsync(centre);
        T Get<T>()
            where T : notnull => car.Services.GetRequiredService<T>();
        var book = Get<RecordBook>();
        var id = book.Begin("", Officer)!.Id;
        Assert.Equal("", book.Write(id, new CaseFields("dispute", "", "望江路", 1_790_000_000_000, [new CasePerson("party", "赵钱孙", "110105", "138", "他先动手", false)], "争执", "调解", "")));
        Assert.Equal("", book.Sign(id, 0, RecordTests.Png(30, 10)));
        Assert.Equal("", book.Sign(id, null, RecordTests.Png(40, 10)));
        Assert.Equal("", book.Finish(id, Officer));
        var (code, request) = Get<RequestBook>().Send(new WindowRequest(default, "lost", "钱包", "车站", "139", "", 0, "", ""), null, Officer);
        Assert.Equal("", code);
        var (_, hazard) = Get<HazardBook>().Report("smoke", "", null, null, Officer);

        using var wang = await ConsoleClient.SignedInAsync(centre.Http);
        await using var socket = await wang.SocketAsync("/api/stream");
        var board = await socket.UntilAsync("records", data => data.AsArray().Count == 2);
        Assert.DoesNotContain("赵钱孙", board.ToJsonString(), StringComparison.Ordinal);
        var path = $"/api/records/PB-1/{id}";
        await Eventually.HoldsAsync(() => SignaturesThere(wang, path).GetAwaiter().GetResult(), "the signatures are there", seconds: 40);
        var read = await JsonAsync(wang, path);
        Assert.Equal(("赵钱孙", "他先动手", "case"), ((string)read["content"]!["persons"]![0]!["name"]!, (string)read["content"]!["persons"]![0]!["statement"]!, (string)read["record"]!["type"]!));
        Assert.Equal(RecordTests.Png(40, 10), await wang.Http.GetByteArrayAsync(new Uri((string)read["content"]!["officerSignature"]!["url"]!, UriKind.Relative)));
        Assert.Contains($"dispatcher record_read PB-1 {id} console", centre.Audit());
        Assert.True(centre.StoredBytes().AsSpan().IndexOf(Encoding.UTF8.GetBytes("赵钱孙")) < 0, "a name lies open in the centre's database");

        Assert.Equal(HttpStatusCode.BadRequest, (await wang.PostAsync($"{path}/answer", "{}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await wang.PostAsync($"{path}/pass-on", """{"words":"转社区"}""")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await wang.PostAsync($"{path}/pass-on", """{"words":"again"}""")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await wang.PostAsync($"/api/records/PB-1/{request}/answer", """{"words":"已登记"}""")).Status);
        await Eventually.HoldsAsync(() => book.All[0] is { State: FieldState.PassedOn, Answer: "转社区" }, "the car hears of the record", seconds: 30);
        await Eventually.HoldsAsync(() => Get<RequestBook>().All[0] is { State: FieldState.Answered, Answer: "已登记" }, "the car hears of the request", seconds: 30);
        await Eventually.HoldsAsync(() => Get<HazardBook>().All[0].State == HazardState.Found, "the hazard is sent", seconds: 30);
        await Eventually.HoldsAsync(() => wang.PostAsync($"/api/hazards/PB-1/{hazard}/pass-on", """{"words":"转消防"}""").GetAwaiter().GetResult().Status == HttpStatusCode.NoContent, "it is passed on", seconds: 30);
        await Eventually.HoldsAsync(() => Get<HazardBook>().All[0].State == HazardState.PassedOn, "the car hears of the hazard", seconds: 30);
        Assert.Equal(0, centre.Books("PB-1").RefusedEvents);

        // Ten days on: single pictures have gone by their clock, signatures stay with their record.
        Age(centre, "evidence", "stored_at", 10);
        _ = await centre.Get<RetentionSweep>().RunAsync();
        Assert.True(await SignaturesThere(wang, path));
        Assert.Equal(HttpStatusCode.NoContent, (await wang.PostAsync($"{path}/answer", """{"words":"已调解"}""")).Status);
        Age(centre, "evidence", "stored_at", 30);
        _ = await centre.Get<RetentionSweep>().RunAsync();
        Assert.False(await SignaturesThere(wang, path));
        await car.StopAsync();
    }

    [Fact]
    public async Task A_record_that_is_not_whole_is_refused_and_one_of_another_district_is_not_there()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        centre.AddAccount();
        centre.AddAccount("far", district: "far");
        centre.AddAccount("judge", "auditor");
        using var car = await centre.EnrolAsync("PB-1");
        centre.PlaceUnit("PB-1", "near");
        using var session = await car.ConnectAsync();
        var id = Uuid7.New(TimeProvider.System);
        var unsigned = RawCar.Event(Lane.Evidence, 1, e => e.CaseRecord = new CaseRecord { RecordId = ByteString.CopyFrom(id), Kind = "noise", Place = "x", HappenedAtUnixMs = 1, Statement = "y" });
        var homeless = RawCar.Event(Lane.Evidence, 2, e => e.ServiceRequest = new ServiceRequest { RequestId = ByteString.CopyFrom(id), Kind = "office", What = "x" });
        var nameless = RawCar.Event(Lane.Calls, 1, e => e.PatrolNote = new PatrolNote { PlanId = "day", ItemId = "gate", ShiftFromUnixMs = 1 });
        Assert.Equal(["bad_record", "bad_request", "bad_patrol_note"], (await session.StoreAsync(unsigned, homeless, nameless)).Select(ack => ack.Code));
        var found = RawCar.Event(Lane.Evidence, 3, e => e.ServiceRequest = new ServiceRequest { RequestId = ByteString.CopyFrom(id), Kind = "found", What = "a bag" });
        Assert.Equal(AckStatus.Stored, Assert.Single(await session.StoreAsync(found)).Status);
        Assert.Equal(AckStatus.Duplicate, Assert.Single(await session.StoreAsync(found)).Status);
        using var far = await ConsoleClient.SignedInAsync(centre.Http, "far");
        using var judge = await ConsoleClient.SignedInAsync(centre.Http, "judge");
        var path = $"/api/records/PB-1/{Uuid7.ToGuid(id)}";
        Assert.Equal(HttpStatusCode.NotFound, await far.GetAsync(path));
        Assert.Equal(HttpStatusCode.Forbidden, await judge.GetAsync(path));
        using var wang = await ConsoleClient.SignedInAsync(centre.Http);
        Assert.Equal("a bag", (string)(await JsonAsync(wang, path))["content"]!["what"]!);
        Assert.Equal(HttpStatusCode.NotFound, await wang.GetAsync($"{path}/pictures/{new string('0', 64)}"));
    }

    [Fact]
    public async Task Words_about_an_item_stand_beside_it_on_the_patrol_page_the_newest_of_each_kind()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        centre.AddAccount("boss", "supervisor");
        using var car = await centre.EnrolAsync("PB-1");
        using var boss = await ConsoleClient.SignedInAsync(centre.Http, "boss");
        Assert.Equal(HttpStatusCode.OK, (await boss.PostAsync("/api/patrol/plans", PlanOf())).Status);
        using var session = await car.ConnectAsync();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var progress = $"/api/patrol/progress?from={now - 86_400_000}&to={now + 60_000}";
        var shift = (await JsonAsync(boss, progress)).AsArray().Last(s => (string)s!["state"]! == "now")!;
        Event Note(ulong number, Action<PatrolNote> fill) => RawCar.Event(Lane.Calls, number, e =>
        {
            e.CapturedAtUnixMs = now + (long)number;
            e.PatrolNote = new PatrolNote { PlanId = "night", ItemId = "gate", ShiftFromUnixMs = (long)shift["fromUnixMs"]! };
            fill(e.PatrolNote);
        });
        _ = await session.StoreAsync(
            Note(2, n => n.Missed = new MissedReason { Reason = "road_closed" }),
            Note(1, n => n.Missed = new MissedReason { Reason = "traffic" }),
            Note(3, n => n.HandOver = new PostHandOver { RelievedBy = "李四", ToUnitId = "PB-2" }));
        shift = (await JsonAsync(boss, progress)).AsArray().Last(s => (string)s!["state"]! == "now")!;
        var notes = shift["items"]!.AsArray().Single(i => (string)i!["itemId"]! == "gate")!["notes"]!.AsArray();
        Assert.Equal(["missed road_closed ", "hand_over  李四 PB-2"], notes.Select(n => $"{n!["kind"]} {n["reason"]} {n["words"]}"));
    }

    private static void Age(CentreUnderTest centre, string table, string column, int days) => centre.Get<CentreDatabase>().Write(transaction =>
        Dapper.SqlMapper.Execute(transaction.Connection!, $"UPDATE {table} SET {column} = {column} - @ms", new { ms = days * 86_400_000L }, transaction));

    private static async Task<WebApplication> CarOfAsync(CentreUnderTest centre)
    {
        using var authority = DeviceAuthority.Load(new DataFolder(centre.Data), TimeProvider.System);
        var data = Path.Combine(centre.Folder, "car");
        var identity = Path.Combine(data, "identity");
        _ = Directory.CreateDirectory(data);
        _ = await ClientEnrolment.EnrolAsync(centre.Grpc, $"{centre.EnrolmentCode("PB-1")}.{authority.FingerprintHex}", identity, CancellationToken.None);
        var car = EdgeAgent.Agent.Program.Build(BenchCar.Options(data, centre.Grpc), TimeProvider.System, BootClock.OfThisMachine());
        await car.StartAsync();
        return car;
    }

    private static async Task<bool> SignaturesThere(ConsoleClient client, string path)
    {
        var content = (await JsonAsync(client, path))["content"]!;
        return content["officerSignature"]!["url"] is not null && content["persons"]![0]!["signature"]!["url"] is not null;
    }

    private static async Task<JsonNode> JsonAsync(ConsoleClient client, string path) => JsonNode.Parse(await client.Http.GetStringAsync(new Uri(path, UriKind.Relative)))!;

    private static string PlanOf() => """
        {"type":"FeatureCollection","patrolPlan":{"id":"night","name":"Night round","units":["PB-1"],"utcOffsetMinutes":0,"hours":[{"from":"00:00","to":"24:00"}]},
        "features":[{"type":"Feature","id":"gate","properties":{"name":"Gate","kind":"point","toleranceMetres":40,"dwellSeconds":30},"geometry":{"type":"Point","coordinates":[116.4,39.9]}}]}
        """;
}
