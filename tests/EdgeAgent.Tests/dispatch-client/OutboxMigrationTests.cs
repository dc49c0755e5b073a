using Dapper;
using EdgeAgent.Chaos.Disk;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>A car's outbox as the first program left it, opened by this one.</summary>
public sealed class OutboxMigrationTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Everything_is_there_in_its_order_with_its_attachments_and_states_also_after_a_cut_in_between(int batchesBeforeTheCut)
    {
        var old = MakeFirst(directory.Path, 1000, payloadBytes: 100);
        if (batchesBeforeTheCut > 0)
            MoveSome(directory.Path, batchesBeforeTheCut);
        await using var outbox = TestOutbox.Open(directory.Path);
        Assert.Null(outbox.Quarantine);
        Assert.Equal((998, 1, 1), (outbox.Counts.Pending, outbox.Counts.Acknowledged, outbox.Counts.Refused));
        Assert.Equal("odd", Assert.Single(outbox.Refused).Code);
        var leased = outbox.LeaseAll();
        var expected = old.Where((_, i) => i is not (1 or 2)).OrderBy(happened => happened.Priority).ToList();
        Assert.Equal(expected, leased);
        outbox.ReleaseLeases();
        // The one that was delivered has its attachment to go; it is kept for it, and for the hold.
        Assert.Equal(old[1].Id.ToByteArray(), Assert.Single(outbox.AttachmentsToSend(10)).EventId);
        outbox.AttachmentDelivered(TestOutbox.Sha256([7]));
        outbox.Forget(Lane.Calls, 1000);
        Assert.Equal(1, outbox.Counts.Acknowledged);
        Assert.Equal(501UL, outbox.Append(TestOutbox.Note("next")).Number);
        Assert.Equal(outbox.Counts.Bytes, outbox.Read(c => c.ExecuteScalar<long>("SELECT sum(size_bytes) FROM events") + c.ExecuteScalar<long>("SELECT coalesce(sum(stored_bytes), 0) FROM files")));
    }

    [DiskFact]
    public async Task A_full_disk_has_room_for_it()
    {
        using SmallDisk disk = SmallDisk.Mount(40 << 20);
        string path = Path.Combine(disk.Root, "outbox");
        await using (OpenOn(path))
        {
        }
        foreach (string file in Directory.EnumerateFiles(path, "events.db*"))
            File.Delete(file);
        var old = MakeFirst(path, 8000, payloadBytes: 800);
        disk.Fill();
        await using OutboxStore outbox = OpenOn(path);
        Assert.NotNull(outbox.DiskFullSince);
        Assert.Equal(7998, outbox.LeaseAll().Count(happened => happened.Tombstone is null));
        Assert.Equal(3, outbox.Read(c => c.ExecuteScalar<int>("SELECT version FROM schema_version WHERE component = 'outbox'")));
        Assert.Equal(4001UL, outbox.Append(TestOutbox.Note("next", Lane.Decisions)).Number);
    }

    private static OutboxStore OpenOn(string path) =>
        OutboxStore.Open(new OutboxOptions { Directory = path, ReserveBytes = 4 << 20 }, TestOutbox.Seal, TimeProvider.System);

    private static void MoveSome(string path, int batches)
    {
        using SqliteConnection connection = Connect(path);
        OutboxSchema.Migrate(connection, "outbox", [.. OutboxSchema.Scripts[..2]]);
        for (int i = 0; i < batches; i++)
            Assert.True(OutboxSchema.MoveRows(connection));
    }

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(path, OutboxSchema.FileName)};Pooling=False;Foreign Keys=True");
        connection.Open();
        connection.Execute("PRAGMA journal_mode = WAL");
        return connection;
    }

    /// <summary>Events in turn of calls and decisions, urgent and not; the second is delivered, held and has an attachment, the third was refused.</summary>
    private static List<Event> MakeFirst(string path, int count, int payloadBytes)
    {
        Directory.CreateDirectory(path);
        using SqliteConnection connection = Connect(path);
        OutboxSchema.Migrate(connection, "outbox", [.. OutboxSchema.Scripts[..1]]);
        var made = Enumerable.Range(0, count).Select(i => Make(i, payloadBytes)).ToList();
        using SqliteTransaction transaction = connection.BeginTransaction();
        connection.Execute(
            "INSERT INTO store VALUES ('incarnation', @incarnation), ('key_probe', @probe)",
            new { incarnation = Uuid7.New(TimeProvider.System), probe = TestOutbox.Seal.Seal("outbox"u8.ToArray()) }, transaction);
        foreach (Lane lane in (Lane[])[Lane.Calls, Lane.Decisions])
            connection.Execute("INSERT INTO lanes VALUES (@lane, @next, 0)", new { lane = (int)lane, next = (count / 2) + 1 }, transaction);
        for (int i = 0; i < count; i++)
            InsertFirst(connection, transaction, made[i], i);
        byte[] sha256 = TestOutbox.Sha256([7]);
        connection.Execute("INSERT INTO files VALUES (@sha256, 1, 40)", new { sha256 }, transaction);
        connection.Execute(
            "INSERT INTO attachments VALUES (2, @sha256, 0, @reference, NULL, NULL)",
            new { sha256, reference = new AttachmentRef { Sha256 = ByteString.CopyFrom(sha256), SizeBytes = 1 }.ToByteArray() }, transaction);
        transaction.Commit();
        var files = new AttachmentFiles(Directory.CreateDirectory(Path.Combine(path, "attachments")).FullName, TestOutbox.Seal, 1000);
        files.Adopt(files.Stage(AttachmentDraft.OfBytes(AttachmentRole.Photo, "image/jpeg", [7])));
        return made;
    }

    private static Event Make(int index, int payloadBytes) => new()
    {
        Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
        Lane = index % 2 == 0 ? Lane.Decisions : Lane.Calls,
        Number = (ulong)(index / 2) + 1,
        Priority = index % 3 == 0 ? Priority.Urgent : Priority.Normal,
        CallStep = new CallStep { Act = CallAct.Note, Text = new string('n', payloadBytes) },
    };

    private static void InsertFirst(SqliteConnection connection, SqliteTransaction transaction, Event happened, int index)
    {
        byte[] payload = TestOutbox.Seal.Seal(happened.ToByteArray());
        connection.Execute(
            """
            INSERT INTO events (id, lane, number, priority, state, held, captured_at_unix_ms, appended_at_unix_ms, size_bytes, code, detail, payload)
            VALUES (@id, @lane, @number, @priority, @state, @held, 1, 2, @size, @code, @code, @payload)
            """,
            new
            {
                id = happened.Id.ToByteArray(),
                lane = (int)happened.Lane,
                number = (long)happened.Number,
                priority = (int)happened.Priority,
                state = index is 1 or 2 ? index : 0,
                held = index == 1,
                size = payload.Length + 160,
                code = index == 2 ? "odd" : null,
                payload,
            }, transaction);
    }
}
