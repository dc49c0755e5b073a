using Dapper;
using EdgeAgent.Contract;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>How many events of one lane are where.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Appended">Ever, in this incarnation.</param>
/// <param name="Pending">Not yet acknowledged.</param>
/// <param name="Acknowledged">Delivered and still kept.</param>
/// <param name="Refused">Parked.</param>
public sealed record LaneReport(Lane Lane, long Appended, long Pending, long Acknowledged, long Refused)
{
    /// <summary>Let go: delivered and past the centre's watermark, or dropped for space.</summary>
    public long Forgotten => Appended - Pending - Acknowledged - Refused;
}

/// <summary>One event without what it says.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Lane">Its lane.</param>
/// <param name="Number">Its number in the lane.</param>
/// <param name="State">pending, acked or refused.</param>
/// <param name="CapturedAtUnixMs">When it happened.</param>
/// <param name="Code">Why it was refused, else null.</param>
/// <param name="Detail">The sentence to that, else null.</param>
public sealed record EventReport(Guid Id, Lane Lane, ulong Number, string State, long CapturedAtUnixMs, string? Code, string? Detail);

/// <summary>
/// An outbox looked at from outside, while its writer runs or not: needs no key and shows nothing that events say.
/// </summary>
/// <param name="Incarnation">Names the outbox, hexadecimal.</param>
/// <param name="Lanes">A row a lane.</param>
/// <param name="AttachmentsPending">Not yet delivered.</param>
/// <param name="AttachmentsRefused">Parked, their file lost or not taken.</param>
/// <param name="Bytes">Of events and attachments, as stored.</param>
/// <param name="Dropped">Events deleted before they could be sent.</param>
/// <param name="Refused">What the centre would not take, oldest first, at most 1,000.</param>
/// <param name="Quarantines">Directories of damaged predecessors.</param>
public sealed record OutboxReport(
    string Incarnation,
    IReadOnlyList<LaneReport> Lanes,
    long AttachmentsPending,
    long AttachmentsRefused,
    long Bytes,
    long Dropped,
    IReadOnlyList<EventReport> Refused,
    IReadOnlyList<string> Quarantines)
{
    /// <summary>Events and attachments that the centre does not have yet.</summary>
    public long Waiting => Lanes.Sum(lane => lane.Pending) + AttachmentsPending;

    private const string Columns = "SELECT id, lane, number, state, captured_at_unix_ms, code, detail FROM events";

    public static bool IsThere(string directory) => File.Exists(Path.Combine(directory, OutboxSchema.FileName));

    /// <summary>What SQLite's quick check finds wrong in the file; "": nothing.</summary>
    /// <exception cref="FileNotFoundException">There is no outbox in this directory.</exception>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    public static string Damage(string directory)
    {
        using var connection = OpenForReading(directory);
        string first = connection.QueryFirst<string>("PRAGMA quick_check(1)");
        return first == "ok" ? "" : first;
    }

    /// <exception cref="FileNotFoundException">There is no outbox in this directory.</exception>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    public static OutboxReport Read(string directory)
    {
        using var connection = OpenForReading(directory);
        using var instant = connection.BeginTransaction(deferred: true);
        var lanes = connection.Query<(long Lane, long Next, long? Pending, long? Acknowledged, long? Refused)>(
            """
            SELECT l.lane, max(l.next_number, coalesce(max(e.number) + 1, 0)), sum(e.state = 0), sum(e.state = 1), sum(e.state = 2)
            FROM lanes l LEFT JOIN events e ON e.lane = l.lane GROUP BY l.lane ORDER BY l.lane
            """);
        return new OutboxReport(
            Convert.ToHexStringLower(connection.ExecuteScalar<byte[]>("SELECT value FROM store WHERE key = 'incarnation'") ?? []),
            [.. lanes.Select(row => new LaneReport((Lane)row.Lane, row.Next - 1, row.Pending ?? 0, row.Acknowledged ?? 0, row.Refused ?? 0))],
            connection.ExecuteScalar<long>("SELECT count(*) FROM attachments WHERE state = 0"),
            connection.ExecuteScalar<long>("SELECT count(*) FROM attachments WHERE state = 2"),
            connection.ExecuteScalar<long>(
                "SELECT (SELECT coalesce(sum(size_bytes), 0) FROM events) + (SELECT coalesce(sum(stored_bytes), 0) FROM files)"),
            connection.ExecuteScalar<long?>("SELECT value FROM store WHERE key = 'dropped'") ?? 0,
            [.. Events(connection, $"{Columns} WHERE state = 2 ORDER BY {Order(connection)} LIMIT 1000")],
            [.. Directory.EnumerateDirectories(directory, OpenedDatabase.QuarantinePattern).Order()]);
    }

    /// <summary>Every event that is held, oldest first.</summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<EventReport> ReadEvents(string directory)
    {
        using var connection = OpenForReading(directory);
        return [.. Events(connection, $"{Columns} ORDER BY {Order(connection)}")];
    }

    private static IEnumerable<EventReport> Events(SqliteConnection connection, string query) =>
        connection.Query<(byte[] Id, long Lane, long Number, long State, long Captured, string? Code, string? Detail)>(query)
            .Select(row => new EventReport(
                Uuid7.ToGuid(row.Id),
                (Lane)row.Lane,
                (ulong)row.Number,
                (EventState)row.State switch { EventState.Pending => "pending", EventState.Acknowledged => "acked", _ => "refused" },
                row.Captured,
                row.Code,
                row.Detail));

    // A file that the newer program has not opened yet says it by another name.
    private static string Order(SqliteConnection connection) =>
        connection.ExecuteScalar<long>("SELECT count(*) FROM pragma_table_xinfo('events') WHERE name = 'age'") > 0 ? "age" : "seq";

    private static SqliteConnection OpenForReading(string directory)
    {
        var path = Path.Combine(directory, OutboxSchema.FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no outbox in {directory}.", path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        connection.Open();
        return connection;
    }
}
