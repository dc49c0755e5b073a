using System.Data.Common;
using System.Text.Json;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>Another gateway changed the call between our look and our change: nothing of ours is stored, ask again.</summary>
internal sealed class CallConflictException() : InvalidOperationException("The call was changed meanwhile.");

/// <summary>Calls. What people said and where it is lie sealed; what the centre searches and counts by lies open.</summary>
internal sealed class CallTable(CentreDatabase database, Sealing sealing)
{
    public const string Schema = """
        -- Calls. sealed: title, details, address, place, the caller's contact. owner '' is the centre itself.
        CREATE TABLE calls (
            call_id BLOB PRIMARY KEY,
            number TEXT NOT NULL UNIQUE,
            revision INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            urgent INTEGER NOT NULL,
            district TEXT NOT NULL,
            police_type INTEGER NOT NULL,
            state INTEGER NOT NULL,
            owner TEXT NOT NULL,
            owner_revision INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            taken_by TEXT NOT NULL,
            dispatched_by TEXT NOT NULL,
            waiting_since INTEGER,
            owner_since INTEGER NOT NULL,
            escalation INTEGER NOT NULL,
            escalate_at INTEGER,
            proposed TEXT NOT NULL,
            hand_over_from TEXT NOT NULL,
            hand_over_to TEXT NOT NULL,
            hand_over INTEGER NOT NULL,
            back_up_open INTEGER NOT NULL,
            result TEXT NOT NULL,
            closed_at INTEGER,
            entries INTEGER NOT NULL,
            recording BLOB,
            recording_bytes INTEGER,
            recording_type TEXT,
            sealed BLOB NOT NULL,
            erased_at INTEGER) STRICT;
        CREATE INDEX calls_open ON calls (received_at) WHERE closed_at IS NULL;
        CREATE INDEX calls_due ON calls (escalate_at) WHERE escalate_at IS NOT NULL;
        CREATE INDEX calls_received ON calls (received_at);
        CREATE INDEX calls_recording ON calls (recording) WHERE recording IS NOT NULL;
        -- Its story, line by line; text and officer lie sealed.
        CREATE TABLE call_entries (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            call_id BLOB NOT NULL REFERENCES calls (call_id),
            event_id BLOB,
            at INTEGER NOT NULL,
            happened_at INTEGER NOT NULL,
            unit_id TEXT NOT NULL,
            what TEXT NOT NULL,
            effect TEXT NOT NULL,
            state INTEGER NOT NULL,
            sealed BLOB NOT NULL) STRICT;
        CREATE INDEX call_entries_call ON call_entries (call_id, seq);
        -- Which unit was told of it, what it has to do with it now, and the newest command that told it.
        CREATE TABLE call_units (
            call_id BLOB NOT NULL REFERENCES calls (call_id),
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            part INTEGER NOT NULL,
            command_id BLOB,
            PRIMARY KEY (call_id, unit_id)) STRICT;
        CREATE INDEX call_units_unit ON call_units (unit_id, call_id);
        -- The last number of each day.
        CREATE TABLE call_days (day TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
        """;

    public const int MostOpenShown = 500;
    public const int HistoryPage = 50;
    private const string Columns = """
        call_id AS CallId, number AS Number, revision AS Revision, kind AS Kind, urgent AS Urgent, district AS District, police_type AS PoliceType,
        state AS State, owner AS Owner, owner_revision AS OwnerRevision, received_at AS ReceivedAt, taken_by AS TakenBy,
        dispatched_by AS DispatchedBy, waiting_since AS WaitingSince, owner_since AS OwnerSince, escalation AS Escalation,
        escalate_at AS EscalateAt, proposed AS Proposed, hand_over_from AS HandOverFrom, hand_over_to AS HandOverTo, hand_over AS HandOver,
        back_up_open AS BackUpOpen, result AS Result, closed_at AS ClosedAt, entries AS Entries, recording AS Recording,
        recording_bytes AS RecordingBytes, recording_type AS RecordingType, sealed AS Sealed, erased_at AS ErasedAt
        """;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public CallRecord? Find(Guid callId) => database.Read(c => Find(c, null, Uuid7.ToBytes(callId)));

    public CallRecord? Find(DbTransaction transaction, byte[] callId) => Find(transaction.Connection!, transaction, callId);

    private CallRecord? Find(DbConnection connection, DbTransaction? transaction, byte[] callId) => connection.QuerySingleOrDefault<Row>(
        $"SELECT {Columns} FROM calls WHERE call_id = @callId AND erased_at IS NULL", new { callId }, transaction) is { } row ? Opened(row) : null;

    /// <summary>Not closed and not cancelled, bounded: the newest, what waits for anybody first. History finds the rest.</summary>
    public IReadOnlyList<CallRecord> Open() => database.Read(c => c.Query<Row>(
        $"SELECT {Columns} FROM calls WHERE closed_at IS NULL ORDER BY CASE WHEN waiting_since IS NULL THEN 1 ELSE 0 END, received_at DESC LIMIT @MostOpenShown", new { MostOpenShown }).AsList()).Select(Opened).ToList();

    /// <summary>Calls whose time is due, bounded; the rest follows.</summary>
    public static IReadOnlyList<byte[]> Due(DbConnection connection, long nowUnixMs) => connection.Query<byte[]>(
        "SELECT call_id FROM calls WHERE escalate_at IS NOT NULL AND escalate_at <= @nowUnixMs ORDER BY escalate_at LIMIT 100", new { nowUnixMs }).AsList();

    /// <summary>How many calls each unit has in hand.</summary>
    public IReadOnlyDictionary<string, int> Loads() => database.Read(c => c.Query<(string Unit, long Count)>(
        "SELECT owner, count(*) FROM calls WHERE closed_at IS NULL AND owner <> '' AND state < @reported GROUP BY owner", new { reported = (int)CallState.Reported })
        .ToDictionary(row => row.Unit, row => (int)row.Count, StringComparer.Ordinal));

    /// <summary>The next number of this day, one above its last.</summary>
    public static string NextNumber(DbTransaction transaction, DateTimeOffset localNow)
    {
        var day = $"{localNow:yyyy-MMdd}";
        var last = transaction.Connection!.ExecuteScalar<long>(
            "INSERT INTO call_days (day, last) VALUES (@day, 1) ON CONFLICT (day) DO UPDATE SET last = call_days.last + 1 RETURNING last", new { day }, transaction);
        return $"{day}-{last:0000}";
    }

    public void Add(DbTransaction transaction, CallRecord call) => transaction.Connection!.Execute(
        """
        INSERT INTO calls (call_id, number, revision, kind, urgent, district, police_type, state, owner, owner_revision, received_at, taken_by,
            dispatched_by, waiting_since, owner_since, escalation, escalate_at, proposed, hand_over_from, hand_over_to, hand_over, back_up_open,
            result, closed_at, entries, recording, recording_bytes, recording_type, sealed)
        VALUES (@CallId, @Number, @Revision, @Kind, @Urgent, @District, @PoliceType, @State, @Owner, @OwnerRevision, @ReceivedAt, @TakenBy,
            @DispatchedBy, @WaitingSince, @OwnerSince, @Escalation, @EscalateAt, @Proposed, @HandOverFrom, @HandOverTo, @HandOver, @BackUpOpen,
            @Result, @ClosedAt, @Entries, @Recording, @RecordingBytes, @RecordingType, @Sealed)
        """,
        Values(call), transaction);

    /// <param name="call">As it is to be.</param>
    /// <param name="seen">What the change was made on.</param>
    /// <exception cref="CallConflictException">It is another one by now: revision and length of the story tell.</exception>
    public void Save(DbTransaction transaction, CallRecord call, CallRecord seen)
    {
        var values = Values(call);
        values.Add("Seen", seen.Revision);
        values.Add("SeenEntries", seen.Entries);
        var changed = transaction.Connection!.Execute(
            """
            UPDATE calls SET revision = @Revision, kind = @Kind, urgent = @Urgent, police_type = @PoliceType, state = @State, owner = @Owner,
                owner_revision = @OwnerRevision, dispatched_by = @DispatchedBy, waiting_since = @WaitingSince, owner_since = @OwnerSince,
                escalation = @Escalation, escalate_at = @EscalateAt, proposed = @Proposed, hand_over_from = @HandOverFrom,
                hand_over_to = @HandOverTo, hand_over = @HandOver, back_up_open = @BackUpOpen, result = @Result, closed_at = @ClosedAt,
                entries = @Entries, recording = @Recording, recording_bytes = @RecordingBytes, recording_type = @RecordingType, sealed = @Sealed
            WHERE call_id = @CallId AND revision = @Seen AND entries = @SeenEntries AND erased_at IS NULL
            """,
            values, transaction);
        if (changed == 0)
            throw new CallConflictException();
    }

    /// <summary>Pages of what was, newest first; by number, unit, day and kind, each left out where null.</summary>
    /// <param name="search">What is looked for; goes on behind the last of the page before.</param>
    /// <param name="district">Of whoever asks, "" the city: calls of the district and of its units.</param>
    public IReadOnlyList<CallRecord> History(CallSearch search, string district) => database.Read(c => c.Query<Row>(
        $"""
        SELECT {Columns} FROM calls
        WHERE erased_at IS NULL AND (received_at < @Before OR (received_at = @Before AND number < @BeforeNumber))
            AND (@district = '' OR district = @district OR owner IN (SELECT unit_id FROM units WHERE district = @district))
            AND (@Number = '' OR number LIKE @Pattern) AND (@Kind = 0 OR kind = @Kind) AND received_at >= @From AND received_at < @To
            AND (@Unit = '' OR owner = @Unit OR EXISTS (SELECT 1 FROM call_units u WHERE u.call_id = calls.call_id AND u.unit_id = @Unit AND u.part <> @nearby))
        ORDER BY received_at DESC, number DESC LIMIT @most
        """,
        new
        {
            search.Before,
            search.BeforeNumber,
            district,
            search.Number,
            Pattern = $"%{search.Number}%",
            Kind = (int)search.Kind,
            search.From,
            search.To,
            search.Unit,
            nearby = (int)CallPart.Nearby,
            most = HistoryPage + 1,
        }).AsList()).Select(Opened).ToList();

    /// <summary>The size of a recording that this unit may hear: of a call that it owns or backs up. Null: none.</summary>
    public long? RecordingFor(string unitId, byte[] sha256) => database.Read(c => c.QueryFirstOrDefault<long?>(
        """
        SELECT e.size_bytes FROM calls c JOIN call_units u ON u.call_id = c.call_id JOIN evidence e ON e.sha256 = c.recording
        WHERE c.recording = @sha256 AND u.unit_id = @unitId AND u.part IN (@owner, @backUp) AND c.erased_at IS NULL
        """,
        new { sha256, unitId, owner = (int)CallPart.Owner, backUp = (int)CallPart.BackUp }));

    private DynamicParameters Values(CallRecord call)
    {
        var values = new DynamicParameters(new
        {
            CallId = Uuid7.ToBytes(call.Id),
            call.Number,
            call.Revision,
            Kind = (int)call.Kind,
            Urgent = call.Urgent ? 1L : 0L,
            call.District,
            PoliceType = (int)call.PoliceType,
            State = (int)call.State,
            call.Owner,
            call.OwnerRevision,
            call.ReceivedAt,
            call.TakenBy,
            call.DispatchedBy,
            call.WaitingSince,
            call.OwnerSince,
            call.Escalation,
            call.EscalateAt,
            call.Proposed,
            call.HandOverFrom,
            call.HandOverTo,
            HandOver = (int)call.HandOver,
            BackUpOpen = call.BackUpOpen ? 1L : 0L,
            call.Result,
            call.ClosedAt,
            call.Entries,
            Recording = call.Recording?.Sha256,
            RecordingBytes = call.Recording?.SizeBytes,
            RecordingType = call.Recording?.MediaType,
            Sealed = sealing.Seal(JsonSerializer.SerializeToUtf8Bytes(call.Texts, Json)),
        });
        return values;
    }

    private CallRecord Opened(Row row) => new()
    {
        Id = Uuid7.ToGuid(row.CallId),
        Number = row.Number,
        Revision = row.Revision,
        Kind = (CallKind)row.Kind,
        Urgent = row.Urgent != 0,
        District = row.District,
        PoliceType = (PoliceType)row.PoliceType,
        State = (CallState)row.State,
        Owner = row.Owner,
        OwnerRevision = row.OwnerRevision,
        ReceivedAt = row.ReceivedAt,
        TakenBy = row.TakenBy,
        DispatchedBy = row.DispatchedBy,
        WaitingSince = row.WaitingSince,
        OwnerSince = row.OwnerSince,
        Escalation = (int)row.Escalation,
        EscalateAt = row.EscalateAt,
        Proposed = row.Proposed,
        HandOverFrom = row.HandOverFrom,
        HandOverTo = row.HandOverTo,
        HandOver = (CallHandOverState)row.HandOver,
        BackUpOpen = row.BackUpOpen != 0,
        Result = row.Result,
        ClosedAt = row.ClosedAt,
        Entries = row.Entries,
        ErasedAt = row.ErasedAt,
        Recording = row.Recording is { } hash ? new CallRecording(hash, row.RecordingBytes ?? 0, row.RecordingType ?? "") : null,
        Texts = JsonSerializer.Deserialize<CallTexts>(sealing.Open(row.Sealed), Json) ?? new CallTexts(),
    };

    private sealed record Row
    {
        public byte[] CallId { get; init; } = [];
        public string Number { get; init; } = "";
        public long Revision { get; init; }
        public long Kind { get; init; }
        public long Urgent { get; init; }
        public string District { get; init; } = "";
        public long PoliceType { get; init; }
        public long State { get; init; }
        public string Owner { get; init; } = "";
        public long OwnerRevision { get; init; }
        public long ReceivedAt { get; init; }
        public string TakenBy { get; init; } = "";
        public string DispatchedBy { get; init; } = "";
        public long? WaitingSince { get; init; }
        public long OwnerSince { get; init; }
        public long Escalation { get; init; }
        public long? EscalateAt { get; init; }
        public string Proposed { get; init; } = "";
        public string HandOverFrom { get; init; } = "";
        public string HandOverTo { get; init; } = "";
        public long HandOver { get; init; }
        public long BackUpOpen { get; init; }
        public string Result { get; init; } = "";
        public long? ClosedAt { get; init; }
        public long Entries { get; init; }
        public byte[]? Recording { get; init; }
        public long? RecordingBytes { get; init; }
        public string? RecordingType { get; init; }
        public byte[] Sealed { get; init; } = [];
        public long? ErasedAt { get; init; }
    }
}

/// <summary>What of the past is looked for; "" and Unspecified: any.</summary>
internal sealed record CallSearch(string Number, string Unit, CallKind Kind, long From, long To, long Before, string BeforeNumber);
