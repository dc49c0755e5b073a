using System.Data.Common;
using System.Text.Json;
using Dapper;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>What somebody said with an exhibit, and where the car was; sealed.</summary>
internal sealed record ExhibitWords(string Reason, string CallNumber, double? Latitude, double? Longitude);

/// <summary>Evidence that somebody at the centre made or asked for: a still of a live view, a clip, a redacted copy.</summary>
/// <param name="Kind">snapshot, clip or copy.</param>
/// <param name="SourceId">What a copy was made of, or the event that a clip is about.</param>
/// <param name="Sha256">Its content; null for a clip, which comes from the car under <see cref="ClipTable"/>.</param>
internal sealed record Exhibit(
    Guid Id, string Kind, string UnitId, string CameraId, long FromUnixMs, long ToUnixMs, long MadeAtUnixMs, string MadeBy, Guid? SourceId, byte[]? Sha256,
    ExhibitWords Words);

/// <summary>Its content: expected, coming, here, or none with a reason.</summary>
internal sealed record ExhibitFile(string State, string Reason, byte[]? Sha256, long? SizeBytes, string MediaType)
{
    public static ExhibitFile None(string reason) => new("none", reason, null, null, "");
}

/// <summary>Exhibits. A clip's id is that of the command that asked for it, so that the car's answer finds it.</summary>
internal sealed class ExhibitTable(CentreDatabase database, Sealing sealing)
{
    public const string Snapshot = "snapshot", Clip = "clip", Copy = "copy";

    public const string Schema = """
        -- Evidence made or asked for at the centre. What was said with it is sealed. An audit row about an event or an exhibit begins with its id.
        CREATE TABLE exhibits (
            exhibit_id BLOB PRIMARY KEY,
            kind TEXT NOT NULL,
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            camera_id TEXT NOT NULL,
            from_at INTEGER NOT NULL,
            to_at INTEGER NOT NULL,
            made_at INTEGER NOT NULL,
            made_by TEXT NOT NULL,
            source_id BLOB,
            sha256 BLOB,
            sealed BLOB NOT NULL) STRICT;
        CREATE INDEX exhibits_made ON exhibits (made_at);
        CREATE INDEX exhibits_source ON exhibits (source_id);
        CREATE INDEX exhibits_content ON exhibits (sha256);
        CREATE INDEX audit_about ON audit (substr(subject, 1, 36));
        """;

    private const string Columns =
        """
        exhibit_id AS Id, kind AS Kind, unit_id AS UnitId, camera_id AS CameraId, from_at AS FromAt, to_at AS ToAt, made_at AS MadeAt, made_by AS MadeBy,
        source_id AS SourceId, sha256 AS Sha256, sealed AS Sealed
        """;

    public void Add(DbTransaction transaction, Exhibit exhibit) => Add(transaction, sealing, exhibit);

    /// <summary>A moment that an officer marked is evidence to be found like any; in the transaction that stores the event.</summary>
    public static void Note(DbTransaction transaction, Sealing sealing, string unitId, Event happened)
    {
        if (happened.MomentMarked is not { } moment)
            return;
        var place = moment.Position is { } told && Fleet.HasFix(told) ? told : null;
        var words = new ExhibitWords("", "", place?.LatitudeDegrees, place?.LongitudeDegrees);
        Add(transaction, sealing, new Exhibit(
            Uuid7.ToGuid(happened.Id.Span), Clip, unitId, moment.CameraId, moment.FromUnixMs, moment.ToUnixMs, happened.CapturedAtUnixMs, happened.OfficerId, null, null, words));
    }

    private static void Add(DbTransaction transaction, Sealing sealing, Exhibit exhibit) => transaction.Connection!.Execute(
        """
        INSERT INTO exhibits (exhibit_id, kind, unit_id, camera_id, from_at, to_at, made_at, made_by, source_id, sha256, sealed)
        VALUES (@id, @Kind, @UnitId, @CameraId, @FromUnixMs, @ToUnixMs, @MadeAtUnixMs, @MadeBy, @source, @Sha256, @box)
        """,
        new
        {
            id = Uuid7.ToBytes(exhibit.Id),
            exhibit.Kind,
            exhibit.UnitId,
            exhibit.CameraId,
            exhibit.FromUnixMs,
            exhibit.ToUnixMs,
            exhibit.MadeAtUnixMs,
            exhibit.MadeBy,
            source = exhibit.SourceId is { } id ? Uuid7.ToBytes(id) : null,
            exhibit.Sha256,
            box = sealing.Seal(JsonSerializer.SerializeToUtf8Bytes(exhibit.Words)),
        },
        transaction);

    public Exhibit? Find(Guid id) => database.Read(c => c.QuerySingleOrDefault<Row>(
        $"SELECT {Columns} FROM exhibits WHERE exhibit_id = @id", new { id = Uuid7.ToBytes(id) })) is { } row ? Opened(row) : null;

    /// <summary>What was made of an event or an exhibit, oldest first.</summary>
    public IReadOnlyList<Exhibit> Of(Guid sourceId) => database.Read(c => c.Query<Row>(
        $"SELECT {Columns} FROM exhibits WHERE source_id = @id ORDER BY made_at, exhibit_id LIMIT 100", new { id = Uuid7.ToBytes(sourceId) })).Select(Opened).ToList();

    /// <summary>The newest that were captured within a time, newest first.</summary>
    public IReadOnlyList<Exhibit> Within(long fromUnixMs, long toUnixMs, int most) => database.Read(c => c.Query<Row>(
        $"SELECT {Columns} FROM exhibits WHERE to_at >= @fromUnixMs AND from_at <= @toUnixMs ORDER BY from_at DESC LIMIT @most", new { fromUnixMs, toUnixMs, most })).Select(Opened).ToList();

    /// <summary>Where its content is, as far as the car and the retention clock have let it come.</summary>
    public ExhibitFile FileOf(Exhibit exhibit, long nowUnixMs)
    {
        var found = database.Read(c => c.QueryFirst<Content>(
            """
            SELECT coalesce(x.sha256, k.sha256) AS Sha256, e.size_bytes AS SizeBytes, e.media_type AS MediaType, k.reason AS ClipReason, d.outcome AS Outcome,
                d.code AS Code, d.expires_at AS ExpiresAt
            FROM exhibits x
            LEFT JOIN clips k ON k.about_event_id = x.exhibit_id AND k.unit_id = x.unit_id
            LEFT JOIN commands d ON d.command_id = x.exhibit_id
            LEFT JOIN evidence e ON e.sha256 = coalesce(x.sha256, k.sha256)
            WHERE x.exhibit_id = @id ORDER BY e.sha256 IS NULL, k.sha256 IS NULL LIMIT 1
            """,
            new { id = Uuid7.ToBytes(exhibit.Id) }));
        if (found.SizeBytes is { } size)
            return new ExhibitFile("here", "", found.Sha256, size, found.MediaType ?? "");
        if (exhibit.Kind != Clip)
            return ExhibitFile.None("expired");
        if (found.Sha256 is not null)
            return new ExhibitFile("coming", "", null, null, "");
        if (found.ClipReason is { Length: > 0 } reason)
            return ExhibitFile.None(reason);
        if (found.Outcome == "refused")
            return ExhibitFile.None(found.Code is { Length: > 0 } code ? code : "car_refused");
        return found.Outcome is null && nowUnixMs > found.ExpiresAt || found.Outcome == "expired"
            ? ExhibitFile.None("car_unreachable")
            : new ExhibitFile("expected", "", null, null, "");
    }

    private Exhibit Opened(Row row) => new(
        Uuid7.ToGuid(row.Id), row.Kind, row.UnitId, row.CameraId, row.FromAt, row.ToAt, row.MadeAt, row.MadeBy,
        row.SourceId is { } source ? Uuid7.ToGuid(source) : null, row.Sha256,
        JsonSerializer.Deserialize<ExhibitWords>(sealing.Open(row.Sealed)) ?? new ExhibitWords("", "", null, null));

    private sealed record Row
    {
        public byte[] Id { get; init; } = [];
        public string Kind { get; init; } = "";
        public string UnitId { get; init; } = "";
        public string CameraId { get; init; } = "";
        public long FromAt { get; init; }
        public long ToAt { get; init; }
        public long MadeAt { get; init; }
        public string MadeBy { get; init; } = "";
        public byte[]? SourceId { get; init; }
        public byte[]? Sha256 { get; init; }
        public byte[] Sealed { get; init; } = [];
    }

    private sealed record Content
    {
        public byte[]? Sha256 { get; init; }
        public long? SizeBytes { get; init; }
        public string? MediaType { get; init; }
        public string? ClipReason { get; init; }
        public string? Outcome { get; init; }
        public string? Code { get; init; }
        public long? ExpiresAt { get; init; }
    }
}
