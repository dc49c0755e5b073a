using System.Text;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Hazards;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.FieldRecords;

/// <summary>A record or request on the board; who and what is read one by one.</summary>
internal sealed record FieldRecordView(string UnitId, Guid RecordId, string Type, string Kind, string State, long AtUnixMs, long ChangedAtUnixMs);

internal sealed record FieldRecordActView(long AtUnixMs, string Actor, string Act, string Words);

internal sealed record FieldPersonView(string Role, string Name, string IdNumber, string Phone, string Statement, bool Refused, HazardPicture? Signature);

internal sealed record FieldRecordBody(string? Words);

/// <summary>Case records and requests of cars: listed without anybody in them, opened one by one with a row in the audit, passed on and answered.</summary>
internal sealed class FieldRecordDesk(FieldRecordTable table, EventTable events, ConsoleAccess access, HazardPictures pictures, Sealing sealing, ConsoleClock clock) : IConsoleTopic
{
    public const string Topic = "records";
    private const long DayMs = 24 * 3_600_000L;

    public string Type => Topic;

    public Permission Needs => Permission.ReadRecords;

    public object Now(HttpContext viewer) => table.Board(clock.Now - (7 * DayMs)).Where(row => access.MaySee(viewer, row.UnitId)).Select(View).ToList();

    public void Map(RouteGroupBuilder api)
    {
        var one = api.MapGroup("/records/{unitId}/{recordId:guid}");
        _ = one.MapGet("", ReadAsync).Needs(Permission.ReadRecords);
        _ = one.MapGet("/pictures/{sha256}", PictureAsync).Needs(Permission.ReadRecords);
        Step("pass-on", FieldState.PassedOn);
        Step("answer", FieldState.Answered);

        void Step(string path, FieldState to) => one.MapPost(
            path, (string unitId, Guid recordId, FieldRecordBody body, HttpContext context, SessionRegistry sessions) => ActAsync((unitId, recordId), body, to, context, sessions)).Needs(Permission.ReadRecords);
    }

    private async Task<IResult> ReadAsync(string unitId, Guid recordId, HttpContext context)
    {
        if (Visible(unitId, recordId, context) is not { } row)
            return Refusal.Of(404, "unknown_record");
        await access.AuditAsync(new AuditRow(context.Account(), "record_read", $"{unitId} {recordId}", "console"));
        var told = events.Find(Uuid7.ToGuid(row.EventId))?.Event;
        var acts = table.Acts(unitId, row.RecordId)
            .Select(act => new FieldRecordActView(act.At, act.Actor, act.Act, act.Words is { } box ? Encoding.UTF8.GetString(sealing.Open(box)) : "")).ToList();
        return Results.Json(new { record = View(row), officerId = told?.OfficerId ?? "", acts, content = Content(row, told) }, ConsoleJson.Options);
    }

    /// <summary>Null: it was erased on its clock.</summary>
    private object? Content(FieldRecordRow row, Event? told) => told switch
    {
        { CaseRecord: { } c } => new
        {
            c.Place,
            c.HappenedAtUnixMs,
            persons = c.Persons.Select(p => new FieldPersonView(p.Role, p.Name, p.IdNumber, p.Phone, p.Statement, p.Refused, Picture(row, p.SignatureSha256))),
            c.Statement,
            c.Outcome,
            c.LegalBasis,
            officerSignature = Picture(row, c.OfficerSignatureSha256),
            pictures = Photos(row, told),
        },
        { ServiceRequest: { } r } => new { r.What, r.Place, r.Contact, r.Office, pictures = Photos(row, told) },
        _ => null,
    };

    private IEnumerable<HazardPicture?> Photos(FieldRecordRow row, Event told) => told.Attachments.Where(a => a.MediaType == "image/jpeg").Select(a => Picture(row, a.Sha256));

    /// <summary>No address while it is on its way.</summary>
    private HazardPicture? Picture(FieldRecordRow row, ByteString sha256)
    {
        if (sha256.Length != 32)
            return null;
        using var there = pictures.Open(sha256.ToByteArray());
        return new HazardPicture(there is null ? null : $"/api/records/{row.UnitId}/{Uuid7.ToGuid(row.RecordId)}/pictures/{Convert.ToHexStringLower(sha256.Span)}");
    }

    private async Task<IResult> PictureAsync(string unitId, Guid recordId, string sha256, HttpContext context)
    {
        if (Visible(unitId, recordId, context) is not { } row || !HazardPictures.TryHash(sha256, out var hash)
            || events.Find(Uuid7.ToGuid(row.EventId))?.Event.Attachments.FirstOrDefault(a => a.Sha256.Span.SequenceEqual(hash)) is not { } attachment
            || pictures.Open(hash) is not { } stream)
            return Results.NotFound();
        await access.AuditAsync(new AuditRow(context.Account(), "picture_read", $"record {recordId} {sha256}", "console"));
        return Results.Stream(stream, attachment.MediaType is "image/png" ? "image/png" : "image/jpeg");
    }

    private async Task<IResult> ActAsync((string UnitId, Guid RecordId) of, FieldRecordBody body, FieldState to, HttpContext context, SessionRegistry sessions)
    {
        var words = body.Words?.Trim() ?? "";
        if (words.Length is 0 or > RecordRules.MostAnswer)
            return Refusal.Of(400, words.Length == 0 ? "words_required" : "text_too_long");
        if (Visible(of.UnitId, of.RecordId, context) is not { } row)
            return Refusal.Of(404, "unknown_record");
        var box = sealing.Seal(Encoding.UTF8.GetBytes(words));
        var done = await access.CommitAsync(transaction =>
        {
            if (!table.Act(transaction, row, (context.Account(), context.Role()), to, words, box))
                return false;
            AuditTable.Add(transaction, new AuditRow(context.Account(), $"record_{FieldRecordTable.Word(to)}", $"{of.UnitId} {of.RecordId}", ""), clock.Now);
            return true;
        });
        if (!done)
            return Refusal.Of(409, "record_further");
        sessions.CommandsWait(of.UnitId);
        clock.Changed(Topic);
        return Results.NoContent();
    }

    private FieldRecordRow? Visible(string unitId, Guid recordId, HttpContext context) =>
        access.MaySee(context, unitId) ? table.Find(unitId, Uuid7.ToBytes(recordId)) : null;

    private static FieldRecordView View(FieldRecordRow row) => new(
        row.UnitId, Uuid7.ToGuid(row.RecordId), row.Type, row.Kind, FieldRecordTable.Word((FieldState)row.State), row.At, row.ChangedAt);
}
