using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.FieldRecords;

/// <summary>A case record or request of a car; everything that anybody said lies sealed in its event.</summary>
internal sealed record FieldRecordRow
{
    public string UnitId { get; init; } = "";
    public byte[] RecordId { get; init; } = [];
    public byte[] EventId { get; init; } = [];

    /// <summary>case, found, lost or office.</summary>
    public string Type { get; init; } = "";

    /// <summary>Of a case its kind, of a request its office.</summary>
    public string Kind { get; init; } = "";
    public int State { get; init; }
    public long At { get; init; }
    public long ChangedAt { get; init; }
}

internal sealed record FieldRecordAct
{
    public long At { get; init; }
    public string Actor { get; init; } = "";
    public string Act { get; init; } = "";
    public byte[]? Words { get; init; }
}

/// <summary>Case records and requests from sent to answered. The state only moves forward, and each move goes back to the car.</summary>
internal sealed class FieldRecordTable(CentreDatabase database, CommandTable commands, TimeProvider time)
{
    public const string Schema = """
        CREATE TABLE field_records (
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            record_id BLOB NOT NULL,
            event_id BLOB NOT NULL,
            type TEXT NOT NULL,
            kind TEXT NOT NULL,
            state INTEGER NOT NULL,
            at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            PRIMARY KEY (unit_id, record_id)) STRICT, WITHOUT ROWID;
        CREATE INDEX field_records_changed ON field_records (state, changed_at);
        CREATE TABLE field_record_acts (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            unit_id TEXT NOT NULL,
            record_id BLOB NOT NULL,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            act TEXT NOT NULL,
            words BLOB) STRICT;
        CREATE INDEX field_record_acts_of ON field_record_acts (unit_id, record_id, at);
        -- What officers said about items of a plan; who and why lies sealed in the event.
        CREATE TABLE patrol_notes (
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            plan_id TEXT NOT NULL,
            shift_from INTEGER NOT NULL,
            item_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            at INTEGER NOT NULL,
            event_id BLOB NOT NULL,
            PRIMARY KEY (unit_id, plan_id, shift_from, item_id, kind)) STRICT, WITHOUT ROWID;
        CREATE INDEX patrol_notes_shift ON patrol_notes (shift_from);
        """;

    private const int MostShown = 300;

    private const string Columns =
        "SELECT unit_id AS UnitId, record_id AS RecordId, event_id AS EventId, type AS Type, kind AS Kind, state AS State, at AS At, changed_at AS ChangedAt FROM field_records";

    /// <summary>In the transaction that stores the event.</summary>
    public static void Note(DbTransaction transaction, string unitId, Event happened, long nowUnixMs)
    {
        (ByteString Id, string Type, string Kind)? told = happened switch
        {
            { CaseRecord: { } record } => (record.RecordId, "case", record.Kind),
            { ServiceRequest: { } request } => (request.RequestId, request.Kind, request.Office),
            _ => null,
        };
        if (told is not var (id, type, kind))
            return;
        transaction.Connection!.Execute(
            """
            INSERT INTO field_records (unit_id, record_id, event_id, type, kind, state, at, changed_at)
            VALUES (@unitId, @id, @eventId, @type, @kind, @state, @at, @nowUnixMs) ON CONFLICT (unit_id, record_id) DO NOTHING
            """,
            new { unitId, id = id.ToByteArray(), eventId = happened.Id.ToByteArray(), type, kind, state = (int)FieldState.Sent, at = happened.CapturedAtUnixMs, nowUnixMs }, transaction);
        ChangeTable.Note(transaction, ChangeKind.Topics, FieldRecordDesk.Topic, nowUnixMs);
    }

    /// <summary>What is not answered, and what was since; the newest first.</summary>
    public IReadOnlyList<FieldRecordRow> Board(long answeredSinceUnixMs) => database.Read(c => c.Query<FieldRecordRow>(
        $"{Columns} WHERE state < @answered OR changed_at >= @answeredSinceUnixMs ORDER BY state, changed_at DESC LIMIT @MostShown",
        new { answered = (int)FieldState.Answered, answeredSinceUnixMs, MostShown }).AsList());

    public FieldRecordRow? Find(string unitId, byte[] recordId) => database.Read(c => c.QuerySingleOrDefault<FieldRecordRow>(
        $"{Columns} WHERE unit_id = @unitId AND record_id = @recordId", new { unitId, recordId }));

    public IReadOnlyList<FieldRecordAct> Acts(string unitId, byte[] recordId) => database.Read(c => c.Query<FieldRecordAct>(
        "SELECT at AS At, actor AS Actor, act AS Act, words AS Words FROM field_record_acts WHERE unit_id = @unitId AND record_id = @recordId ORDER BY at, seq LIMIT 200",
        new { unitId, recordId }).AsList());

    /// <summary>An act of a person at the centre, and the car's news of it.</summary>
    /// <returns>False: it is further already.</returns>
    public bool Act(DbTransaction transaction, FieldRecordRow row, (string Account, string Role) by, FieldState to, string words, byte[] box)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var moved = transaction.Connection!.Execute(
            "UPDATE field_records SET state = @to, changed_at = @now WHERE unit_id = @UnitId AND record_id = @RecordId AND state < @to",
            new { row.UnitId, row.RecordId, to = (int)to, now }, transaction);
        if (moved == 0)
            return false;
        transaction.Connection!.Execute(
            "INSERT INTO field_record_acts (unit_id, record_id, at, actor, act, words) VALUES (@UnitId, @RecordId, @now, @account, @act, @box)",
            new { row.UnitId, row.RecordId, now, account = by.Account, act = Word(to), box }, transaction);
        ChangeTable.Note(transaction, ChangeKind.Topics, FieldRecordDesk.Topic, now);
        var command = CommandTable.New(by.Account, by.Role, time);
        command.FieldNews = new FieldNews { Id = ByteString.CopyFrom(row.RecordId), State = to, AtUnixMs = now, Words = words };
        commands.Add(transaction, row.UnitId, command);
        return true;
    }

    /// <summary>Words about what was answered before this go the way of their events.</summary>
    public static int EraseAnswered(DbTransaction transaction, long beforeUnixMs) => transaction.Connection!.Execute(
        """
        UPDATE field_record_acts SET words = NULL, actor = '' WHERE (words IS NOT NULL OR actor <> '') AND EXISTS (
            SELECT 1 FROM field_records r WHERE r.unit_id = field_record_acts.unit_id AND r.record_id = field_record_acts.record_id AND r.state = @answered AND r.changed_at < @beforeUnixMs)
        """,
        new { answered = (int)FieldState.Answered, beforeUnixMs }, transaction);

    public static string Word(FieldState state) => state switch
    {
        FieldState.PassedOn => "passed_on",
        FieldState.Answered => "answered",
        _ => "sent",
    };
}
