using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;
using SQLitePCL;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>A row of events as it is inserted.</summary>
internal readonly record struct EventRow(Event Event, byte[] Payload, long Age, long AppendedAtUnixMs, long SizeBytes, Tombstone? Covers);

/// <summary>
/// The statement that runs for every event, prepared once for one row and once for many, and bound without the provider's parameters:
/// their look-ups and boxes cost as much as the insert, and a row among many costs less than one alone. Runs within whatever transaction
/// the connection has open.
/// </summary>
internal sealed class EventInsert : IDisposable
{
    private const int Many = 20;
    private const string Row = "(?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)";
    private const string Into =
        """
        INSERT INTO events (
            key, age, id, priority, state, captured_at_unix_ms, appended_at_unix_ms, size_bytes, covers_from, covers_to, payload)
        VALUES
        """;

    private readonly sqlite3 database;
    private readonly sqlite3_stmt one;
    private readonly sqlite3_stmt many;

    public EventInsert(SqliteConnection connection)
    {
        database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        one = Prepared(1);
        many = Prepared(Many);
    }

    /// <exception cref="SqliteException">The transaction has to be given up.</exception>
    public void Run(ReadOnlySpan<EventRow> rows)
    {
        for (; rows.Length >= Many; rows = rows[Many..])
            Run(many, rows[..Many]);
        for (; rows.Length > 0; rows = rows[1..])
            Run(one, rows[..1]);
    }

    public void Dispose()
    {
        one.Dispose();
        many.Dispose();
    }

    private sqlite3_stmt Prepared(int rows)
    {
        var text = $"{Into} {string.Join(", ", Enumerable.Repeat(Row, rows))}";
        Check(raw.sqlite3_prepare_v3(database, text, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        return statement;
    }

    private void Run(sqlite3_stmt statement, ReadOnlySpan<EventRow> rows)
    {
        try
        {
            var at = 0;
            foreach (ref readonly var row in rows)
                Bind(statement, ref at, row);
            Check(raw.sqlite3_step(statement), raw.SQLITE_DONE);
        }
        finally
        {
            // Says again what step said.
            _ = raw.sqlite3_reset(statement);
        }
    }

    private void Bind(sqlite3_stmt statement, ref int at, in EventRow row)
    {
        var happened = row.Event;
        Check(raw.sqlite3_bind_int64(statement, ++at, RowKey.Of(happened.Lane, happened.Number)));
        Check(raw.sqlite3_bind_int64(statement, ++at, row.Age));
        Check(raw.sqlite3_bind_blob(statement, ++at, happened.Id.Span));
        Check(raw.sqlite3_bind_int64(statement, ++at, (long)happened.Priority));
        Check(raw.sqlite3_bind_int64(statement, ++at, happened.CapturedAtUnixMs));
        Check(raw.sqlite3_bind_int64(statement, ++at, row.AppendedAtUnixMs));
        Check(raw.sqlite3_bind_int64(statement, ++at, row.SizeBytes));
        Bind(statement, ++at, row.Covers?.FromNumber);
        Bind(statement, ++at, row.Covers?.ToNumber);
        Check(raw.sqlite3_bind_blob(statement, ++at, row.Payload));
    }

    private void Bind(sqlite3_stmt statement, int at, ulong? value) =>
        Check(value is { } number ? raw.sqlite3_bind_int64(statement, at, (long)number) : raw.sqlite3_bind_null(statement, at));

    private void Check(int code, int wanted = raw.SQLITE_OK)
    {
        if (code != wanted)
            throw new SqliteException($"SQLite Error {code & 0xFF}: '{raw.sqlite3_errmsg(database).utf8_to_string()}'.", code & 0xFF, code);
    }
}
