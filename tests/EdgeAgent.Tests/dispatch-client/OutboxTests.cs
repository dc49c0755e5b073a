using Dapper;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class OutboxTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Options_out_of_range_are_named_all_together()
    {
        var fault = Assert.Throws<OutboxException>(() => OutboxStore.Open(
            new OutboxOptions { Directory = " ", MaxBytes = 5, MaxEventBytes = 3 << 20, MaxAttachmentBytes = 0 }, TestOutbox.Seal, TimeProvider.System));
        Assert.Equal("bad_options", fault.Code);
        foreach (var name in (string[])["Directory", "MaxBytes", "MaxEventBytes", "MaxAttachmentBytes"])
            Assert.Contains($"Outbox.{name}", fault.Message);
    }

    [Fact]
    public async Task Each_lane_is_numbered_from_one_without_gaps_across_restarts()
    {
        byte[] incarnation;
        await using (var outbox = TestOutbox.Open(directory.Path))
        {
            incarnation = outbox.Incarnation;
            Assert.Equal(1UL, outbox.Append(TestOutbox.Note("a")).Number);
            Assert.Equal(2UL, outbox.Append(TestOutbox.Note("b")).Number);
            Assert.Equal(1UL, outbox.Append(TestOutbox.Trail()).Number);
        }
        await using (var outbox = TestOutbox.Open(directory.Path))
        {
            Assert.Equal(incarnation, outbox.Incarnation);
            Assert.Equal(3UL, outbox.Append(TestOutbox.Note("c")).Number);
            var lanes = outbox.Lanes();
            Assert.Equal([(Lane.Calls, 1UL, 4UL), (Lane.Positions, 1UL, 2UL)], lanes.Select(lane => (lane.Lane, lane.FirstHeld, lane.NextNumber)));
        }
    }

    [Fact]
    public async Task An_event_carries_what_its_draft_said_and_opens_again()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        var appended = outbox.Append(TestOutbox.Note("seen", Lane.Calls, Priority.Urgent, [1, 2, 3]));
        var leased = Assert.Single(outbox.LeaseAll());
        Assert.Equal(appended, leased);
        Assert.Equal("officer-7", leased.OfficerId);
        Assert.Equal(TimeTrust.Centre, leased.TimeTrust);
        var attachment = Assert.Single(leased.Attachments);
        Assert.Equal(TestOutbox.Sha256([1, 2, 3]), attachment.Sha256.ToByteArray());
        Assert.Equal(3UL, attachment.SizeBytes);
    }

    [Fact]
    public async Task The_callers_own_rows_stand_or_fall_with_the_event()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        outbox.Migrate("host", ["CREATE TABLE decisions (id INTEGER PRIMARY KEY) STRICT"]);
        outbox.Append(TestOutbox.Note("kept"), (connection, transaction) => connection.Execute("INSERT INTO decisions VALUES (1)", transaction: transaction));
        Assert.Throws<InvalidTimeZoneException>(() => outbox.Append(TestOutbox.Note("lost", Lane.Calls, Priority.Urgent, TestOutbox.Noise(1, 100)), (connection, transaction) =>
        {
            connection.Execute("INSERT INTO decisions VALUES (2)", transaction: transaction);
            throw new InvalidTimeZoneException();
        }));
        Assert.Equal([1L], outbox.Read(connection => connection.Query<long>("SELECT id FROM decisions")));
        Assert.Equal(1, outbox.Counts.Pending);
        Assert.Empty(Directory.EnumerateFiles(directory.At("attachments")));
        Assert.Equal(2UL, outbox.Append(TestOutbox.Note("next")).Number);
    }

    [Fact]
    public async Task What_is_too_large_is_refused_and_leaves_nothing()
    {
        await using var outbox = OutboxStore.Open(
            new OutboxOptions { Directory = directory.Path, MaxEventBytes = 2000, MaxAttachmentBytes = 5000 }, TestOutbox.Seal, TimeProvider.System);
        Assert.Equal("event_too_large", Assert.Throws<OutboxException>(() => outbox.Append(TestOutbox.Note(new string('x', 3000)))).Code);
        Assert.Equal("attachment_too_large", Assert.Throws<OutboxException>(() => outbox.Append(TestOutbox.Clip(10, TestOutbox.Noise(1, 6000)))).Code);
        Assert.Throws<ArgumentException>(() => outbox.Append(TestOutbox.Note("no lane", Lane.Unspecified)));
        Assert.Empty(Directory.EnumerateFiles(directory.At("attachments")));
        Assert.Equal(1UL, outbox.Append(TestOutbox.Note("first")).Number);
    }

    [Fact]
    public async Task The_most_urgent_leaves_first_and_the_oldest_of_those()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        foreach (var (text, priority) in (ReadOnlySpan<(string, Priority)>)
            [("h1", Priority.History), ("e1", Priority.Evidence), ("n1", Priority.Normal), ("u1", Priority.Urgent), ("h2", Priority.History), ("u2", Priority.Urgent)])
        {
            outbox.Append(TestOutbox.Note(text, Lane.Status, priority));
        }
        Assert.Equal(["u1", "u2"], outbox.Lease(10, int.MaxValue, Priority.Urgent).Select(Text));
        Assert.Equal(["n1"], outbox.Lease(1, int.MaxValue).Select(Text));
        Assert.Equal(["e1", "h1", "h2"], outbox.LeaseAll().Select(Text));
        Assert.Empty(outbox.LeaseAll());
        outbox.ReleaseLeases();
        Assert.Equal(["u1", "u2", "n1", "e1", "h1", "h2"], outbox.LeaseAll().Select(Text));
    }

    [Fact]
    public async Task A_batch_is_bounded_in_bytes_but_never_empty()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        outbox.AppendMany([.. Enumerable.Range(0, 5).Select(_ => TestOutbox.Note(new string('x', 1000)))]);
        Assert.Single(outbox.Lease(10, 10));
        Assert.Equal(2, outbox.Lease(10, 2500).Count);
    }

    [Fact]
    public async Task What_was_leased_waits_again_after_a_restart()
    {
        await using (var outbox = TestOutbox.Open(directory.Path))
        {
            outbox.Append(TestOutbox.Note("a"));
            Assert.Single(outbox.LeaseAll());
        }
        await using (var outbox = TestOutbox.Open(directory.Path))
            Assert.Equal(["a"], outbox.LeaseAll().Select(Text));
    }

    [Fact]
    public async Task Answers_settle_events_once_and_strangers_change_nothing()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        var events = outbox.AppendMany([.. Enumerable.Range(0, 4).Select(i => TestOutbox.Note($"{i}"))]);
        outbox.LeaseAll();
        outbox.Acknowledge(
        [
            TestOutbox.Ack(events[0]),
            TestOutbox.Ack(events[1], AckStatus.Duplicate),
            TestOutbox.Ack(events[2], AckStatus.Refused, "too_old", "not wanted"),
            TestOutbox.Ack(events[3], AckStatus.Unspecified),
            new EventAck { EventId = ByteString.CopyFrom(new byte[16]), Status = AckStatus.Stored },
            new EventAck { EventId = ByteString.CopyFrom(1, 2), Status = AckStatus.Stored },
        ]);
        outbox.Acknowledge([TestOutbox.Ack(events[0], AckStatus.Duplicate), TestOutbox.Ack(events[0], AckStatus.Refused, "late", "")]);
        Assert.Equal((1, 2, 1), (outbox.Counts.Pending, outbox.Counts.Acknowledged, outbox.Counts.Refused));
        var refused = Assert.Single(outbox.Refused);
        Assert.Equal((3UL, "too_old", "not wanted"), (refused.Number, refused.Code, refused.Detail));
        Assert.Empty(outbox.LeaseAll());
        outbox.ReleaseLeases();
        Assert.Equal(["3"], outbox.LeaseAll().Select(Text));
    }

    [Fact]
    public async Task Delivered_events_are_kept_until_the_watermark_and_their_attachments_are_delivered()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        var events = outbox.AppendMany([TestOutbox.Clip(), TestOutbox.Clip(10, [7]), TestOutbox.Clip(), TestOutbox.Clip()]);
        outbox.Answer(events.Take(3).Select(happened => TestOutbox.Ack(happened)));
        Assert.Equal(3, outbox.Counts.Acknowledged);
        outbox.Forget(Lane.Evidence, 4);
        Assert.Equal((1, 1), (outbox.Counts.Acknowledged, outbox.Counts.Pending));
        Assert.Single(outbox.AttachmentsToSend(10));
        outbox.AttachmentDelivered(TestOutbox.Sha256([7]));
        Assert.Equal((0, 1), (outbox.Counts.Acknowledged, outbox.Counts.Pending));
        Assert.Empty(Directory.EnumerateFiles(directory.At("attachments")));
    }

    [Fact]
    public async Task What_the_centre_asks_for_again_waits_again_and_the_rest_is_answered_once()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        var events = outbox.AppendMany([.. Enumerable.Range(1, 10).Select(i => TestOutbox.Note($"{i}"))]);
        outbox.Answer([.. events.Take(9).Select(happened => TestOutbox.Ack(happened)), TestOutbox.Ack(events[9], AckStatus.Refused, "no", "")]);
        outbox.Forget(Lane.Calls, 4);
        Assert.Equal(6, outbox.Requeue(Lane.Calls, 2, 99));
        var again = outbox.LeaseAll();
        Assert.Equal(["5", "6", "7", "8", "9", "10"], again.Where(happened => happened.Tombstone is null).Select(Text));
        var stone = Assert.Single(again, happened => happened.Tombstone is not null);
        Assert.Equal((2UL, 4UL, 11UL, Lane.Calls), (stone.Tombstone.FromNumber, stone.Tombstone.ToNumber, stone.Number, stone.Lane));
        outbox.Acknowledge([.. again.Select(happened => TestOutbox.Ack(happened))]);
        outbox.Requeue(Lane.Calls, 3, 4);
        Assert.Equal(stone.Id, Assert.Single(outbox.LeaseAll()).Id);
        Assert.Equal(0, outbox.Requeue(Lane.Audit, 1, 5));
        Assert.Equal(0, outbox.Requeue(Lane.Calls, 50, 60));
    }

    [Fact]
    public async Task Nothing_an_event_says_is_readable_in_the_files()
    {
        const string canary = "canary-plate-京A99999";
        await using (var outbox = TestOutbox.Open(directory.Path))
        {
            outbox.Append(TestOutbox.Note(canary, Lane.Calls, Priority.Urgent, System.Text.Encoding.UTF8.GetBytes(canary)));
            Assert.All(AllFiles(), file => Assert.False(Holds(file, canary), file));
        }
        Assert.All(AllFiles(), file => Assert.False(Holds(file, canary), file));
        File.WriteAllText(directory.At("planted"), $"xx{canary}xx");
        Assert.Contains(AllFiles(), file => Holds(file, canary));
    }

    private IEnumerable<string> AllFiles() => Directory.EnumerateFiles(directory.Path, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetFileName(file) != "events.lock");

    private static bool Holds(string file, string text)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0;
    }

    private static string Text(Event happened) => happened.CallStep.Text;
}
