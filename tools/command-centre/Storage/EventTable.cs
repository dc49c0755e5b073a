using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Reads of what units reported.</summary>
internal sealed class EventTable(CentreDatabase database, Sealing sealing)
{
    /// <summary>For <see cref="LatestOf"/> of what each unit tells most often.</summary>
    public const string HealthSchema = "CREATE INDEX events_health ON events (unit_id, captured_at) WHERE kind = 'unit_health';";

    private const string Columns =
        "event_id AS EventId, unit_id AS UnitId, received_at AS ReceivedAt, signature_valid AS SignatureValid, payload AS Payload";

    /// <summary>The newest of a kind, oldest first.</summary>
    public IReadOnlyList<StoredEvent> Newest(string kind, int count) => database.Read(c => c.Query<Row>(
        $"SELECT * FROM (SELECT seq, {Columns} FROM events WHERE kind = @kind AND erased_at IS NULL ORDER BY seq DESC LIMIT @count) AS newest ORDER BY seq", new { kind, count }))
        .Select(Opened).ToList();

    public IReadOnlyList<StoredEvent> NewestOf(string unitId, string kind, int count) => database.Read(c => c.Query<Row>(
        $"SELECT * FROM (SELECT seq, {Columns} FROM events WHERE kind = @kind AND unit_id = @unitId AND erased_at IS NULL ORDER BY seq DESC LIMIT @count) AS newest ORDER BY seq",
        new { unitId, kind, count })).Select(Opened).ToList();

    /// <summary>The one of a kind that was captured last, whenever it came: cars send history newest first.</summary>
    public StoredEvent? LatestOf(string unitId, string kind) => database.Read(c => c.QueryFirstOrDefault<Row>(
        $"SELECT {Columns} FROM events WHERE kind = @kind AND unit_id = @unitId AND erased_at IS NULL ORDER BY captured_at DESC, seq DESC LIMIT 1", new { unitId, kind })) is { } row ? Opened(row) : null;

    /// <summary>Of a kind, captured within a time, newest first; of one unit, or of all ("").</summary>
    public IReadOnlyList<StoredEvent> Within(string kind, long fromUnixMs, long toUnixMs, string unitId, int most) => database.Read(c => c.Query<Row>(
        $"""
        SELECT {Columns} FROM events WHERE kind = @kind AND captured_at BETWEEN @fromUnixMs AND @toUnixMs AND (@unitId = '' OR unit_id = @unitId) AND erased_at IS NULL
        ORDER BY seq DESC LIMIT @most
        """,
        new { kind, fromUnixMs, toUnixMs, unitId, most })).Select(Opened).ToList();

    public StoredEvent? Find(Guid eventId) => database.Read(c => c.QuerySingleOrDefault<Row>(
        $"SELECT {Columns} FROM events WHERE event_id = @id AND erased_at IS NULL", new { id = Uuid7.ToBytes(eventId) })) is { } row ? Opened(row) : null;

    /// <summary>Of a kind, in the order in which they came; null for one that was erased meanwhile.</summary>
    public IReadOnlyList<(long Seq, StoredEvent? Event)> After(string kind, long seq, int count) => database.Read(c => c.Query<Row>(
        $"SELECT seq AS Seq, {Columns}, erased_at AS ErasedAt FROM events WHERE kind = @kind AND seq > @seq ORDER BY seq LIMIT @count", new { kind, seq, count }))
        .Select(row => (row.Seq, row.ErasedAt is null ? Opened(row) : null)).ToList();

    /// <summary>The car's watermark for each of its lanes: everything up to there is on disk here.</summary>
    public static IReadOnlyList<LaneWatermark> Watermarks(DbConnection connection, string unitId, byte[] incarnation) =>
        connection.Query<(int Lane, long Number)>(
            """
            SELECT l.lane, coalesce((SELECT min(from_number) - 1 FROM missing m
                                     WHERE m.unit_id = l.unit_id AND m.incarnation = l.incarnation AND m.lane = l.lane), l.highest)
            FROM lanes l WHERE l.unit_id = @unitId AND l.incarnation = @incarnation
            """,
            new { unitId, incarnation })
        .Select(lane => new LaneWatermark { Lane = (Lane)lane.Lane, Number = (ulong)lane.Number, Incarnation = ByteString.CopyFrom(incarnation) })
        .ToList();

    public static IReadOnlyList<(int Lane, long From, long To, long NoticedAt)> Missing(DbConnection connection, string unitId, byte[] incarnation) =>
        connection.Query<(int, long, long, long)>(
            """
            SELECT lane, from_number, to_number, noticed_at FROM missing
            WHERE unit_id = @unitId AND incarnation = @incarnation ORDER BY lane, from_number LIMIT 64
            """,
            new { unitId, incarnation }).AsList();

    private StoredEvent Opened(Row row) => new(
        Uuid7.ToGuid(row.EventId),
        row.UnitId,
        row.ReceivedAt,
        Event.Parser.ParseFrom(sealing.Open(row.Payload)),
        row.SignatureValid is { } valid ? valid != 0 : null);

    private sealed record Row
    {
        public long Seq { get; init; }
        public long? ErasedAt { get; init; }
        public byte[] EventId { get; init; } = [];
        public string UnitId { get; init; } = "";
        public long ReceivedAt { get; init; }
        public long? SignatureValid { get; init; }
        public byte[] Payload { get; init; } = [];
    }
}
