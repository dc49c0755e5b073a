using Dapper;
using EdgeAgent.DispatchClient.Outbox;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class OutboxFileTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_second_writer_is_turned_away()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        Assert.Equal("in_use", Assert.Throws<OutboxException>(() => TestOutbox.Open(directory.Path)).Code);
    }

    [Fact]
    public async Task Another_key_is_told_apart_from_damage()
    {
        await using (var outbox = TestOutbox.Open(directory.Path))
            outbox.Append(TestOutbox.Note("a"));
        var other = PayloadSeal.AesGcm(new byte[32]);
        var options = new OutboxOptions { Directory = directory.Path };
        Assert.Equal("wrong_key", Assert.Throws<OutboxException>(() => OutboxStore.Open(options, other, TimeProvider.System)).Code);
        await using (var outbox = TestOutbox.Open(directory.Path))
            Assert.Equal(1, outbox.Counts.Pending);
    }

    [Fact]
    public async Task A_file_of_a_later_program_is_left_alone()
    {
        await using (var outbox = TestOutbox.Open(directory.Path))
            outbox.Write((connection, transaction) => connection.Execute("UPDATE schema_version SET version = 99", transaction: transaction));
        Assert.Equal("newer_schema", Assert.Throws<OutboxException>(() => TestOutbox.Open(directory.Path)).Code);
        Assert.Empty(Directory.EnumerateDirectories(directory.Path, "quarantine*"));
    }

    [Theory]
    [InlineData("all of it")]
    [InlineData("header")]
    [InlineData("one page")]
    public async Task A_damaged_file_is_put_aside_whole_and_named(string damage)
    {
        byte[] before;
        await using (var outbox = TestOutbox.Open(directory.Path))
        {
            before = outbox.Incarnation;
            outbox.AppendMany([.. Enumerable.Range(0, 500).Select(i => TestOutbox.Note(new string('x', 500)))]);
            outbox.Append(TestOutbox.Clip(10, [1, 2, 3]));
        }
        var file = directory.At("events.db");
        var bytes = File.ReadAllBytes(file);
        var (from, length) = damage switch { "all of it" => (0, bytes.Length), "header" => (0, 100), _ => (4096 * 20, 4096) };
        new Random(1).NextBytes(bytes.AsSpan(from, length));
        File.WriteAllBytes(file, bytes);

        await using var fresh = TestOutbox.Open(directory.Path);
        Assert.NotNull(fresh.Quarantine);
        Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(fresh.Quarantine, "events.db")));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(fresh.Quarantine, "attachments")));
        Assert.NotEqual(before, fresh.Incarnation);
        Assert.Equal(1UL, fresh.Append(TestOutbox.Note("goes on")).Number);
    }

    [Fact]
    public async Task An_event_that_cannot_be_opened_is_parked_and_the_others_leave()
    {
        await using (var outbox = TestOutbox.Open(directory.Path))
        {
            outbox.AppendMany([TestOutbox.Note("a"), TestOutbox.Note("b"), TestOutbox.Note("c")]);
            outbox.Write((connection, transaction) => connection.Execute("UPDATE events SET payload = zeroblob(80) WHERE number = 2", transaction: transaction));
            // Another event's payload in this one's place is found too: the sealed bytes hold the id.
            outbox.Write((connection, transaction) => connection.Execute(
                "UPDATE events SET payload = (SELECT payload FROM events WHERE number = 3) WHERE number = 1", transaction: transaction));
            Assert.Equal(["c"], outbox.LeaseAll().Select(happened => happened.CallStep.Text));
            Assert.Equal(["unreadable", "unreadable"], outbox.Refused.Select(refused => refused.Code));
        }
    }

    [Fact]
    public async Task Attachments_are_stored_once_sealed_and_readable_from_any_offset()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        var content = TestOutbox.Noise(3, (AttachmentFiles.SegmentBytes * 2) + 100);
        var happened = outbox.Append(TestOutbox.Clip(10, content, content));
        outbox.Append(TestOutbox.Clip(10, content));
        Assert.Single(happened.Attachments);
        var file = Assert.Single(Directory.EnumerateFiles(directory.At("attachments")));
        Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(content.AsSpan(0, 64)) < 0);
        var sha256 = TestOutbox.Sha256(content);
        foreach (var offset in (int[])[0, 1, AttachmentFiles.SegmentBytes - 1, AttachmentFiles.SegmentBytes, (2 * AttachmentFiles.SegmentBytes) + 99, content.Length])
            Assert.Equal(content[offset..], outbox.Content(sha256, offset));
    }

    [Fact]
    public async Task A_damaged_attachment_is_found_while_it_is_read()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        var content = TestOutbox.Noise(3, 100_000);
        outbox.Append(TestOutbox.Clip(10, content));
        var file = Directory.EnumerateFiles(directory.At("attachments")).Single();
        var stored = File.ReadAllBytes(file);
        stored[50_000] ^= 1;
        File.WriteAllBytes(file, stored);
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => outbox.Content(TestOutbox.Sha256(content)));
        File.WriteAllBytes(file, stored[..1000]);
        Assert.Throws<InvalidDataException>(() => outbox.Content(TestOutbox.Sha256(content)));
    }

    [Fact]
    public async Task A_start_sweeps_what_no_row_names_and_parks_what_has_no_file()
    {
        byte[] kept = [1], lost = [2];
        await using (var outbox = TestOutbox.Open(directory.Path))
        {
            outbox.Append(TestOutbox.Clip(10, kept));
            outbox.Append(TestOutbox.Clip(10, lost));
        }
        File.Delete(Path.Combine(directory.At("attachments"), AttachmentFiles.NameOf(TestOutbox.Sha256(lost))));
        File.WriteAllText(Path.Combine(directory.At("attachments"), "0123.new"), "half written");
        await using (var outbox = TestOutbox.Open(directory.Path))
        {
            Assert.Equal(AttachmentFiles.NameOf(TestOutbox.Sha256(kept)), Path.GetFileName(Assert.Single(Directory.EnumerateFiles(directory.At("attachments")))));
            Assert.Equal(1, outbox.Counts.AttachmentsPending);
        }
    }

    [Fact]
    public async Task The_database_is_in_the_mode_that_survives_a_power_cut()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        Assert.Equal("wal", outbox.Read(connection => connection.ExecuteScalar<string>("PRAGMA journal_mode")));
        Assert.Equal(2, outbox.Read(connection => connection.ExecuteScalar<int>("PRAGMA synchronous")));
        Assert.Equal(1, outbox.Read(connection => connection.ExecuteScalar<int>("PRAGMA secure_delete")));
        Assert.Equal(1, outbox.Read(connection => connection.ExecuteScalar<int>("PRAGMA foreign_keys")));
    }

    [Fact]
    public void Migrations_run_once_each_in_order_and_a_failed_one_leaves_the_version_before()
    {
        using var connection = new SqliteConnection($"Data Source={directory.At("m.db")};Pooling=False");
        connection.Open();
        OutboxSchema.Migrate(connection, "host", ["CREATE TABLE a (x) "]);
        OutboxSchema.Migrate(connection, "host", ["CREATE TABLE a (x) ", "ALTER TABLE a ADD COLUMN y"]);
        Assert.Throws<SqliteException>(() => OutboxSchema.Migrate(connection, "host", ["-", "-", "CREATE TABLE b (x); no sql"]));
        Assert.Equal(2, connection.ExecuteScalar<int>("SELECT version FROM schema_version WHERE component = 'host'"));
        Assert.Equal(0, connection.ExecuteScalar<int>("SELECT count(*) FROM sqlite_master WHERE name = 'b'"));
        OutboxSchema.Migrate(connection, "other", ["CREATE TABLE b (x)"]);
        Assert.Throws<OutboxException>(() => OutboxSchema.Migrate(connection, "host", ["-"]));
    }
}
