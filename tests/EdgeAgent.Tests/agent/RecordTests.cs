using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Records;
using EdgeAgent.Contract;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>Case records: drafts that survive anything and that nobody reads on disk, signed, sent once; requests from the car's window.</summary>
public sealed class RecordTests
{
    private const string Name = "赵钱孙李四", Number = "11010519491231002X", Phone = "13800138000", Said = "他先推了我一把然后骂人";

    private static readonly string[] Personal = [Name, Number, Phone, Said];

    [Fact]
    public async Task A_draft_survives_a_kill_is_sealed_on_disk_and_goes_once_when_it_is_signed()
    {
        await using BenchCar prepared = await BenchCar.StartAsync();
        await prepared.EndAsync();
        Guid id;
        await using (HostProcess host = await HostProcess.StartAsync(BenchCar.Options(prepared.Data, null)))
        {
            await host.SignInAsync();
            id = await BeginAsync(host.Http);
            Assert.Equal(HttpStatusCode.NoContent, (await host.Http.PostAsJsonAsync($"/api/records/{id}", Fields())).StatusCode);
            await host.KillAsync();
        }
        foreach (string file in Directory.EnumerateFiles(prepared.Data, "events.db*"))
            AssertNothingOf(Personal, await File.ReadAllBytesAsync(file), file);
        await using BenchCar car = await BenchCar.StartAsync(over: prepared, vouched: false);
        _ = await car.SignInAsync();
        JsonNode read = await car.JsonAsync($"/api/records/{id}");
        Assert.Equal((Name, Said, "draft"), ((string)read["fields"]!["persons"]![0]!["name"]!, (string)read["fields"]!["persons"]![0]!["statement"]!, (string)read["state"]!));
        Assert.Equal("person_not_signed", await CodeAsync(car.Http.PostAsync(At($"/api/records/{id}/finish"), null)));
        Assert.Equal("", await SignAsync(car, id, 0));
        Assert.Equal("officer_not_signed", await CodeAsync(car.Http.PostAsync(At($"/api/records/{id}/finish"), null)));
        Assert.Equal("", await SignAsync(car, id, null));
        Assert.Equal("", await CodeAsync(car.Http.PostAsync(At($"/api/records/{id}/finish"), null)));
        Assert.Equal("already_sent", await CodeAsync(car.Http.PostAsync(At($"/api/records/{id}/finish"), null)));
        Assert.Equal("already_sent", await CodeAsync(car.Http.PostAsJsonAsync($"/api/records/{id}", Fields())));
        Assert.Equal("already_sent", await CodeAsync(car.Http.DeleteAsync(At($"/api/records/{id}"))));
        Event told = Assert.Single(car.Events(), e => e.CaseRecord is not null);
        Assert.Equal((Lane.Evidence, "dispute", Name, 2), (told.Lane, told.CaseRecord.Kind, told.CaseRecord.Persons[0].Name, told.Attachments.Count));
        Assert.All(told.Attachments, a => Assert.Equal((AttachmentRole.Signature, "image/png"), (a.Role, a.MediaType)));
        Assert.Equal("", RecordRules.Problem(told.CaseRecord));
        Assert.Equal(["written", "read", "signed"], car.Audit().Where(r => r.Kind == AuditKind.RecordOpened && r.Subject == id.ToString()).Select(r => r.Purpose));
        Assert.True(car.VerifyAudit().Whole, car.VerifyAudit().Sentence);
        Assert.DoesNotContain(car.Audit(), r => Personal.Any(p => r.ToString().Contains(p, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_change_of_what_was_signed_takes_the_signatures_away()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        _ = await car.SignInAsync();
        Guid id = await BeginAsync(car.Http);
        _ = await car.Http.PostAsJsonAsync($"/api/records/{id}", Fields());
        Assert.Equal("", await SignAsync(car, id, 0));
        Assert.Equal("", await SignAsync(car, id, null));
        // The same again changes nothing.
        _ = await car.Http.PostAsJsonAsync($"/api/records/{id}", Fields());
        Assert.NotEqual("", (string)(await car.JsonAsync($"/api/records/{id}"))["officerSignature"]!);
        _ = await car.Http.PostAsJsonAsync($"/api/records/{id}", Fields("另一份陈述"));
        JsonNode read = await car.JsonAsync($"/api/records/{id}");
        Assert.Equal(("", 0), ((string)read["officerSignature"]!, read["personSignatures"]!.AsArray().Count));
        Assert.Equal(0L, car.Get<EdgeAgent.DispatchClient.Outbox.OutboxStore>().Read(c => Dapper.SqlMapper.ExecuteScalar<long>(c, "SELECT count(*) FROM field_pictures")));

        Assert.Equal("", await SignAsync(car, id, null));
        Assert.Equal("", await AddPictureAsync(car, eyes, id));
        read = await car.JsonAsync($"/api/records/{id}");
        Assert.Equal("", (string)read["officerSignature"]!);
        string picture = (string)read["pictures"]![0]!;
        Assert.Equal(FakeEyesJpeg, await car.Http.GetByteArrayAsync(At($"/api/records/{id}/pictures/{picture}")));
        Assert.Equal(HttpStatusCode.NotFound, (await car.Http.GetAsync(At($"/api/records/{Guid.NewGuid()}/pictures/{picture}"))).StatusCode);
        Assert.Equal("", await CodeAsync(car.Http.DeleteAsync(At($"/api/records/{id}/pictures/{picture}"))));
        Assert.Equal(HttpStatusCode.NotFound, (await car.Http.GetAsync(At($"/api/records/{id}/pictures/{picture}"))).StatusCode);
        Assert.Equal("", await CodeAsync(car.Http.DeleteAsync(At($"/api/records/{id}"))));
        Assert.Equal(HttpStatusCode.NotFound, (await car.Http.GetAsync(At($"/api/records/{id}"))).StatusCode);
    }

    [Fact]
    public async Task What_is_too_large_not_whole_or_no_picture_is_refused_by_name()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.Equal("no_session", await CodeAsync(car.Http.PostAsJsonAsync("/api/records", new { })));
        _ = await car.SignInAsync();
        Guid id = await BeginAsync(car.Http);
        Assert.Equal("text_too_long", await CodeAsync(car.Http.PostAsJsonAsync($"/api/records/{id}", Fields(new string('长', 4001)))));
        Assert.Equal("kind_unknown", await CodeAsync(car.Http.PostAsJsonAsync($"/api/records/{id}", new { kind = "murder" })));
        Assert.Equal("person_incomplete", await CodeAsync(car.Http.PostAsJsonAsync($"/api/records/{id}", new { kind = "noise", persons = new[] { new { role = "suspect", name = "x" } } })));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await car.Http.PostAsJsonAsync($"/api/records/{id}", Fields(new string('x', 600_000)))).StatusCode);
        Assert.Equal("place_required", await CodeAsync(car.Http.PostAsync(At($"/api/records/{id}/finish"), null)));
        Assert.Equal("unknown_record", await CodeAsync(car.Http.PostAsJsonAsync($"/api/records/{Guid.NewGuid()}", Fields())));
        _ = await car.Http.PostAsJsonAsync($"/api/records/{id}", Fields());
        byte[] good = Png(40, 20), cut = good[..^6], wide = Png(3000, 2), flipped = [.. good];
        flipped[^20] ^= 1;
        foreach (byte[] bad in (byte[][])[cut, wide, flipped, [], Encoding.UTF8.GetBytes("<svg/>"), [.. good, 0]])
            Assert.Equal("bad_png", await SignAsync(car, id, null, bad));
        Assert.Equal("bad_png", await CodeAsync(car.Http.PostAsJsonAsync($"/api/records/{id}/signatures", new { png = "not base64!" })));
        Assert.Equal("signature_too_large", await SignAsync(car, id, null, [.. good, .. new byte[RecordRules.MostSignatureBytes]]));
        Assert.Equal("unknown_person", await SignAsync(car, id, 1));
        Assert.Equal("picture_gone", await CodeAsync(car.Http.PostAsJsonAsync($"/api/records/{id}/pictures", new { pictureId = Guid.NewGuid() })));
        Assert.DoesNotContain(car.Events(), e => e.CaseRecord is not null);
    }

    [Fact]
    public async Task Drafts_and_sent_ones_go_by_their_clocks_with_their_pictures()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        Guid draft = await BeginAsync(car.Http);
        _ = await car.Http.PostAsJsonAsync($"/api/records/{draft}", Fields());
        Assert.Equal("", await SignAsync(car, draft, 0));
        _ = await car.Http.PostAsJsonAsync("/api/requests", new { kind = "found", what = "黑色双肩包", place = "车站" });
        car.Time.Jump(TimeSpan.FromDays(6));
        car.Get<EdgeAgent.Agent.Retention.RetentionStage>().Sweep();
        Assert.Single(car.Get<RecordBook>().All);
        car.Time.Jump(TimeSpan.FromDays(2));
        car.Get<EdgeAgent.Agent.Retention.RetentionStage>().Sweep();
        Assert.Empty(car.Get<RecordBook>().All);
        Assert.Empty(car.Get<RequestBook>().All);
        Assert.Equal(0L, car.Get<EdgeAgent.DispatchClient.Outbox.OutboxStore>().Read(c => Dapper.SqlMapper.ExecuteScalar<long>(c, "SELECT (SELECT count(*) FROM field_records) + (SELECT count(*) FROM field_pictures)")));
        Assert.Contains(car.Audit(), r => r.Kind == AuditKind.Deleted && r.Subject.Contains("records", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_goes_at_once_and_the_centres_answer_comes_back()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        Assert.Equal("what_required", await CodeAsync(car.Http.PostAsJsonAsync("/api/requests", new { kind = "lost", what = " " })));
        Assert.Equal("office_required", await CodeAsync(car.Http.PostAsJsonAsync("/api/requests", new { kind = "office", what = "补办身份证" })));
        Assert.Equal("kind_unknown", await CodeAsync(car.Http.PostAsJsonAsync("/api/requests", new { kind = "bribe", what = "x" })));
        Assert.Equal("text_too_long", await CodeAsync(car.Http.PostAsJsonAsync("/api/requests", new { kind = "lost", what = new string('x', 1001) })));
        JsonNode sent = (await (await car.Http.PostAsJsonAsync("/api/requests", new { kind = "office", what = "补办身份证", office = "household", contact = Phone })).Content.ReadFromJsonAsync<JsonNode>())!;
        ServiceRequest told = Assert.Single(car.Events(), e => e.ServiceRequest is not null).ServiceRequest;
        Assert.Equal(("office", "household", Phone), (told.Kind, told.Office, told.Contact));
        CommandAck ack = await car.Get<CommandDesk>().HandleAsync(
            new Command
            {
                Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
                Issuer = "wang",
                IssuerRole = "dispatcher",
                FieldNews = new FieldNews { Id = told.RequestId, State = FieldState.Answered, AtUnixMs = TestLists.Now, Words = "请到户籍窗口办理" },
            },
            CancellationToken.None);
        Assert.Equal(CommandOutcome.Stored, ack.Outcome);
        await using Page page = await car.PageAsync();
        JsonNode shown = (await page.UntilAsync("state"))["areas"]!["records"]!["requests"]![0]!;
        Assert.Equal(("answered", "请到户籍窗口办理"), ((string)shown["state"]!, (string)shown["answer"]!));
        Assert.DoesNotContain(Phone, shown.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(Phone, (string)(await car.JsonAsync($"/api/requests/{sent["id"]}"))["contact"]!);
        Assert.Contains(car.Audit(), r => r is { Kind: AuditKind.RecordOpened, Purpose: "read" });
    }

    private static readonly byte[] FakeEyesJpeg = [0xFF, 0xD8, 0xFF, 9, 8, 7];

    private static object Fields(string statement = "双方因停车发生争执") => new
    {
        kind = "dispute",
        place = "望江路 12 号",
        happenedAtUnixMs = TestLists.Now,
        persons = new[] { new { role = "party", name = Name, idNumber = Number, phone = Phone, statement = Said, refused = false } },
        statement,
        outcome = "当场调解",
        legalBasis = "治安管理处罚法第九条",
    };

    private static Uri At(string path) => new(path, UriKind.Relative);

    private static async Task<Guid> BeginAsync(HttpClient http) => (Guid)(await (await http.PostAsJsonAsync("/api/records", new { })).Content.ReadFromJsonAsync<JsonNode>())!["id"]!;

    private static Task<string> SignAsync(BenchCar car, Guid id, int? person, byte[]? png = null) =>
        CodeAsync(car.Http.PostAsJsonAsync($"/api/records/{id}/signatures", new { person, png = Convert.ToBase64String(png ?? Png(40 + (person ?? 7), 20)) }));

    private static async Task<string> AddPictureAsync(BenchCar car, FakeEyes eyes, Guid id)
    {
        Task<HttpResponseMessage> taking = car.Http.PostAsJsonAsync("/api/pictures", new { cameraId = "cam1" });
        await Eventually.HoldsAsync(() => eyes.Asked.Any(r => r.TakeStill is not null), "eyes are asked");
        await eyes.SendAsync(new MediaMessage { Still = new StillPicture { RequestId = eyes.Asked.Last(r => r.TakeStill is not null).TakeStill.RequestId, CapturedMonoMs = eyes.MonoMs, Jpeg = ByteString.CopyFrom(FakeEyesJpeg) } });
        var picture = (Guid)(await (await taking).Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        return await CodeAsync(car.Http.PostAsJsonAsync($"/api/records/{id}/pictures", new { pictureId = picture }));
    }

    private static async Task<string> CodeAsync(Task<HttpResponseMessage> asking)
    {
        HttpResponseMessage answer = await asking;
        return answer.IsSuccessStatusCode ? "" : (string)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["code"]!;
    }

    private static void AssertNothingOf(string[] words, byte[] bytes, string file)
    {
        foreach (string word in words)
        {
            foreach (Encoding encoding in (Encoding[])[Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode])
                Assert.True(bytes.AsSpan().IndexOf(encoding.GetBytes(word)) < 0, $"{Path.GetFileName(file)} holds what somebody told the officer");
        }
    }

    /// <summary>A whole PNG: black, one byte a pixel.</summary>
    internal static byte[] Png(int width, int height)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(new byte[(width + 1) * height]);
        byte[] header = [.. BitConverter.GetBytes(width).Reverse(), .. BitConverter.GetBytes(height).Reverse(), 8, 0, 0, 0, 0];
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] content)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. content];
        uint crc = uint.MaxValue;
        foreach (byte b in body)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        }
        return [.. BitConverter.GetBytes(content.Length).Reverse(), .. body, .. BitConverter.GetBytes(~crc).Reverse()];
    }
}
