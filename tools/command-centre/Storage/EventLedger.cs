using System.Data.Common;
using System.Text.Json.Serialization;
using Dapper;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>A unit's account: what is here, what is not, and what came more often than once.</summary>
internal sealed record UnitLedger
{
    public required string UnitId { get; init; }

    /// <summary>Rows.</summary>
    public long Events { get; init; }

    /// <summary>Different ids among them; the table allows no other number than <see cref="Events"/>.</summary>
    public long DistinctIds { get; init; }
    public long DuplicatesAttempted { get; init; }
    public long MissingNumbers { get; init; }
    public long RefusedEvents { get; init; }
    public required IReadOnlyDictionary<string, long> Kinds { get; init; }
    public required IReadOnlyList<LaneAccount> Lanes { get; init; }
    public required IReadOnlyList<RefusedAccount> Refused { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Ids { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DecisionAccount>? Decisions { get; init; }
}

internal sealed record LaneAccount(string Incarnation, string Lane, long Stored, long Highest, IReadOnlyList<long[]> Missing);

internal sealed record RefusedAccount(string EventId, string Lane, long Number, string Code, string Detail);

internal sealed record DecisionAccount(string EventId, string DecisionId, string AlertId, string Verdict, bool SignatureValid);

/// <summary>The books of the centre, for people and for those who prove that nothing is lost or doubled.</summary>
internal sealed class EventLedger(CentreDatabase database, Sealing sealing)
{
    private const int MostRefusedShown = 1000;

    public IReadOnlyList<UnitLedger> Units(string? only, bool withIds, bool withDecisions) =>
        database.Snapshot(transaction => transaction.Connection!
            .Query<string>("SELECT unit_id FROM units WHERE @only IS NULL OR unit_id = @only ORDER BY unit_id", new { only }, transaction)
            .Select(unitId => Unit(transaction, unitId, withIds, withDecisions)).ToList());

    /// <summary>How many alerts the officers of each unit decided in a span, by their clocks.</summary>
    public IReadOnlyList<(string UnitId, long Count)> Decided(long fromUnixMs, long toUnixMs) => database.Read(c => c.Query<(string, long)>(
        "SELECT unit_id, count(*) FROM events WHERE kind = 'alert_decided' AND received_at >= @fromUnixMs AND captured_at >= @fromUnixMs AND captured_at < @toUnixMs GROUP BY unit_id ORDER BY unit_id",
        new { fromUnixMs, toUnixMs }).AsList());

    private UnitLedger Unit(DbTransaction transaction, string unitId, bool withIds, bool withDecisions)
    {
        var connection = transaction.Connection!;
        var (events, distinct) = connection.QuerySingle<(long, long)>(
            "SELECT count(*), count(DISTINCT event_id) FROM events WHERE unit_id = @unitId", new { unitId }, transaction);
        var lanes = Lanes(transaction, unitId);
        return new UnitLedger
        {
            UnitId = unitId,
            Events = events,
            DistinctIds = distinct,
            DuplicatesAttempted = connection.ExecuteScalar<long>(
                "SELECT duplicates_attempted FROM units WHERE unit_id = @unitId", new { unitId }, transaction),
            MissingNumbers = lanes.Sum(lane => lane.Missing.Sum(range => range[1] - range[0] + 1)),
            RefusedEvents = connection.ExecuteScalar<long>(
                "SELECT count(*) FROM refused WHERE unit_id = @unitId", new { unitId }, transaction),
            Kinds = Kinds(transaction, unitId),
            Lanes = lanes,
            Refused = Refused(transaction, unitId),
            Ids = withIds ? Ids(transaction, unitId) : null,
            Decisions = withDecisions ? Decisions(transaction, unitId) : null,
        };
    }

    private static Dictionary<string, long> Kinds(DbTransaction transaction, string unitId) =>
        transaction.Connection!.Query<(string Kind, long Count)>(
            "SELECT kind, count(*) FROM events WHERE unit_id = @unitId GROUP BY kind ORDER BY kind", new { unitId }, transaction)
        .ToDictionary(row => row.Kind, row => row.Count);

    private static List<string> Ids(DbTransaction transaction, string unitId) =>
        transaction.Connection!.Query<byte[]>("SELECT event_id FROM events WHERE unit_id = @unitId ORDER BY seq", new { unitId }, transaction)
        .Select(IdText).ToList();

    private static List<RefusedAccount> Refused(DbTransaction transaction, string unitId) =>
        transaction.Connection!.Query<(byte[] Id, int Lane, long Number, string Code, string Detail)>(
            "SELECT event_id, lane, number, code, detail FROM refused WHERE unit_id = @unitId ORDER BY seq LIMIT @MostRefusedShown",
            new { unitId, MostRefusedShown }, transaction)
        .Select(row => new RefusedAccount(IdText(row.Id), LaneText(row.Lane), row.Number, row.Code, row.Detail)).ToList();

    private static List<LaneAccount> Lanes(DbTransaction transaction, string unitId)
    {
        var missing = transaction.Connection!.Query<(byte[] Incarnation, int Lane, long From, long To)>(
            "SELECT incarnation, lane, from_number, to_number FROM missing WHERE unit_id = @unitId ORDER BY from_number", new { unitId }, transaction)
            .ToLookup(row => (Convert.ToHexStringLower(row.Incarnation), row.Lane), row => new[] { row.From, row.To });
        return transaction.Connection!.Query<(byte[] Incarnation, int Lane, long Highest, long Stored)>(
            """
            SELECT l.incarnation, l.lane, l.highest,
                   (SELECT count(*) FROM events e WHERE e.unit_id = l.unit_id AND e.incarnation = l.incarnation AND e.lane = l.lane)
            FROM lanes l WHERE l.unit_id = @unitId ORDER BY l.incarnation, l.lane
            """,
            new { unitId }, transaction)
            .Select(row =>
            {
                var incarnation = Convert.ToHexStringLower(row.Incarnation);
                return new LaneAccount(incarnation, LaneText(row.Lane), row.Stored, row.Highest, [.. missing[(incarnation, row.Lane)]]);
            })
            .ToList();
    }

    private List<DecisionAccount> Decisions(DbTransaction transaction, string unitId) =>
        transaction.Connection!.Query<(byte[] Id, long? Valid, byte[] Payload)>(
            "SELECT event_id, signature_valid, payload FROM events WHERE unit_id = @unitId AND kind = 'alert_decided' ORDER BY seq",
            new { unitId }, transaction)
        .Select(row =>
        {
            var decided = Event.Parser.ParseFrom(sealing.Open(row.Payload)).AlertDecided;
            var decision = Decision.Parser.ParseFrom(decided.Decision.Payload);
            var verdict = decision.Verdict.ToString().ToLowerInvariant();
            return new DecisionAccount(
                IdText(row.Id), IdText(decision.Id.ToByteArray()), IdText(decision.AlertId.ToByteArray()), verdict, row.Valid == 1);
        })
        .ToList();

    private static string IdText(byte[] id) => id.Length == Uuid7.Length ? Uuid7.ToGuid(id).ToString() : Convert.ToHexStringLower(id);

    private static string LaneText(int lane) => Enum.IsDefined((Lane)lane) ? ((Lane)lane).ToString().ToLowerInvariant() : lane.ToString();
}
