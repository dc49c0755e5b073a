using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>What people at consoles work on beside alerts: calls for help, hazards, instructions, the hand-over between shifts.</summary>
public class DeskTests : IAsyncLifetime
{
    private static readonly byte[] Picture = [0xFF, 0xD8, 0xFF, 1, 2, 3];
    private CentreUnderTest centre = null!;
    private RawCar car = null!;
    private RawSession session = null!;
    private ulong number;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync(store: Store);
        centre.AddAccount();
        centre.AddAccount("li");
        centre.AddAccount("far", district: "far");
        car = await centre.EnrolAsync("PB-1");
        centre.PlaceUnit("PB-1", "near");
        session = await car.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        session.Dispose();
        car.Dispose();
        await centre.DisposeAsync();
    }

    [Fact]
    public async Task A_call_for_help_stands_at_every_console_that_sees_the_car_until_a_person_closed_it()
    {
        using var wang = await ConsoleClient.SignedInAsync(centre.Http);
        using var far = await ConsoleClient.SignedInAsync(centre.Http, "far");
        await using var socket = await wang.SocketAsync("/api/stream");
        await using var elsewhere = await far.SocketAsync("/api/stream");
        Assert.Empty((await socket.UntilAsync("sos")).AsArray());
        var id = Uuid7.New(TimeProvider.System);
        await StoreAsync(Sos(id));

        var shown = Assert.Single((await socket.UntilAsync("sos")).AsArray())!;
        Assert.Equal(("PB-1", "010001", 39.9), ((string)shown["unitId"]!, (string)shown["officerId"]!, (double)shown["position"]!["latitude"]!));
        var path = $"/api/sos/PB-1/{Uuid7.ToGuid(id)}";
        Assert.Equal((HttpStatusCode.NotFound, "unknown_sos"), await CodeAsync(far.PostAsync($"{path}/acknowledge", "{}")));
        Assert.Equal((HttpStatusCode.Conflict, "sos_not_open"), await CodeAsync(wang.PostAsync($"{path}/close", """{"result":"all well"}""")));
        Assert.Equal(HttpStatusCode.NoContent, (await wang.PostAsync($"{path}/acknowledge", "{}")).Status);
        Assert.Equal("dispatcher", (string?)Assert.Single((await socket.UntilAsync("sos")).AsArray())!["acknowledgedBy"]);
        Assert.Equal((HttpStatusCode.Conflict, "sos_not_open"), await CodeAsync(wang.PostAsync($"{path}/acknowledge", "{}")));

        // The car's own end closes nothing: a person has seen to the officer, or nobody has.
        await StoreAsync(Sos(id, ended: true));
        Assert.NotNull(Assert.Single((await socket.UntilAsync("sos")).AsArray())!["endedAtUnixMs"]);
        Assert.Equal((HttpStatusCode.BadRequest, "result_required"), await CodeAsync(wang.PostAsync($"{path}/close", """{"result":" "}""")));
        Assert.Equal(HttpStatusCode.NoContent, (await wang.PostAsync($"{path}/close", """{"result":"两名警员无恙"}""")).Status);
        Assert.Empty((await socket.UntilAsync("sos")).AsArray());
        Assert.Contains($"dispatcher sos_taken PB-1 {Uuid7.ToGuid(id)} ", centre.Audit());
        Assert.Contains($"dispatcher sos_closed PB-1 {Uuid7.ToGuid(id)} ", centre.Audit());
        if (Store == CentreStore.Sqlite)
            Assert.DoesNotContain("无恙", await File.ReadAllTextAsync(Path.Combine(centre.Data, "centre.db-wal")), StringComparison.Ordinal);
        // Nothing of it reached the other district but the empty board of the beginning.
        Assert.Empty((await elsewhere.UntilAsync("sos")).AsArray());
    }

    [Fact]
    public async Task A_call_for_help_whose_end_came_first_and_one_sent_twice_are_one()
    {
        var id = Uuid7.New(TimeProvider.System);
        var (began, ended) = (Sos(id), Sos(id, ended: true));
        began.CapturedAtUnixMs -= 60_000;
        await StoreAsync(ended);
        await StoreAsync(began);
        Assert.Equal(AckStatus.Duplicate, Assert.Single(await session.StoreAsync(began)).Status);
        using var wang = await ConsoleClient.SignedInAsync(centre.Http);
        await using var socket = await wang.SocketAsync("/api/stream");
        var one = Assert.Single((await socket.UntilAsync("sos")).AsArray())!;
        Assert.Equal((began.CapturedAtUnixMs, ended.CapturedAtUnixMs), ((long)one["atUnixMs"]!, (long)one["endedAtUnixMs"]!));
    }

    [Fact]
    public async Task A_call_for_help_outlives_a_restart()
    {
        await StoreAsync(Sos(Uuid7.New(TimeProvider.System)));
        await centre.StopServerAsync();
        await centre.StartServerAsync();
        using var wang = await ConsoleClient.SignedInAsync(centre.Http);
        await using var socket = await wang.SocketAsync("/api/stream");
        Assert.Single((await socket.UntilAsync("sos")).AsArray());
    }

    [Fact]
    public async Task A_hazard_goes_from_found_to_passed_on_to_closed_with_its_picture()
    {
        using var wang = await ConsoleClient.SignedInAsync(centre.Http);
        using var far = await ConsoleClient.SignedInAsync(centre.Http, "far");
        await using var socket = await wang.SocketAsync("/api/stream");
        Assert.Empty((await socket.UntilAsync("hazards")).AsArray());
        var id = Uuid7.New(TimeProvider.System);
        var found = Hazard(id, HazardState.Found, "小区东门消防通道停满车");
        await StoreAsync(found);
        await UploadAsync(found);

        var shown = Assert.Single((await socket.UntilAsync("hazards")).AsArray())!;
        Assert.Equal(("blocked_fire_lane", "found", 1), ((string)shown["kind"]!, (string)shown["state"]!, (int)shown["pictures"]!));
        var path = $"/api/hazards/PB-1/{Uuid7.ToGuid(id)}";
        var read = JsonNode.Parse(await wang.Http.GetStringAsync(new Uri(path, UriKind.Relative)))!;
        Assert.Equal("小区东门消防通道停满车", (string?)read["acts"]![0]!["words"]);
        var picture = (string)read["acts"]![0]!["pictures"]![0]!["url"]!;
        Assert.Equal(Picture, await wang.Http.GetByteArrayAsync(new Uri(picture, UriKind.Relative)));
        Assert.Equal(HttpStatusCode.NotFound, await far.GetAsync(path));
        Assert.Equal(HttpStatusCode.NotFound, await far.GetAsync(picture));
        Assert.Equal(HttpStatusCode.NotFound, await wang.GetAsync(picture.Replace(picture[^8..^4], "0000", StringComparison.Ordinal)));
        Assert.Contains($"dispatcher hazard_read PB-1 {Uuid7.ToGuid(id)} console", centre.Audit());
        Assert.Contains(centre.Audit(), row => row.StartsWith($"dispatcher picture_read hazard {Uuid7.ToGuid(id)}", StringComparison.Ordinal));

        Assert.Equal((HttpStatusCode.BadRequest, "words_required"), await CodeAsync(wang.PostAsync($"{path}/pass-on", "{}")));
        Assert.Equal(HttpStatusCode.NoContent, (await wang.PostAsync($"{path}/pass-on", """{"words":"转交街道办 5123"}""")).Status);
        Assert.Equal("passed_on", (string?)Assert.Single((await socket.UntilAsync("hazards")).AsArray())!["state"]);
        Assert.Equal((HttpStatusCode.Conflict, "hazard_further"), await CodeAsync(wang.PostAsync($"{path}/pass-on", """{"words":"again"}""")));
        Assert.Equal(HttpStatusCode.NoContent, (await wang.PostAsync($"{path}/note", """{"words":"催办一次"}""")).Status);
        // The car's word that it is gone is as good as ours, and a late "found" moves nothing back.
        await StoreAsync(Hazard(id, HazardState.Closed, "已清理"));
        await StoreAsync(Hazard(id, HazardState.Found, "again"));
        Assert.Equal("closed", (string?)Assert.Single((await socket.UntilAsync("hazards", data => (string?)data[0]!["state"] == "closed")).AsArray())!["state"]);
        read = JsonNode.Parse(await wang.Http.GetStringAsync(new Uri(path, UriKind.Relative)))!;
        Assert.Equal(["closed", "found", "found", "note", "passed_on"], read["acts"]!.AsArray().Select(act => (string)act!["act"]!).Order());
    }

    [Fact]
    public async Task A_hazard_or_call_for_help_without_shape_is_refused_by_name()
    {
        var bad = Hazard(Uuid7.New(TimeProvider.System), HazardState.Found, "");
        bad.Hazard.Kind = "Not a kind";
        var acks = await session.StoreAsync(bad, Event(e => e.Sos = new Sos { SosId = ByteString.CopyFromUtf8("short") }));
        Assert.Equal(["bad_hazard", "bad_sos"], acks.Select(ack => ack.Code));
    }

    [Fact]
    public async Task An_instruction_shows_who_got_it_and_who_read_it()
    {
        using var wang = await ConsoleClient.SignedInAsync(centre.Http);
        await using var socket = await wang.SocketAsync("/api/stream");
        Assert.Empty((await socket.UntilAsync("instructions")).AsArray());
        var (status, sent) = await wang.PostAsync("/api/instructions", """{"unitIds":["PB-1"],"text":"全体注意：京A12345 已找到","urgent":true}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var command = await session.CommandAsync(Command.BodyOneofCase.Instruction);
        await session.AcceptAsync(command);
        var told = await socket.UntilAsync("instructions", data => (string?)data[0]!["units"]![0]!["state"] == "delivered");
        Assert.Null(told[0]!["text"]);
        await StoreAsync(Event(e =>
        {
            e.OfficerId = "010001";
            e.InstructionRead = new InstructionRead { InstructionId = command.Instruction.InstructionId, ReadAtUnixMs = 1_790_000_000_000 };
        }));
        var unit = (await socket.UntilAsync("instructions", data => (string?)data[0]!["units"]![0]!["state"] == "read"))[0]!["units"]![0]!;
        Assert.Equal(("010001", 1_790_000_000_000), ((string)unit["readBy"]!, (long)unit["atUnixMs"]!));
        var list = JsonNode.Parse(await wang.Http.GetStringAsync(new Uri("/api/instructions", UriKind.Relative)))!;
        Assert.Equal(("全体注意：京A12345 已找到", (string?)sent!["instructionId"]), ((string)list[0]!["text"]!, (string?)list[0]!["instructionId"]));
        Assert.Contains("dispatcher instructions_read 1 console", centre.Audit());
        using var far = await ConsoleClient.SignedInAsync(centre.Http, "far");
        Assert.Equal("[]", await far.Http.GetStringAsync(new Uri("/api/instructions", UriKind.Relative)));
    }

    [Fact]
    public async Task A_shift_is_handed_over_by_one_person_and_taken_over_by_another()
    {
        await StoreAsync(Sos(Uuid7.New(TimeProvider.System)));
        await StoreAsync(Hazard(Uuid7.New(TimeProvider.System), HazardState.Found, ""));
        await StoreAsync(car.Decided(++number));
        using var wang = await ConsoleClient.SignedInAsync(centre.Http);
        using var li = await ConsoleClient.SignedInAsync(centre.Http, "li");
        using var far = await ConsoleClient.SignedInAsync(centre.Http, "far");
        _ = await wang.PostAsync("/api/instructions", """{"unitIds":["PB-1"],"text":"注意"}""");
        Assert.Equal((HttpStatusCode.BadRequest, "bad_span"), await CodeAsync(wang.PostAsync("/api/shifts", """{"fromUnixMs":5}""")));
        var from = TimeProvider.System.GetUtcNow().AddHours(-8).ToUnixTimeMilliseconds();
        var (_, made) = await wang.PostAsync("/api/shifts", $$"""{"fromUnixMs":{{from}},"note":"东门有事"}""");
        var open = made!["sheet"]!["parts"]!.AsArray().SelectMany(part => part!["lines"]!.AsArray().Where(line => (bool)line!["open"]!).Select(line => (string)line!["code"]!));
        Assert.Equal(["sos_open", "hazard_found", "instruction_unread"], open);

        var path = $"/api/shifts/{(string)made["shiftId"]!}";
        Assert.Equal((HttpStatusCode.Conflict, "own_shift"), await CodeAsync(wang.PostAsync($"{path}/take", "{}")));
        Assert.Equal((HttpStatusCode.NotFound, "unknown_shift"), await CodeAsync(far.PostAsync($"{path}/take", "{}")));
        Assert.Equal(HttpStatusCode.NotFound, await far.GetAsync(path));
        Assert.Equal(HttpStatusCode.NoContent, (await li.PostAsync($"{path}/take", "{}")).Status);
        Assert.Equal((HttpStatusCode.Conflict, "shift_taken"), await CodeAsync(li.PostAsync($"{path}/take", "{}")));
        var read = JsonNode.Parse(await li.Http.GetStringAsync(new Uri(path, UriKind.Relative)))!;
        Assert.Equal(("东门有事", "dispatcher", "li"), ((string)read["sheet"]!["note"]!, (string)read["madeBy"]!, (string)read["takenBy"]!));
        Assert.Equal(
            ["dispatcher shift_handed_over", "li shift_taken_over", "li shift_read"],
            centre.Audit().Where(row => row.Contains(" shift_", StringComparison.Ordinal)).Select(row => string.Join(' ', row.Split(' ')[..2])));
    }

    [Fact]
    public async Task Words_about_closed_things_go_on_their_clock_and_open_things_stay()
    {
        var (open, closed) = (Uuid7.New(TimeProvider.System), Uuid7.New(TimeProvider.System));
        await StoreAsync(Hazard(open, HazardState.Found, "stays"));
        await StoreAsync(Hazard(closed, HazardState.Closed, "goes"));
        using var wang = await ConsoleClient.SignedInAsync(centre.Http);
        _ = await wang.PostAsync("/api/instructions", """{"unitIds":["PB-1"],"text":"goes too"}""");
        centre.Get<CentreDatabase>().Write(transaction =>
        {
            const long Days = 40 * 86_400_000L;
            foreach (var sql in (string[])["UPDATE events SET received_at = received_at - @Days", "UPDATE hazards SET changed_at = changed_at - @Days", "UPDATE instructions SET at = at - @Days"])
                Dapper.SqlMapper.Execute(transaction.Connection!, sql, new { Days }, transaction);
            return 0;
        });
        _ = await centre.Get<RetentionSweep>().RunAsync();
        Assert.Equal("stays", await WordsAsync(open));
        Assert.Equal("", await WordsAsync(closed));
        Assert.Equal(0, centre.Get<CentreDatabase>().Read(c => Dapper.SqlMapper.ExecuteScalar<long>(c, "SELECT length(sealed) FROM instructions")));

        async Task<string?> WordsAsync(byte[] id) =>
            (string?)JsonNode.Parse(await wang.Http.GetStringAsync(new Uri($"/api/hazards/PB-1/{Uuid7.ToGuid(id)}", UriKind.Relative)))!["acts"]![0]!["words"];
    }

    private async Task StoreAsync(Event made) => Assert.Equal(AckStatus.Stored, Assert.Single(await session.StoreAsync(made)).Status);

    private Event Event(Action<Event> fill) => RawCar.Event(Lane.Decisions, ++number, fill);

    private Event Sos(byte[] id, bool ended = false) => Event(e =>
    {
        e.OfficerId = "010001";
        e.Sos = new Sos { SosId = ByteString.CopyFrom(id), Ended = ended, Position = new Position { Fix = GnssFix._3D, LatitudeDegrees = 39.9, LongitudeDegrees = 116.4 } };
    });

    private Event Hazard(byte[] id, HazardState state, string note) => Event(e =>
    {
        e.OfficerId = "010001";
        e.Hazard = new Hazard { HazardId = ByteString.CopyFrom(id), Kind = HazardKinds.All[0], Note = note, State = state, Position = new Position { Fix = GnssFix._3D, LatitudeDegrees = 39.9, LongitudeDegrees = 116.4 } };
        if (state == HazardState.Found && note.Length > 6)
            e.Attachments.Add(new AttachmentRef { Sha256 = ByteString.CopyFrom(SHA256.HashData(Picture)), SizeBytes = (ulong)Picture.Length, MediaType = "image/jpeg", Role = AttachmentRole.Photo });
    });

    private async Task UploadAsync(Event of)
    {
        var attachment = of.Attachments[0];
        using var call = new Evidence.EvidenceClient(car.Channel).Upload();
        await call.RequestStream.WriteAsync(new EvidenceChunk { Header = new EvidenceHeader { Attachment = attachment, EventId = of.Id } });
        await call.RequestStream.WriteAsync(new EvidenceChunk { Data = ByteString.CopyFrom(Picture) });
        await call.RequestStream.CompleteAsync();
        Assert.Equal(attachment.Sha256, (await call.ResponseAsync).Sha256);
    }

    private static async Task<(HttpStatusCode, string?)> CodeAsync(Task<(HttpStatusCode Status, JsonNode? Json)> answer)
    {
        var (status, json) = await answer;
        return (status, (string?)json?["code"]);
    }
}

public sealed class DeskTestsOnPostgres : DeskTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
