using System.Security.Cryptography;
using System.Text;
using Dapper;
using EdgeAgent.Contract;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>The outbox's database, opened and known to belong to this key.</summary>
/// <param name="Connection">Open, migrated.</param>
/// <param name="Reserve">Filled up as far as the disk allows.</param>
/// <param name="Quarantine">Where a damaged predecessor was put, null if there was none.</param>
internal sealed record OpenedDatabase(SqliteConnection Connection, DiskReserve Reserve, string? Quarantine)
{
    private const string LockFile = "events.lock";

    // What the log holds when SQLite begins to write it from its start again: a thousand pages.
    private const long LogBytes = 4 << 20;
    private const string QuarantinePrefix = "quarantine-";

    /// <summary>Directories of damaged predecessors, beside the database.</summary>
    public const string QuarantinePattern = QuarantinePrefix + "*";

    private static readonly byte[] KeyProbe = Encoding.ASCII.GetBytes("outbox");

    public static string PathOf(OutboxOptions options) => Path.Combine(options.Directory, OutboxSchema.FileName);

    public static string AttachmentsOf(OutboxOptions options) => Path.Combine(options.Directory, "attachments");

    /// <summary>One writer at a time; the lock ends with the process.</summary>
    /// <exception cref="OutboxException">in_use, disk_full.</exception>
    public static FileStream TakeWriterLock(OutboxOptions options)
    {
        var path = Path.Combine(options.Directory, LockFile);
        try
        {
            Directory.CreateDirectory(options.Directory);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw DiskFull.NoRoomLeft(options.Directory, e);
        }
        catch (IOException e)
        {
            throw new OutboxException("in_use", $"Another process writes to the outbox in {options.Directory}. Stop it first.", e);
        }
    }

    /// <summary>
    /// Opens the database; one that SQLite calls corrupt is moved aside whole and a new one is begun. On a full disk the reserve is
    /// given back until it opens.
    /// </summary>
    /// <exception cref="OutboxException">newer_schema, wrong_key, disk_full.</exception>
    public static OpenedDatabase Open(OutboxOptions options, PayloadSeal seal, TimeProvider time, ILogger logger)
    {
        var reserve = DiskReserve.Open(options);
        try
        {
            _ = reserve.TakeBack();
            while (true)
            {
                try
                {
                    Directory.CreateDirectory(AttachmentsOf(options));
                    var (connection, quarantine) = OpenOrBegin(options, seal, time, logger);
                    if (reserve.PieceBytes > 0)
                    {
                        OwnSpace.GrowBy(connection, reserve.PieceBytes);
                        OwnSpace.Allocate(PathOf(options) + "-wal", Math.Min(reserve.PieceBytes, LogBytes));
                    }
                    return new OpenedDatabase(connection, reserve, quarantine);
                }
                catch (Exception e) when (DiskFull.Is(e))
                {
                    if (!reserve.GiveBack())
                        throw DiskFull.NoRoomLeft(options.Directory, e);
                }
            }
        }
        catch
        {
            reserve.Dispose();
            throw;
        }
    }

    private static (SqliteConnection Connection, string? Quarantine) OpenOrBegin(
        OutboxOptions options, PayloadSeal seal, TimeProvider time, ILogger logger)
    {
        var path = PathOf(options);
        string? quarantine = null;
        SqliteConnection connection;
        try
        {
            connection = OutboxSchema.Open(path);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is SqliteError.Corrupt or SqliteError.NotADatabase)
        {
            quarantine = MoveAside(options, time);
            OutboxLog.Quarantined(logger, e.Message, quarantine);
            connection = OutboxSchema.Open(path);
        }
        try
        {
            Begin(connection, seal, time);
            CheckKey(connection, seal, path);
            return (connection, quarantine);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Begin(SqliteConnection connection, PayloadSeal seal, TimeProvider time)
    {
        if (connection.ExecuteScalar<long>("SELECT count(*) FROM store WHERE key = 'incarnation'") > 0)
            return;
        using var transaction = connection.BeginTransaction();
        connection.Execute(
            "INSERT INTO store VALUES ('incarnation', @incarnation), ('key_probe', @probe)",
            new { incarnation = Uuid7.New(time), probe = seal.Seal(KeyProbe) }, transaction);
        transaction.Commit();
    }

    private static void CheckKey(SqliteConnection connection, PayloadSeal seal, string path)
    {
        var probe = connection.ExecuteScalar<byte[]>("SELECT value FROM store WHERE key = 'key_probe'")!;
        try
        {
            if (seal.Open(probe).AsSpan().SequenceEqual(KeyProbe))
                return;
        }
        catch (CryptographicException)
        {
            // Said below: the same fault as another plain text.
        }
        throw new OutboxException("wrong_key", $"{path} was sealed under another key; its events cannot be read with this one.");
    }

    private static string MoveAside(OutboxOptions options, TimeProvider time)
    {
        var quarantine = Path.Combine(options.Directory, $"{QuarantinePrefix}{time.GetUtcNow():yyyyMMdd'T'HHmmss'.'fff}");
        Directory.CreateDirectory(quarantine);
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            var file = PathOf(options) + suffix;
            if (File.Exists(file))
                File.Move(file, Path.Combine(quarantine, Path.GetFileName(file)));
        }
        if (Directory.Exists(AttachmentsOf(options)))
            Directory.Move(AttachmentsOf(options), Path.Combine(quarantine, Path.GetFileName(AttachmentsOf(options))));
        return quarantine;
    }
}
