using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Hazards;

internal sealed record HazardRow
{
    public string UnitId { get; init; } = "";
    public byte[] HazardId { get; init; } = [];

    /// <summary>Where it was first reported: place and words lie sealed in this event.</summary>
    public byte[] EventId { get; init; } = [];
    public string Kind { get; init; } = "";
    public int State { get; init; }
    public long FoundAt { get; init; }
    public long ChangedAt { get; init; }
    public long Pictures { get; init; }
}

/// <summary>One step in a hazard's life: of the car (then its event says more) or of a person at the centre (then words lie sealed here).</summary>
internal sealed record HazardAct
{
    public long At { get; init; }
    public string Actor { get; init; } = "";
    public string Act { get; init; } = "";
    public byte[]? EventId { get; init; }
    public byte[]? Words { get; init; }
}

/// <summary>Hazards that officers found, from found to closed. The state only moves forward, whoever moves it and in whatever order it comes.</summary>
internal sealed class HazardTable(CentreDatabase database, CommandTable commands, TimeProvider time)
{
    public const string Schema = """
        CREATE TABLE hazards (
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            hazard_id BLOB NOT NULL,
            event_id BLOB NOT NULL,
            kind TEXT NOT NULL,
            state INTEGER NOT NULL,
            found_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            PRIMARY KEY (unit_id, hazard_id)) STRICT, WITHOUT ROWID;
        CREATE INDEX hazards_changed ON hazards (state, changed_at);
        CREATE TABLE hazard_acts (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            unit_id TEXT NOT NULL,
            hazard_id BLOB NOT NULL,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            act TEXT NOT NULL,
            event_id BLOB,
            words BLOB) STRICT;
        CREATE INDEX hazard_acts_of ON hazard_acts (unit_id, hazard_id, at);
        """;

    public const int MostShown = 300;

    private const string Columns = """
        SELECT h.unit_id AS UnitId, h.hazard_id AS HazardId, h.event_id AS EventId, h.kind AS Kind, h.state AS State, h.found_at AS FoundAt, h.changed_at AS ChangedAt,
               (SELECT count(*) FROM hazard_acts a JOIN event_attachments t ON t.event_id = a.event_id
                WHERE a.unit_id = h.unit_id AND a.hazard_id = h.hazard_id AND t.media_type = 'image/jpeg') AS Pictures
        FROM hazards h
        """;

    /// <summary>In the transaction that stores the event.</summary>
    public static void Note(DbTransaction transaction, string unitId, Event happened, long nowUnixMs)
    {
        if (happened.Hazard is not { HazardId.Length: Uuid7.Length } hazard)
            return;
        var values = new
        {
            unitId,
            hazardId = hazard.HazardId.ToByteArray(),
            eventId = happened.Id.ToByteArray(),
            hazard.Kind,
            state = (int)hazard.State,
            at = happened.CapturedAtUnixMs,
            nowUnixMs,
            actor = happened.OfficerId,
            act = Word(hazard.State),
        };
        transaction.Connection!.Execute(
            """
            INSERT INTO hazards (unit_id, hazard_id, event_id, kind, state, found_at, changed_at)
            VALUES (@unitId, @hazardId, @eventId, @Kind, @state, @at, @nowUnixMs)
            ON CONFLICT (unit_id, hazard_id) DO UPDATE SET
                event_id = CASE WHEN excluded.found_at < hazards.found_at THEN excluded.event_id ELSE hazards.event_id END,
                kind = CASE WHEN excluded.found_at < hazards.found_at THEN excluded.kind ELSE hazards.kind END,
                found_at = CASE WHEN excluded.found_at < hazards.found_at THEN excluded.found_at ELSE hazards.found_at END,
                state = CASE WHEN excluded.state > hazards.state THEN excluded.state ELSE hazards.state END,
                changed_at = excluded.changed_at
            """,
            values, transaction);
        transaction.Connection!.Execute(
            "INSERT INTO hazard_acts (unit_id, hazard_id, at, actor, act, event_id) VALUES (@unitId, @hazardId, @at, @actor, @act, @eventId)", values, transaction);
        ChangeTable.Note(transaction, ChangeKind.Topics, HazardDesk.Topic, nowUnixMs);
    }

    /// <summary>What is open, and what was closed since; the newest first.</summary>
    public IReadOnlyList<HazardRow> Board(long closedSinceUnixMs) => database.Read(c => c.Query<HazardRow>(
        $"{Columns} WHERE h.state < @closed OR h.changed_at >= @closedSinceUnixMs ORDER BY h.state, h.changed_at DESC LIMIT @MostShown",
        new { closed = (int)HazardState.Closed, closedSinceUnixMs, MostShown }).AsList());

    public HazardRow? Find(string unitId, byte[] hazardId) => database.Read(c => c.QuerySingleOrDefault<HazardRow>(
        $"{Columns} WHERE h.unit_id = @unitId AND h.hazard_id = @hazardId", new { unitId, hazardId }));

    public IReadOnlyList<HazardAct> Acts(string unitId, byte[] hazardId) => database.Read(c => c.Query<HazardAct>(
        "SELECT at AS At, actor AS Actor, act AS Act, event_id AS EventId, words AS Words FROM hazard_acts WHERE unit_id = @unitId AND hazard_id = @hazardId ORDER BY at, seq LIMIT 200",
        new { unitId, hazardId }).AsList());

    /// <summary>Whether this content is a picture of this hazard.</summary>
    public bool IsPictureOf(string unitId, byte[] hazardId, byte[] sha256) => database.Read(c => c.ExecuteScalar<long>(
        """
        SELECT count(*) FROM hazard_acts a JOIN event_attachments t ON t.event_id = a.event_id
        WHERE a.unit_id = @unitId AND a.hazard_id = @hazardId AND t.sha256 = @sha256 AND t.media_type = 'image/jpeg'
        """,
        new { unitId, hazardId, sha256 })) > 0;

    /// <summary>An act of a person at the centre; one that only says something leaves the state as it is.</summary>
    /// <returns>False: it is further already.</returns>
    public bool Act(DbTransaction transaction, string unitId, byte[] hazardId, (string Account, string Role) by, HazardState? to, byte[] words)
    {
        var nowUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var moved = transaction.Connection!.Execute(
            "UPDATE hazards SET state = @next, changed_at = @nowUnixMs WHERE unit_id = @unitId AND hazard_id = @hazardId AND state < @below",
            new { unitId, hazardId, next = (int)(to ?? HazardState.Unspecified), below = (int)(to ?? HazardState.Unspecified), nowUnixMs }, transaction);
        if (to is not null && moved == 0)
            return false;
        var act = to is { } state ? Word(state) : "note";
        transaction.Connection!.Execute(
            "INSERT INTO hazard_acts (unit_id, hazard_id, at, actor, act, words) VALUES (@unitId, @hazardId, @nowUnixMs, @account, @act, @words)",
            new { unitId, hazardId, nowUnixMs, account = by.Account, act, words }, transaction);
        ChangeTable.Note(transaction, ChangeKind.Topics, HazardDesk.Topic, nowUnixMs);
        if (to is { } further)
        {
            // The officers who found it hear what became of it.
            var command = CommandTable.New(by.Account, by.Role, time);
            command.HazardNews = new HazardNews { HazardId = ByteString.CopyFrom(hazardId), State = further, AtUnixMs = nowUnixMs };
            commands.Add(transaction, unitId, command);
        }
        return true;
    }

    /// <summary>Words about hazards that were closed before this go the way of their events.</summary>
    public static int EraseClosed(DbTransaction transaction, long beforeUnixMs) => transaction.Connection!.Execute(
        """
        UPDATE hazard_acts SET words = NULL, actor = '' WHERE (words IS NOT NULL OR actor <> '') AND EXISTS (
            SELECT 1 FROM hazards h WHERE h.unit_id = hazard_acts.unit_id AND h.hazard_id = hazard_acts.hazard_id AND h.state = @closed AND h.changed_at < @beforeUnixMs)
        """,
        new { closed = (int)HazardState.Closed, beforeUnixMs }, transaction);

    public static string Word(HazardState state) => state switch
    {
        HazardState.PassedOn => "passed_on",
        HazardState.Closed => "closed",
        _ => "found",
    };
}
