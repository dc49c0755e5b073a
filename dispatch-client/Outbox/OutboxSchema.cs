using Dapper;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

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
        // A row's key is its lane and number, so that neither they nor the id need an index of their own. Age is the order in
        // which rows came.
        """
        CREATE TABLE next_events (
            key INTEGER PRIMARY KEY,
            lane INTEGER GENERATED ALWAYS AS (key >> 48) VIRTUAL,
            number INTEGER GENERATED ALWAYS AS (key & 0xFFFFFFFFFFFF) VIRTUAL,
            age INTEGER NOT NULL,
            id BLOB NOT NULL,
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
            payload BLOB NOT NULL) STRICT;
        CREATE INDEX events_waiting ON next_events (state, priority, age);
        CREATE INDEX events_tombstones ON next_events (covers_to) WHERE covers_to IS NOT NULL;
        CREATE TABLE next_attachments (
            event_key INTEGER NOT NULL REFERENCES next_events (key) ON DELETE CASCADE,
            sha256 BLOB NOT NULL REFERENCES files (sha256),
            state INTEGER NOT NULL,
            reference BLOB NOT NULL,
            code TEXT,
            detail TEXT,
            PRIMARY KEY (event_key, sha256)) STRICT, WITHOUT ROWID;
        CREATE INDEX attachments_by_file ON next_attachments (sha256);
        CREATE INDEX attachments_by_state ON next_attachments (state, event_key);
        """,
        // Runs once MoveRows has emptied the old tables.
        """
        DROP TABLE attachments;
        DROP TABLE events;
        ALTER TABLE next_events RENAME TO events;
        ALTER TABLE next_attachments RENAME TO attachments;
        """,
    ];

    private const string Moved =
        "id, priority, state, held, captured_at_unix_ms, appended_at_unix_ms, size_bytes, covers_from, covers_to, code, detail, payload";

    private const int MoveFirst = 2; // Before the script of this index.
    private const int MovedAtOnce = 200;

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
            Migrate(connection, Component, Migrations, next =>
            {
                if (next == MoveFirst)
                    while (MoveRows(connection))
                        connection.Execute("PRAGMA wal_checkpoint(RESTART)");
            });
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    internal static ReadOnlySpan<string> Scripts => Migrations;

    /// <summary>
    /// Takes the oldest rows over into the next tables, so few at a time that a full disk has room for them: the pages that they
    /// leave are the next ones' place. A cut in between leaves the rest for the next start.
    /// </summary>
    /// <returns>False when none was left.</returns>
    internal static bool MoveRows(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction();
        var last = connection.ExecuteScalar<long?>(
            "SELECT max(seq) FROM (SELECT seq FROM events ORDER BY seq LIMIT @MovedAtOnce)", new { MovedAtOnce }, transaction);
        if (last is null)
            return false;
        connection.Execute(
            $"""
            INSERT INTO next_events (key, age, {Moved}) SELECT (lane << 48) | number, seq, {Moved} FROM events WHERE seq <= @last;
            INSERT INTO next_attachments
                SELECT (e.lane << 48) | e.number, a.sha256, a.state, a.reference, a.code, a.detail
                FROM attachments a JOIN events e ON e.seq = a.event_seq WHERE e.seq <= @last;
            DELETE FROM events WHERE seq <= @last;
            """,
            new { last }, transaction);
        transaction.Commit();
        return true;
    }

    /// <summary>Brings one component's tables to its newest version, each step in a transaction of its own.</summary>
    /// <param name="connection">Open.</param>
    /// <param name="component">Whose tables.</param>
    /// <param name="scripts">Numbered from 1.</param>
    /// <param name="before">Called with the index of each script that is about to run; may be called again for the same one.</param>
    /// <exception cref="OutboxException">newer_schema: a later program wrote this file.</exception>
    public static void Migrate(SqliteConnection connection, string component, IReadOnlyList<string> scripts, Action<int>? before = null)
    {
        connection.Execute("CREATE TABLE IF NOT EXISTS schema_version (component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT");
        var version = connection.ExecuteScalar<int?>("SELECT version FROM schema_version WHERE component = @component", new { component }) ?? 0;
        if (version > scripts.Count)
            throw new OutboxException("newer_schema", $"{connection.DataSource}: the tables of '{component}' are of version {version}, this program knows {scripts.Count}. Use the newer program.");
        for (var next = version; next < scripts.Count; next++)
        {
            before?.Invoke(next);
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

/// <summary>The key of a row of events: its lane above, its number below.</summary>
internal static class RowKey
{
    private const int NumberBits = 48;

    public static long Of(Lane lane, ulong number) => ((long)lane << NumberBits) | checked((long)Math.Min(number, (1UL << NumberBits) - 1));
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
