using System.Security.Cryptography;
using Dapper;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

public class RetentionTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync() => centre = await CentreUnderTest.StartAsync(store: Store);

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task A_rejected_alert_is_erased_after_its_hours_and_what_the_month_counts_stays()
    {
        using var car = await centre.EnrolAsync("PB-1");
        var (rejected, confirmed) = (car.Decided(1, d => (d.Verdict, d.Reason, d.Note) = (Verdict.Rejected, "not_same_plate", "was 京A99999")), car.Decided(2));
        using (var session = await car.ConnectAsync())
            Assert.All(await session.StoreAsync(rejected, confirmed), ack => Assert.Equal(AckStatus.Stored, ack.Status));
        Assert.True((await SweepAsync(TimeSpan.FromHours(23))).IsNothing);
        var erasure = await SweepAsync(TimeSpan.FromHours(25));
        Assert.Equal((1, 0), (erasure.Rejected, erasure.Confirmed));
        var events = centre.Get<EventTable>();
        Assert.Null(events.Find(Uuid7.ToGuid(rejected.Id.Span)));
        Assert.Equal(confirmed.Id, Assert.Single(events.Newest("alert_decided", 10)).Event.Id);
        var left = Stored(rejected.Id);
        var decision = Decision.Parser.ParseFrom(left.AlertDecided.Decision.Payload);
        var alert = Alert.Parser.ParseFrom(left.AlertDecided.Alert);
        Assert.Equal((Verdict.Rejected, "not_same_plate", "", ""), (decision.Verdict, decision.Reason, decision.Note, decision.OfficerId));
        Assert.Equal((ListCategory.StolenVehicle, "", true, true), (alert.Category, alert.ListedText, alert.SeenJpeg.IsEmpty, alert.Plate is null));
        // It comes again from a car that did not hear the answer: still known, still gone.
        using (var session = await car.ConnectAsync())
            Assert.Equal(AckStatus.Duplicate, Assert.Single(await session.StoreAsync(rejected)).Status);
        Assert.Null(events.Find(Uuid7.ToGuid(rejected.Id.Span)));
        Assert.Equal(1, (await SweepAsync(TimeSpan.FromDays(91))).Confirmed);
        Assert.Contains(AuditActions(), a => a is ("erased", "retention v0"));
    }

    [Fact]
    public async Task A_clip_goes_after_its_days_with_its_file_and_on_hold_it_stays()
    {
        using var car = await centre.EnrolAsync("PB-1");
        var (first, second) = (car.Decided(1), car.Decided(2));
        byte[][] videos = [RandomNumberGenerator.GetBytes(20_000), RandomNumberGenerator.GetBytes(20_000)];
        using (var session = await car.ConnectAsync())
            Assert.All(
                await session.StoreAsync(first, second, Clip(1, first, videos[0]), Clip(2, second, videos[1])), ack => Assert.Equal(AckStatus.Stored, ack.Status));
        foreach (var video in videos)
            Keep(video);
        var held = await centre.CommandAsync(null, "retention", "hold", "--event", Id(first), "--by", "li", "--reason", "case 17");
        Assert.True(held.ExitCode == 0, held.Error);
        using (var session = await car.ConnectAsync())
            Assert.Equal((first.Id, true, "case 17"), (await session.CommandAsync(Command.BodyOneofCase.Hold)) is var c ? (c.Hold.EventId, c.Hold.Hold, c.Hold.Reason) : default);
        Assert.True((await SweepAsync(TimeSpan.FromDays(30))).IsNothing);
        Assert.Equal(1, (await SweepAsync(TimeSpan.FromDays(32))).Files);
        Assert.Equal((true, false), (File.Exists(PathOf(videos[0])), File.Exists(PathOf(videos[1]))));
        Assert.Equal(("expired", null), centre.Get<ClipTable>().Of("PB-1", Uuid7.ToGuid(second.Id.Span)) is { } clip ? (clip.Reason, clip.Sha256) : default);
        // Past every clock, the held one stays whole.
        Assert.Equal(1, (await SweepAsync(TimeSpan.FromDays(100))).Confirmed);
        Assert.NotNull(centre.Get<EventTable>().Find(Uuid7.ToGuid(first.Id.Span)));
        Assert.Equal(1, (await centre.CommandAsync(null, "retention", "hold", "--event", Id(second), "--by", "li", "--reason", "too late")).ExitCode);
        Assert.Equal(0, (await centre.CommandAsync(null, "retention", "release", "--event", Id(first), "--by", "li", "--reason", "closed")).ExitCode);
        var last = await SweepAsync(TimeSpan.FromDays(100));
        Assert.Equal((1, 1), (last.Confirmed, last.Files));
        Assert.False(File.Exists(PathOf(videos[0])));
    }

    [Fact]
    public async Task A_rejected_alert_cannot_be_held()
    {
        using var car = await centre.EnrolAsync("PB-1");
        var rejected = car.Decided(1, d => (d.Verdict, d.Reason) = (Verdict.Rejected, "other"));
        using (var session = await car.ConnectAsync())
            _ = await session.StoreAsync(rejected);
        var refused = await centre.CommandAsync(null, "retention", "hold", "--event", Id(rejected), "--by", "li", "--reason", "perhaps");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("cannot be held", refused.Error);
    }

    [Fact]
    public async Task A_policy_goes_out_signed_to_every_unit_once_and_again_to_one_that_lost_it()
    {
        using var car = await centre.EnrolAsync("PB-1");
        var shown = await centre.CommandAsync(null, "retention", "show");
        Assert.Contains("\"rejectedHours\": 24", shown.Output);
        Assert.Equal(0, (await SetAsync(shown.Output.Replace("\"rejectedHours\": 24", "\"rejectedHours\": 2", StringComparison.Ordinal))).ExitCode);
        using (var session = await car.ConnectAsync())
        {
            var command = await session.CommandAsync(Command.BodyOneofCase.Retention);
            var policy = RetentionPolicy.Parser.ParseFrom(command.Retention.Payload);
            Assert.Equal((1UL, 2U, "admin", SignerRole.Centre), (policy.Version, policy.RejectedHours, command.IssuerRole, Assert.Single(command.Retention.Signatures).Role));
            await session.AcceptAsync(command);
        }
        using (var again = await car.ConnectAsync())
            Assert.Equal(1UL, RetentionPolicy.Parser.ParseFrom((await again.CommandAsync(Command.BodyOneofCase.Retention)).Retention.Payload).Version);
        var rejected = car.Decided(1, d => (d.Verdict, d.Reason) = (Verdict.Rejected, "other"));
        using (var session = await car.ConnectAsync(h => h.RetentionVersion = 1))
            _ = await session.StoreAsync(rejected);
        Assert.Equal(1, (await SweepAsync(TimeSpan.FromHours(2.5))).Rejected);
    }

    [Theory]
    [InlineData("\"rejectedHours\": 25", "rejected_hours is 25: give 1 to 24.")]
    [InlineData("\"forever\": true", "no retention policy")]
    [InlineData("\"evidenceDays\": -1", "no retention policy")]
    public async Task A_policy_that_keeps_too_long_or_is_none_is_refused_in_words(string change, string words)
    {
        var shown = (await centre.CommandAsync(null, "retention", "show")).Output;
        var refused = await SetAsync(shown.Replace("\"rejectedHours\": 24", change, StringComparison.Ordinal));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(words, refused.Error);
    }

    [Fact]
    public async Task Rows_from_before_there_were_classes_go_by_their_verdict_and_a_spoiled_one_stops_nobody()
    {
        using var car = await centre.EnrolAsync("PB-1");
        var (rejected, spoiled) = (car.Decided(1, d => (d.Verdict, d.Reason) = (Verdict.Rejected, "other")), car.Decided(2));
        using (var session = await car.ConnectAsync())
            _ = await session.StoreAsync(rejected, spoiled);
        _ = centre.Get<CentreDatabase>().Write(t => t.Connection!.Execute(
            "UPDATE events SET retention = 'decided', payload = CASE number WHEN 2 THEN @spoilt ELSE payload END", new { spoilt = new byte[1] }, t));
        var erasure = await SweepAsync(TimeSpan.FromDays(100));
        Assert.Equal((1, 1), (erasure.Rejected, erasure.Confirmed));
    }

    [Fact]
    public async Task Heads_of_a_units_audit_chain_are_told_to_whoever_verifies_it()
    {
        using var car = await centre.EnrolAsync("PB-1");
        Assert.Contains("no head", (await centre.CommandAsync(null, "units", "heads", "--unit", "PB-1")).Error);
        var hash = RandomNumberGenerator.GetBytes(32);
        using (var session = await car.ConnectAsync())
            _ = await session.StoreAsync(
                RawCar.Event(Lane.Audit, 1, e => e.AuditHead = new AuditHead { Sequence = 11, HeadSha256 = ByteString.CopyFrom(new byte[32]) }),
                RawCar.Event(Lane.Audit, 2, e => e.AuditHead = new AuditHead { Sequence = 12, HeadSha256 = ByteString.CopyFrom(hash) }));
        Assert.Equal($"12:{Convert.ToHexStringLower(hash)}", (await centre.CommandAsync(null, "units", "heads", "--unit", "PB-1")).Output.Trim());
    }

    private Task<Erasure> SweepAsync(TimeSpan later) => new RetentionSweep(
        centre.Get<CommitQueue>(), centre.Get<CentreDatabase>(), centre.Get<Sealing>(), centre.Get<EvidenceFiles>(), centre.Get<CallErasure>(), new Later(later)).RunAsync();

    private Event Stored(ByteString id) => Event.Parser.ParseFrom(centre.Get<Sealing>().Open(
        centre.Get<CentreDatabase>().Read(c => c.ExecuteScalar<byte[]>("SELECT payload FROM events WHERE event_id = @id", new { id = id.ToByteArray() }))!));

    private List<(string Action, string Subject)> AuditActions() =>
        centre.Get<CentreDatabase>().Read(c => c.Query<(string, string)>("SELECT action, subject FROM audit").AsList());

    private static Event Clip(ulong number, Event about, byte[] video)
    {
        var made = RawCar.Event(Lane.Evidence, number, e => e.EvidenceReady = new EvidenceReady { AboutEventId = about.Id, CameraId = "cam1", FromUnixMs = 1, ToUnixMs = 2 });
        made.Attachments.Add(new AttachmentRef
        {
            Sha256 = ByteString.CopyFrom(SHA256.HashData(video)),
            SizeBytes = (ulong)video.Length,
            MediaType = "video/mp4",
            Role = AttachmentRole.Clip,
        });
        return made;
    }

    private void Keep(byte[] video)
    {
        using (var upload = centre.Get<EvidenceFiles>().TryBegin("PB-1", SHA256.HashData(video))!)
        {
            upload.Append(video);
            Assert.True(upload.Finish());
        }
        _ = centre.Get<CentreDatabase>().Write(t => EvidenceTable.Complete(t, SHA256.HashData(video), video.Length, "video/mp4", "PB-1", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));
    }

    private string PathOf(byte[] video) => centre.Get<EvidenceFiles>().PathOf(SHA256.HashData(video));

    private static string Id(Event happened) => Uuid7.ToGuid(happened.Id.Span).ToString();

    private async Task<CommandResult> SetAsync(string policy)
    {
        var file = Path.Combine(centre.Folder, "retention.json");
        await File.WriteAllTextAsync(file, policy);
        return await centre.CommandAsync(null, "retention", "set", "--file", file);
    }

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}

public sealed class RetentionTestsOnPostgres : RetentionTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
