using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Emergencies;

/// <summary>An officer's call for help. Where it was pressed lies, sealed, in its event.</summary>
internal sealed record SosRow
{
    public string UnitId { get; init; } = "";
    public byte[] SosId { get; init; } = [];
    public byte[] EventId { get; init; } = [];
    public string OfficerId { get; init; } = "";
    public long At { get; init; }
    public long ReceivedAt { get; init; }

    /// <summary>The car said that it is over; only a person at the centre closes it.</summary>
    public long? EndedAt { get; init; }
    public long? AcknowledgedAt { get; init; }
    public string? AcknowledgedBy { get; init; }
    public long? ClosedAt { get; init; }
    public string? ClosedBy { get; init; }
}

/// <summary>Calls for help: they stand until a person has taken them and has written down how they ended.</summary>
internal sealed class SosTable(CentreDatabase database)
{
    public const string Schema = """
        CREATE TABLE sos (
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            sos_id BLOB NOT NULL,
            event_id BLOB NOT NULL,
            officer_id TEXT NOT NULL,
            at INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            ended_at INTEGER,
            acknowledged_at INTEGER,
            acknowledged_by TEXT,
            closed_at INTEGER,
            closed_by TEXT,
            result BLOB,
            PRIMARY KEY (unit_id, sos_id)) STRICT, WITHOUT ROWID;
        CREATE INDEX sos_open ON sos (received_at) WHERE closed_at IS NULL;
        CREATE INDEX sos_at ON sos (at);
        UPDATE events SET retention = 'call' WHERE kind IN ('sos', 'hazard');
        """;

    private const int MostShown = 100;

    private const string Columns = """
        SELECT unit_id AS UnitId, sos_id AS SosId, event_id AS EventId, officer_id AS OfficerId, at AS At, received_at AS ReceivedAt, ended_at AS EndedAt,
               acknowledged_at AS AcknowledgedAt, acknowledged_by AS AcknowledgedBy, closed_at AS ClosedAt, closed_by AS ClosedBy FROM sos
        """;

    /// <summary>In the transaction that stores the event. The end may come before the beginning: lanes are sent by priority.</summary>
    public static void Note(DbTransaction transaction, string unitId, Event happened, long nowUnixMs)
    {
        if (happened.Sos is not { SosId.Length: Uuid7.Length } sos)
            return;
        transaction.Connection!.Execute(
            """
            INSERT INTO sos (unit_id, sos_id, event_id, officer_id, at, received_at, ended_at)
            VALUES (@unitId, @sosId, @eventId, @OfficerId, @at, @nowUnixMs, @endedAt)
            ON CONFLICT (unit_id, sos_id) DO UPDATE SET
                event_id = CASE WHEN excluded.at < sos.at THEN excluded.event_id ELSE sos.event_id END,
                at = CASE WHEN excluded.at < sos.at THEN excluded.at ELSE sos.at END,
                ended_at = coalesce(sos.ended_at, excluded.ended_at)
            """,
            new
            {
                unitId,
                sosId = sos.SosId.ToByteArray(),
                eventId = happened.Id.ToByteArray(),
                happened.OfficerId,
                at = happened.CapturedAtUnixMs,
                nowUnixMs,
                endedAt = sos.Ended ? happened.CapturedAtUnixMs : (long?)null,
            },
            transaction);
        ChangeTable.Note(transaction, ChangeKind.Topics, SosDesk.Topic, nowUnixMs);
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<SosRow> Open() => database.Read(c =>
        c.Query<SosRow>($"{Columns} WHERE closed_at IS NULL ORDER BY received_at DESC LIMIT @MostShown", new { MostShown }).AsList());

    public IReadOnlyList<SosRow> Between(long fromUnixMs, long toUnixMs) => database.Read(c =>
        c.Query<SosRow>($"{Columns} WHERE at >= @fromUnixMs AND at < @toUnixMs ORDER BY at LIMIT @MostShown", new { fromUnixMs, toUnixMs, MostShown }).AsList());

    /// <returns>False: there is none, or somebody has taken it.</returns>
    public static bool Acknowledge(DbTransaction transaction, string unitId, byte[] sosId, string account, long nowUnixMs) => transaction.Connection!.Execute(
        "UPDATE sos SET acknowledged_at = @nowUnixMs, acknowledged_by = @account WHERE unit_id = @unitId AND sos_id = @sosId AND acknowledged_at IS NULL",
        new { unitId, sosId, account, nowUnixMs }, transaction) > 0;

    /// <returns>False: there is none, nobody has taken it yet, or it is closed.</returns>
    public static bool Close(DbTransaction transaction, string unitId, byte[] sosId, string account, byte[] sealedResult, long nowUnixMs) => transaction.Connection!.Execute(
        """
        UPDATE sos SET closed_at = @nowUnixMs, closed_by = @account, result = @sealedResult
        WHERE unit_id = @unitId AND sos_id = @sosId AND acknowledged_at IS NOT NULL AND closed_at IS NULL
        """,
        new { unitId, sosId, account, sealedResult, nowUnixMs }, transaction) > 0;

    /// <summary>What was written about it is erased with its event.</summary>
    public static int EraseClosed(DbTransaction transaction, long beforeUnixMs) => transaction.Connection!.Execute(
        "UPDATE sos SET result = NULL, officer_id = '' WHERE closed_at < @beforeUnixMs AND (result IS NOT NULL OR officer_id <> '')", new { beforeUnixMs }, transaction);
}
