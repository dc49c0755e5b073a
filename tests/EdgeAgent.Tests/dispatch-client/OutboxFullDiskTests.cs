using EdgeAgent.Chaos.Disk;
using EdgeAgent.Chaos.Link;
using EdgeAgent.DispatchClient.Outbox;
using Microsoft.Extensions.Logging;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>A real file system that another program fills; SQLite's errors are real ones.</summary>
public sealed class OutboxFullDiskTests
{
    private const long Reserve = 4 << 20;
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 8, 0, 0, TimeSpan.Zero);

    [DiskFact]
    public async Task Decisions_steps_and_audit_heads_go_on_being_taken_and_the_trail_is_refused_with_one_sentence()
    {
        using SmallDisk disk = SmallDisk.Mount(24 << 20);
        var clock = new SimulatedTime(Start);
        await using OutboxStore outbox = Open(disk, clock);
        for (var i = 0; i < 50; i++)
            outbox.Append(TestOutbox.Trail(1000));
        disk.Fill();
        var taken = new List<Event>();
        for (var i = 0; i < 1500; i++)
        {
            taken.Add(outbox.Append((i % 3) switch
            {
                0 => TestOutbox.Note(new string('d', 2000), Lane.Decisions),
                1 => TestOutbox.Note(new string('s', 500)),
                _ => TestOutbox.Note("head", Lane.Audit, Priority.History),
            }));
            // The other program takes at once whatever comes free.
            if (i % 10 == 0)
                disk.Fill();
        }
        Assert.Equal(Start, outbox.DiskFullSince);
        Assert.Equal(Start.ToUnixTimeMilliseconds(), outbox.Counts.DiskFullSinceUnixMs);
        var refused = Assert.Throws<OutboxException>(() => outbox.AppendMany([TestOutbox.Trail(), TestOutbox.Clip()]));
        Assert.Equal("disk_full", refused.Code);
        Assert.Contains(disk.Root, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Delete", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, outbox.Counts.NotTaken);
        var held = outbox.LeaseAll().Select(happened => happened.Id).ToHashSet();
        Assert.All(taken, happened => Assert.Contains(happened.Id, held));
        outbox.Acknowledge([.. taken.Select(happened => TestOutbox.Ack(happened))]);
        outbox.Forget(Lane.Decisions, ulong.MaxValue >> 1);
        Assert.NotNull(outbox.DiskFullSince);
    }

    [DiskFact]
    public async Task Once_there_is_room_again_the_reserve_is_taken_back_and_everything_is_taken_as_before()
    {
        using SmallDisk disk = SmallDisk.Mount(24 << 20);
        var clock = new SimulatedTime(Start);
        var log = new Lines();
        using ILoggerFactory loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        await using OutboxStore outbox = Open(disk, clock, loggers: loggers);
        disk.Fill();
        await UntilFullAsync(outbox);
        Assert.True(ReserveBytes(disk) < Reserve);
        for (var i = 0; i < 20; i++)
            Assert.Throws<OutboxException>(() => outbox.Append(TestOutbox.Trail()));
        clock.Advance(TimeSpan.FromMinutes(3));
        await Task.Delay(50);
        Assert.NotNull(outbox.DiskFullSince);

        disk.Free();
        clock.Advance(TimeSpan.FromSeconds(6));
        await Eventually.HoldsAsync(() => outbox.DiskFullSince is null, "the disk has room");
        Assert.Equal(Reserve, ReserveBytes(disk));
        outbox.Append(TestOutbox.Trail());
        Assert.Equal([5004, 5005], log.Ids.Where(id => id is 5004 or 5005));
        Assert.InRange(outbox.Counts.NotTaken, 20, 30);
    }

    [DiskFact]
    public async Task A_picture_that_finds_no_room_is_parked_and_its_decision_is_taken()
    {
        using SmallDisk disk = SmallDisk.Mount(24 << 20);
        await using OutboxStore outbox = Open(disk, new SimulatedTime(Start));
        disk.Fill();
        await UntilFullAsync(outbox);
        var events = new List<Event>();
        for (var i = 0; i < 40; i++)
        {
            events.Add(outbox.Append(TestOutbox.Note("decision", Lane.Decisions, Priority.Urgent, TestOutbox.Noise(i, 150_000))));
            disk.Fill();
        }
        // Half of the reserve is never for pictures.
        Assert.InRange(ReserveBytes(disk), Reserve / 4, Reserve / 2);
        OutboxReport report = OutboxReport.Read(Path.Combine(disk.Root, "outbox"));
        Assert.InRange(report.AttachmentsRefused, 20, 40);
        Assert.Equal(40, report.AttachmentsRefused + report.AttachmentsPending);
        Assert.Equal(TestOutbox.Sha256(TestOutbox.Noise(39, 150_000)), events[^1].Attachments[0].Sha256.ToByteArray());
        outbox.Answer(events.Select(happened => TestOutbox.Ack(happened)));
        Assert.Equal(report.AttachmentsPending, outbox.AttachmentsToSend(100).Count);

        // The same picture with a later event, when there is room: then it is kept.
        disk.Free();
        outbox.Append(TestOutbox.Note("again", Lane.Decisions, Priority.Urgent, TestOutbox.Noise(39, 150_000)));
        Assert.Equal(TestOutbox.Noise(39, 150_000), outbox.Content(events[^1].Attachments[0].Sha256.ToByteArray()));
    }

    [DiskFact]
    public async Task History_makes_room_before_evidence_and_both_leave_tombstones()
    {
        using SmallDisk disk = SmallDisk.Mount(24 << 20);
        await using OutboxStore outbox = Open(disk, new SimulatedTime(Start));
        outbox.AppendMany([.. Enumerable.Range(0, 1000).Select(_ => TestOutbox.Trail(2000))]);
        for (var i = 0; i < 10; i++)
            outbox.Append(TestOutbox.Clip(100, TestOutbox.Noise(i, 200_000)));
        disk.Fill();
        var taken = 0;
        while (outbox.Counts.Dropped < 800)
        {
            outbox.Append(TestOutbox.Note(new string('d', 9000), Lane.Decisions));
            disk.Fill();
            Assert.True(++taken < 5000, "nothing was ever dropped");
        }
        // Room came from what was dropped, not from the reserve, which is for when nothing of it is left.
        Assert.InRange(ReserveBytes(disk), Reserve / 2, Reserve);
        var held = outbox.LeaseAll();
        Assert.Equal(10, held.Count(happened => happened is { Lane: Lane.Evidence, Tombstone: null }));
        Assert.Equal(taken, held.Count(happened => happened.Lane == Lane.Decisions));
        var stones = held.Where(happened => happened.Tombstone is not null).ToList();
        Assert.Equal(outbox.Counts.Dropped, stones.Sum(stone => (long)(stone.Tombstone.ToNumber - stone.Tombstone.FromNumber + 1)));
    }

    [DiskFact]
    public async Task Opened_after_a_crash_with_the_reserve_out_it_knows_that_the_disk_is_full_and_still_takes_decisions()
    {
        using SmallDisk disk = SmallDisk.Mount(24 << 20);
        var clock = new SimulatedTime(Start);
        await using (OutboxStore before = Open(disk, clock))
        {
            before.AppendMany([.. Enumerable.Range(0, 300).Select(_ => TestOutbox.Trail(1000))]);
            disk.Fill();
            await UntilFullAsync(before);
        }
        disk.Fill();
        await using OutboxStore outbox = Open(disk, clock);
        Assert.Null(outbox.Quarantine);
        Assert.NotNull(outbox.DiskFullSince);
        Assert.Throws<OutboxException>(() => outbox.Append(TestOutbox.Trail()));
        outbox.Migrate("other", ["CREATE TABLE other (key INTEGER PRIMARY KEY) STRICT"]);
        outbox.Write((connection, transaction) => Dapper.SqlMapper.Execute(connection, "INSERT INTO other VALUES (1)", transaction: transaction));
        for (var i = 0; i < 300; i++)
            outbox.Append(TestOutbox.Note(new string('d', 2000), Lane.Decisions));
        disk.Free();
        clock.Advance(TimeSpan.FromSeconds(6));
        await Eventually.HoldsAsync(() => outbox.DiskFullSince is null, "the disk has room");
    }

    [DiskFact]
    public void On_a_disk_that_was_full_before_there_was_an_outbox_opening_says_so_in_one_sentence()
    {
        using SmallDisk disk = SmallDisk.Mount(8 << 20);
        Directory.CreateDirectory(Path.Combine(disk.Root, "outbox"));
        disk.Fill();
        var refused = Assert.Throws<OutboxException>(() => Open(disk, new SimulatedTime(Start)));
        Assert.Equal("disk_full", refused.Code);
        disk.Free();
        Assert.Equal(0, Open(disk, new SimulatedTime(Start)).Counts.Pending);
    }

    [DiskFact]
    public async Task Without_a_reserve_decisions_fail_on_a_full_disk_and_nothing_that_was_taken_is_lost()
    {
        using SmallDisk disk = SmallDisk.Mount(16 << 20);
        await using OutboxStore outbox = Open(disk, new SimulatedTime(Start), reserveBytes: 0);
        disk.Fill();
        var taken = 0;
        var refused = Assert.Throws<OutboxException>(() =>
        {
            for (; taken < 20_000; taken++)
                outbox.Append(TestOutbox.Note(new string('d', 2000), Lane.Decisions));
        });
        Assert.Equal("disk_full", refused.Code);
        Assert.Equal(taken, outbox.Counts.Pending);
        disk.Free();
        outbox.Append(TestOutbox.Note("decision", Lane.Decisions));
    }

    [Fact]
    public void The_reserve_has_a_range()
    {
        var options = new OutboxOptions { Directory = "somewhere", ReserveBytes = 1000 };
        Assert.Equal(["Outbox.ReserveBytes is 1000; 0, or 1048576 to 1073741824."], options.Faults());
        Assert.Empty((options with { ReserveBytes = 0 }).Faults());
    }

    private static OutboxStore Open(SmallDisk disk, TimeProvider clock, long reserveBytes = Reserve, ILoggerFactory? loggers = null) => OutboxStore.Open(
        new OutboxOptions { Directory = Path.Combine(disk.Root, "outbox"), ReserveBytes = reserveBytes }, TestOutbox.Seal, clock, loggers);

    private static long ReserveBytes(SmallDisk disk) => new FileInfo(Path.Combine(disk.Root, "outbox", "reserve")).Length;

    private static async Task UntilFullAsync(OutboxStore outbox)
    {
        // The log and the database's free pages take some before the disk is met.
        for (var i = 0; outbox.DiskFullSince is null; i++)
        {
            try
            {
                outbox.Append(TestOutbox.Trail(20_000));
            }
            catch (OutboxException e) when (e.Code == "disk_full")
            {
                break;
            }
            Assert.True(i < 5000, "the disk was never met");
        }
        outbox.Append(TestOutbox.Note("decision", Lane.Decisions));
        await Task.Yield();
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<int> Ids { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Ids)
                Ids.Add(eventId.Id);
        }

        public void Dispose()
        {
        }
    }
}
