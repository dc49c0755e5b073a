using System.Text;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Hazards;

/// <summary>A hazard on the board: what, where and how far. Words and pictures are read one by one.</summary>
internal sealed record HazardView(
    string UnitId, Guid HazardId, string Kind, string State, long FoundAtUnixMs, long ChangedAtUnixMs, long Pictures, double? Latitude, double? Longitude);

internal sealed record HazardActView(long AtUnixMs, string Actor, string Act, string Words, IReadOnlyList<HazardPicture> Pictures);

/// <summary>The address of a picture; null while it is on its way.</summary>
internal sealed record HazardPicture(string? Url);

internal sealed record HazardBody(string? Words);

/// <summary>The board of hazards: passed on to whoever mends it, followed until somebody writes down that it is gone.</summary>
internal sealed class HazardDesk(HazardTable table, EventTable events, ConsoleAccess access, HazardPictures pictures, Sealing sealing, ConsoleClock clock) : IConsoleTopic
{
    public const string Topic = "hazards";
    private const long DayMs = 24 * 3_600_000L;

    public string Type => Topic;

    public object Now(HttpContext viewer) => table.Board(clock.Now - DayMs).Where(row => access.MaySee(viewer, row.UnitId)).Select(View).ToList();

    public void Map(RouteGroupBuilder api)
    {
        var one = api.MapGroup("/hazards/{unitId}/{hazardId:guid}");
        _ = one.MapGet("", ActsAsync).Needs(Permission.Operate);
        _ = one.MapGet("/pictures/{sha256}.jpg", PictureAsync).Needs(Permission.Operate);
        Step("pass-on", HazardState.PassedOn);
        Step("close", HazardState.Closed);
        Step("note", null);

        void Step(string path, HazardState? to) => one.MapPost(
            path, (string unitId, Guid hazardId, HazardBody body, HttpContext context, SessionRegistry sessions) => ActAsync((unitId, hazardId), body, to, context, sessions)).Needs(Permission.Operate);
    }

    private async Task<IResult> ActsAsync(string unitId, Guid hazardId, HttpContext context)
    {
        if (Visible(unitId, hazardId, context) is not { } row)
            return Refusal.Of(404, "unknown_hazard");
        await access.AuditAsync(new AuditRow(context.Account(), "hazard_read", $"{unitId} {hazardId}", "console"));
        var acts = table.Acts(unitId, row.HazardId).Select(act =>
        {
            var told = act.EventId is { } id ? events.Find(Uuid7.ToGuid(id))?.Event : null;
            var words = act.Words is { } box ? Encoding.UTF8.GetString(sealing.Open(box)) : told?.Hazard?.Note ?? "";
            return new HazardActView(act.At, act.Actor, act.Act, words, told is null ? [] : pictures.Of(unitId, hazardId, told));
        });
        return Results.Json(new { hazard = View(row), acts = acts.ToList() }, ConsoleJson.Options);
    }

    private async Task<IResult> PictureAsync(string unitId, Guid hazardId, string sha256, HttpContext context)
    {
        if (Visible(unitId, hazardId, context) is not { } row || !HazardPictures.TryHash(sha256, out var hash)
            || !table.IsPictureOf(unitId, row.HazardId, hash) || pictures.Open(hash) is not { } stream)
            return Results.NotFound();
        await access.AuditAsync(new AuditRow(context.Account(), "picture_read", $"hazard {hazardId} {sha256}", "console"));
        return Results.Stream(stream, "image/jpeg");
    }

    private async Task<IResult> ActAsync((string UnitId, Guid HazardId) of, HazardBody body, HazardState? to, HttpContext context, SessionRegistry sessions)
    {
        var (unitId, hazardId) = of;
        var words = body.Words?.Trim() ?? "";
        if (words.Length is 0 or > HazardKinds.MostNote)
            return Refusal.Of(400, words.Length == 0 ? "words_required" : "text_too_long");
        if (Visible(unitId, hazardId, context) is not { } row)
            return Refusal.Of(404, "unknown_hazard");
        var box = sealing.Seal(Encoding.UTF8.GetBytes(words));
        var word = to is { } state ? HazardTable.Word(state) : "note";
        var done = await access.CommitAsync(transaction =>
        {
            if (!table.Act(transaction, unitId, row.HazardId, (context.Account(), context.Role()), to, box))
                return false;
            AuditTable.Add(transaction, new AuditRow(context.Account(), $"hazard_{word}", $"{unitId} {hazardId}", ""), clock.Now);
            return true;
        });
        if (!done)
            return Refusal.Of(409, "hazard_further");
        sessions.CommandsWait(unitId);
        clock.Changed(Topic);
        return Results.NoContent();
    }

    private HazardRow? Visible(string unitId, Guid hazardId, HttpContext context) =>
        access.MaySee(context, unitId) ? table.Find(unitId, Uuid7.ToBytes(hazardId)) : null;

    private HazardView View(HazardRow row)
    {
        var place = events.Find(Uuid7.ToGuid(row.EventId))?.Event.Hazard?.Position;
        var placed = place is not null && Fleet.HasFix(place);
        return new HazardView(
            row.UnitId, Uuid7.ToGuid(row.HazardId), row.Kind, HazardTable.Word((HazardState)row.State), row.FoundAt, row.ChangedAt, row.Pictures,
            placed ? place!.LatitudeDegrees : null, placed ? place!.LongitudeDegrees : null);
    }
}

/// <summary>Pictures that officers took of hazards.</summary>
internal sealed class HazardPictures(EvidenceTable evidence, EvidenceFiles files, Sealing sealing)
{
    public IReadOnlyList<HazardPicture> Of(string unitId, Guid hazardId, Event told) =>
        [.. told.Attachments.Where(a => a.MediaType == "image/jpeg").Select(a => new HazardPicture(
            evidence.CompleteSize(a.Sha256.ToByteArray()) is null ? null : $"/api/hazards/{unitId}/{hazardId}/pictures/{Convert.ToHexStringLower(a.Sha256.Span)}.jpg"))];

    /// <summary>Null while it is not here whole.</summary>
    public Stream? Open(byte[] sha256) => evidence.CompleteSize(sha256) is { } size ? new EvidenceStream(files.PathOf(sha256), sealing, size) : null;

    public static bool TryHash(string hex, out byte[] hash)
    {
        hash = new byte[32];
        return hex.Length == 64 && Convert.FromHexString(hex, hash, out _, out var written) == System.Buffers.OperationStatus.Done && written == 32;
    }
}
