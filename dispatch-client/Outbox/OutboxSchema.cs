using Dapper;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>The database file: opening, checking and migrating it.</summary>
internal static class OutboxSchema
{
    public const string FileName = "events.db";
    private const string Component = "outbox";

    /// <summary>Numbered from 1; what was released is never edited, only followed.</summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE store (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT;
        CREATE TABLE lanes (
            lane INTEGER PRIMARY KEY,
            next_number INTEGER NOT NULL,
            watermark INTEGER NOT NULL DEFAULT 0) STRICT;
        CREATE TABLE events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            lane INTEGER NOT NULL,
            number INTEGER NOT NULL,
            priority INTEGER NOT NULL,
            state INTEGER NOT NULL,
            held INTEGER NOT NULL DEFAULT 0,
            captured_at_unix_ms INTEGER NOT NULL,
            appended_at_unix_ms INTEGER NOT NULL,
            size_bytes INTEGER NOT NULL,
            covers_from INTEGER,
            covers_to INTEGER,
            code TEXT,
            detail TEXT,
            payload BLOB NOT NULL,
            UNIQUE (lane, number)) STRICT;
        CREATE INDEX events_queue ON events (state, priority, seq, size_bytes);
        CREATE TABLE files (
            sha256 BLOB PRIMARY KEY,
            size_bytes INTEGER NOT NULL,
            stored_bytes INTEGER NOT NULL) STRICT;
        CREATE TABLE attachments (
            event_seq INTEGER NOT NULL REFERENCES events (seq) ON DELETE CASCADE,
            sha256 BLOB NOT NULL REFERENCES files (sha256),
            state INTEGER NOT NULL,
            reference BLOB NOT NULL,
            code TEXT,
            detail TEXT,
            PRIMARY KEY (event_seq, sha256)) STRICT, WITHOUT ROWID;
        CREATE INDEX attachments_file ON attachments (sha256);
        CREATE INDEX attachments_state ON attachments (state, event_seq);
        """,
    ];

    /// <summary>Opens the database for writing, checks every page, and migrates it.</summary>
    /// <exception cref="SqliteException">Among others: corrupt, or no database at all.</exception>
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            ForeignKeys = true,
        }.ToString());
        try
        {
            connection.Open();
            connection.Execute("""
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA secure_delete = ON;
                PRAGMA journal_size_limit = 67108864;
                """);
            if (connection.ExecuteScalar<string>("PRAGMA quick_check(1)") is var verdict and not "ok")
                throw new SqliteException($"quick_check: {verdict}", SqliteError.Corrupt);
            Migrate(connection, Component, Migrations);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Brings one component's tables to its newest version, each step in a transaction of its own.</summary>
    /// <exception cref="OutboxException">newer_schema: a later program wrote this file.</exception>
    public static void Migrate(SqliteConnection connection, string component, IReadOnlyList<string> scripts)
    {
        connection.Execute("CREATE TABLE IF NOT EXISTS schema_version (component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT");
        var version = connection.ExecuteScalar<int?>("SELECT version FROM schema_version WHERE component = @component", new { component }) ?? 0;
        if (version > scripts.Count)
            throw new OutboxException("newer_schema", $"{connection.DataSource}: the tables of '{component}' are of version {version}, this program knows {scripts.Count}. Use the newer program.");
        for (var next = version; next < scripts.Count; next++)
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(scripts[next], transaction: transaction);
            connection.Execute(
                "INSERT INTO schema_version VALUES (@component, @version) ON CONFLICT (component) DO UPDATE SET version = excluded.version",
                new { component, version = next + 1 }, transaction);
            transaction.Commit();
        }
    }
}

/// <summary>SQLite's primary result codes that mean something to us.</summary>
internal static class SqliteError
{
    public const int Corrupt = 11;
    public const int Full = 13;
    public const int NotADatabase = 26;
}

/// <summary>States of a row of events.</summary>
internal enum EventState
{
    Pending = 0,
    Acknowledged = 1,
    Refused = 2,
}

/// <summary>States of a row of attachments.</summary>
internal enum AttachmentState
{
    Pending = 0,
    Delivered = 1,
    Refused = 2,
}
