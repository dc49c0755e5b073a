using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;
using SQLitePCL;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>
/// The one statement that runs for every event, prepared once and bound without the provider's parameters: their look-ups and boxes
/// cost as much as the insert. Runs within whatever transaction the connection has open.
/// </summary>
internal sealed class EventInsert : IDisposable
{
    private const string Text =
        """
        INSERT INTO events (
            key, age, id, priority, state, captured_at_unix_ms, appended_at_unix_ms, size_bytes, covers_from, covers_to, payload)
        VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, ?10)
        """;

    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;

    public EventInsert(SqliteConnection connection)
    {
        database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(raw.sqlite3_prepare_v3(database, Text, raw.SQLITE_PREPARE_PERSISTENT, out statement));
    }

    /// <exception cref="SqliteException">Nothing was inserted.</exception>
    public void Run(Event happened, long age, Tombstone? covers, long appendedAtUnixMs, long sizeBytes, byte[] payload)
    {
        try
        {
            Bind(1, RowKey.Of(happened.Lane, happened.Number));
            Bind(2, age);
            Check(raw.sqlite3_bind_blob(statement, 3, happened.Id.Span));
            Bind(4, (long)happened.Priority);
            Bind(5, happened.CapturedAtUnixMs);
            Bind(6, appendedAtUnixMs);
            Bind(7, sizeBytes);
            Bind(8, (long?)covers?.FromNumber);
            Bind(9, (long?)covers?.ToNumber);
            Check(raw.sqlite3_bind_blob(statement, 10, payload));
            Check(raw.sqlite3_step(statement), raw.SQLITE_DONE);
        }
        finally
        {
            // Says again what step said.
            _ = raw.sqlite3_reset(statement);
        }
    }

    public void Dispose() => statement.Dispose();

    private void Bind(int at, long? value) =>
        Check(value is { } number ? raw.sqlite3_bind_int64(statement, at, number) : raw.sqlite3_bind_null(statement, at));

    private void Check(int code, int wanted = raw.SQLITE_OK)
    {
        if (code != wanted)
            throw new SqliteException($"SQLite Error {code & 0xFF}: '{raw.sqlite3_errmsg(database).utf8_to_string()}'.", code & 0xFF, code);
    }
}
