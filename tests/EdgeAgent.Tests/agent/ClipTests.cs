using System.Text.Json.Nodes;
using Dapper;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>The video of an alert: held while it waits, fetched when it is confirmed, gone when it is not.</summary>
public sealed class ClipTests : IDisposable
{
    private static readonly byte[] Video = TestOutbox.Noise(7, 700_000);
    private readonly TemporaryDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_confirmed_alerts_clip_is_asked_for_stored_and_told_with_an_audit_record()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        (string id, HoldClip hold) = await AlertAsync(car, eyes);
        Assert.Equal(("cam1", 10_000), (hold.CameraId, hold.ToMonoMs - hold.FromMonoMs));
        Assert.InRange(hold.KeepUntilMonoMs, car.Time.MonoMs + 120_000, car.Time.MonoMs + 180_000);
        Assert.Equal(64UL << 20, hold.MostBytes);

        Assert.True((await car.DecideAsync(id, "confirmed")).IsSuccessStatusCode);
        // The decision is on its way before anybody has sent a byte of video.
        Event decided = Assert.Single(car.Events(), e => e.AlertDecided is not null);
        await Eventually.HoldsAsync(() => eyes.Asked.Any(r => r.SendClip?.RequestId == id), "the clip is wanted");
        await SendAsync(eyes, id, Video, hold.FromMonoMs + 20, hold.ToMonoMs - 20);
        Event told = await ToldAsync(car);
        EvidenceReady ready = told.EvidenceReady;
        Assert.Equal((decided.Id, "cam1", ""), (ready.AboutEventId, ready.CameraId, ready.Reason));
        Assert.InRange(ready.ToUnixMs - ready.FromUnixMs, 1, 10_000);
        Assert.Equal((Lane.Evidence, Priority.Evidence, BenchCar.OfficerId), (told.Lane, told.Priority, told.OfficerId));
        AttachmentRef file = Assert.Single(told.Attachments);
        Assert.Equal((AttachmentRole.Clip, "video/mp4", (ulong)Video.Length), (file.Role, file.MediaType, file.SizeBytes));
        Assert.Equal(Video, car.Get<OutboxStore>().Content(file.Sha256.ToByteArray()));
        AuditRecord kept = Assert.Single(car.Audit(), r => r.Kind == AuditKind.ClipKept);
        Assert.Equal($"{id} {Convert.ToHexStringLower(file.Sha256.Span)}", kept.Subject);
        Assert.Equal(BenchCar.OfficerId, kept.Actor);
        Assert.NotEmpty(kept.Purpose);
        Assert.Empty(car.Get<OwedClips>().All());
        Assert.True(car.VerifyAudit().Whole);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_an_alert_that_was_rejected_or_lapsed_no_video_is_fetched_or_kept(bool rejected)
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        (string id, _) = await AlertAsync(car, eyes);
        if (rejected)
            Assert.True((await car.DecideAsync(id, "rejected", "not_same_vehicle")).IsSuccessStatusCode);
        else
            car.Get<AlertBook>().Withdraw(TestLists.Plates().ListId);
        await Eventually.HoldsAsync(() => eyes.Asked.Any(r => r.DropClip?.RequestId == id), "eyes lets go of it");
        // Video that comes all the same is nobody's.
        await SendAsync(eyes, id, Video, 1, 2);
        await eyes.SeePlateAsync("京A99999");
        await Task.Delay(1500);
        Assert.DoesNotContain(eyes.Asked, r => r.SendClip is not null);
        Assert.DoesNotContain(car.Events(), e => e.EvidenceReady is not null);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(car.Data, "attachments")));
        Assert.Empty(car.Get<OwedClips>().All());
        Assert.DoesNotContain(car.Audit(), r => r.Kind == AuditKind.ClipKept);
    }

    [Fact]
    public async Task Eyes_that_cannot_give_it_give_too_much_or_die_cost_the_clip_and_nothing_else()
    {
        await using BenchCar car = await ReadyAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        (string id, _) = await AlertAsync(car, eyes);
        await car.DecideAsync(id, "confirmed");
        await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = id, Last = true, Error = "no video of that time is held" } });
        Assert.Equal("no_video", (await ToldAsync(car)).EvidenceReady.Reason);

        (id, _) = await AlertAsync(car, eyes, "京B22222");
        await car.DecideAsync(id, "confirmed");
        byte[] large = new byte[4 << 20];
        for (int sent = 0; sent <= ClipKeeper.MaxClipBytes; sent += large.Length)
            await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = id, Data = UnsafeByteOperations.UnsafeWrap(large) } });
        Assert.Equal("too_large", (await ToldAsync(car, 2)).EvidenceReady.Reason);
        await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = id, Data = UnsafeByteOperations.UnsafeWrap(large) } });

        (id, _) = await AlertAsync(car, eyes, "京B33333");
        await eyes.DisposeAsync();
        await using FakeEyes others = await car.EyesAsync();
        Assert.True((await car.DecideAsync(id, "confirmed")).IsSuccessStatusCode);
        await others.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = id, Last = true, Error = "this clip is not held" } });
        Assert.Equal("no_video", (await ToldAsync(car, 3)).EvidenceReady.Reason);
        Assert.Equal(3, car.Events().Count(e => e.AlertDecided is not null));
        Assert.All(car.Events().Where(e => e.EvidenceReady is not null), e => Assert.Empty(e.Attachments));
    }

    [Fact]
    public async Task A_host_that_ended_between_confirmation_and_clip_says_at_its_next_start_that_there_is_none()
    {
        BenchCar car = await ReadyAsync();
        await using (FakeEyes eyes = await car.EyesAsync())
        {
            (string id, _) = await AlertAsync(car, eyes);
            await car.DecideAsync(id, "confirmed");
            Assert.Single(car.Get<OwedClips>().All());
        }
        await using BenchCar again = await car.RestartAsync(sameBoot: true);
        await Task.Delay(300);
        // The video could still have been on its way a moment ago: nothing is said too early.
        Assert.DoesNotContain(again.Events(), e => e.EvidenceReady is not null);
        again.Time.Jump(TimeSpan.FromMinutes(1));
        Assert.Equal("car_restarted", (await ToldAsync(again)).EvidenceReady.Reason);
        Assert.Empty(again.Get<OwedClips>().All());
        await car.DisposeAsync();
    }

    [Fact]
    public async Task Without_seconds_no_clip_is_held_and_none_is_owed()
    {
        await using BenchCar car = await ReadyAsync(o => o with { Alerts = o.Alerts with { ClipSecondsBefore = 0, ClipSecondsAfter = 0 } });
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing.Plates, "eyes look for plates");
        await eyes.SeePlateAsync("京A12345");
        JsonNode alert = await page.UntilAsync("alert");
        Assert.True((await car.DecideAsync((string)alert["id"]!, "confirmed")).IsSuccessStatusCode);
        Assert.Empty(car.Get<OwedClips>().All());
        Assert.DoesNotContain(eyes.Asked, r => r.HoldClip is not null || r.SendClip is not null);
    }

    [Fact]
    public void A_ring_that_is_too_short_for_a_clip_is_told_at_start()
    {
        CarOptions options = BenchCar.Options(folder.Path, null);
        Assert.Empty(options.Problems());
        Assert.Contains("Vision.RingSeconds", Assert.Single((options with { Alerts = options.Alerts with { ClipSecondsAfter = 30 } }).Problems()), StringComparison.Ordinal);
        Assert.Contains("ClipMegabytes", Assert.Single((options with { Alerts = options.Alerts with { ClipMegabytes = 1 } }).Problems()), StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_of_the_program_before_get_the_new_one()
    {
        using var connection = new SqliteConnection($"Data Source={folder.At("a.db")};Pooling=False");
        connection.Open();
        OutboxSchema.Migrate(connection, "agent", [AgentTables.Scripts[0]]);
        connection.Execute("INSERT INTO pin_failures VALUES ('o1', 3)");
        OutboxSchema.Migrate(connection, "agent", AgentTables.Scripts);
        Assert.Equal(3, connection.ExecuteScalar<int>("SELECT failures FROM pin_failures"));
        Assert.Equal(0, connection.ExecuteScalar<int>("SELECT count(*) FROM clips_owed"));
    }

    private static async Task<BenchCar> ReadyAsync(Func<CarOptions, CarOptions>? change = null)
    {
        BenchCar car = await BenchCar.StartAsync(change);
        Assert.True(car.TakePlates(l =>
        {
            foreach (string plate in (string[])["京B22222", "京B33333"])
            {
                PlateEntry another = l.Plates[0].Clone();
                (another.EntryId, another.Plate) = (plate, plate);
                l.Plates.Add(another);
            }
        }).Accepted);
        Assert.True((await car.SignInAsync()).IsSuccessStatusCode);
        return car;
    }

    private static async Task<(string Id, HoldClip Hold)> AlertAsync(BenchCar car, FakeEyes eyes, string plate = "京A12345")
    {
        await using Page page = await car.PageAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing.Plates, "eyes look for plates");
        await eyes.SeePlateAsync(plate);
        string id = (string)(await page.UntilAsync("alert", a => (string)a["listedText"]! == plate))["id"]!;
        await Eventually.HoldsAsync(() => eyes.Asked.Any(r => r.HoldClip?.RequestId == id), "the clip is to be held");
        return (id, eyes.Asked.First(r => r.HoldClip?.RequestId == id).HoldClip);
    }

    private static async Task SendAsync(FakeEyes eyes, string id, byte[] content, long first, long last)
    {
        foreach (byte[] piece in content.Chunk(256 * 1024))
            await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = id, Data = ByteString.CopyFrom(piece) } });
        await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = id, Last = true, FirstMonoMs = first, LastMonoMs = last } });
    }

    private static async Task<Event> ToldAsync(BenchCar car, int count = 1)
    {
        await Eventually.HoldsAsync(() => car.Events().Count(e => e.EvidenceReady is not null) >= count, "the centre is told of the clip");
        return car.Events().Where(e => e.EvidenceReady is not null).ElementAt(count - 1);
    }
}
