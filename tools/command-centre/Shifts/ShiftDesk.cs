using System.Text.Json;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.Shifts;

internal sealed record ShiftBody(long? FromUnixMs, string? Note);

internal sealed record ShiftView(Guid ShiftId, long FromUnixMs, long ToUnixMs, string MadeBy, string? TakenBy, long? TakenAtUnixMs, ShiftSheet? Sheet)
{
    public static ShiftView Of(ShiftRow row, ShiftSheet? sheet = null) =>
        new(Uuid7.ToGuid(row.ShiftId), row.FromAt, row.ToAt, row.MadeBy, row.TakenBy, row.TakenAt, sheet);
}

/// <summary>The hand-over sheet: made by who leaves, read and taken over by who comes. Both stand in it and in the audit.</summary>
internal sealed class ShiftDesk(ShiftTable table, IEnumerable<IShiftSection> sections, ConsoleAccess access, Sealing sealing, ConsoleClock clock)
{
    private const long MostMs = 24 * 3_600_000L;
    private const int MostNote = 2000;
    private const int MostLines = 200;

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet("/shifts", (HttpContext context) => Results.Json(table.Of(Visibility.DistrictOf(context)).Select(row => ShiftView.Of(row)), ConsoleJson.Options)).Needs(Permission.Operate);
        _ = api.MapPost("/shifts", MakeAsync).Needs(Permission.Operate);
        _ = api.MapGet("/shifts/{shiftId:guid}", ReadAsync).Needs(Permission.Operate);
        _ = api.MapPost("/shifts/{shiftId:guid}/take", TakeAsync).Needs(Permission.Operate);
    }

    private async Task<IResult> MakeAsync(ShiftBody body, HttpContext context)
    {
        var (now, note) = (clock.Now, body.Note?.Trim() ?? "");
        if (note.Length > MostNote)
            return Refusal.Of(400, "text_too_long");
        if (body.FromUnixMs is not { } from || from >= now || now - from > MostMs)
            return Refusal.Of(400, "bad_span");
        var span = new ShiftSpan(from, now, unitId => access.MaySee(context, unitId)) { District = Visibility.DistrictOf(context) };
        var sheet = new ShiftSheet(note, [.. sections.Select(section => Part(section, span))]);
        var row = new ShiftRow { ShiftId = Uuid7.New(clock.Time), District = Visibility.DistrictOf(context), FromAt = from, ToAt = now, MadeBy = context.Account() };
        var box = sealing.Seal(JsonSerializer.SerializeToUtf8Bytes(sheet, ConsoleJson.Options));
        _ = await access.CommitAsync(transaction =>
        {
            ShiftTable.Add(transaction, row, box);
            AuditTable.Add(transaction, new AuditRow(context.Account(), "shift_handed_over", $"{Uuid7.ToGuid(row.ShiftId)}", ""), now);
            return 0;
        });
        return Results.Json(ShiftView.Of(row, sheet), ConsoleJson.Options);
    }

    private static ShiftPart Part(IShiftSection section, ShiftSpan span)
    {
        var lines = section.Lines(span).OrderByDescending(line => line.Open).ToList();
        return new ShiftPart(section.Section, lines.Count, lines.Count > MostLines ? lines[..MostLines] : lines);
    }

    private async Task<IResult> ReadAsync(Guid shiftId, HttpContext context)
    {
        if (table.Find(Uuid7.ToBytes(shiftId)) is not { } found || found.Row.District != Visibility.DistrictOf(context))
            return Refusal.Of(404, "unknown_shift");
        await access.AuditAsync(new AuditRow(context.Account(), "shift_read", $"{shiftId}", "console"));
        return Results.Json(ShiftView.Of(found.Row, JsonSerializer.Deserialize<ShiftSheet>(sealing.Open(found.Box), ConsoleJson.Options)), ConsoleJson.Options);
    }

    private async Task<IResult> TakeAsync(Guid shiftId, HttpContext context)
    {
        var (id, now) = (Uuid7.ToBytes(shiftId), clock.Now);
        if (table.Find(id) is not { } found || found.Row.District != Visibility.DistrictOf(context))
            return Refusal.Of(404, "unknown_shift");
        if (found.Row.MadeBy == context.Account())
            return Refusal.Of(409, "own_shift");
        var taken = await access.CommitAsync(transaction =>
        {
            if (!ShiftTable.Take(transaction, id, context.Account(), now))
                return false;
            AuditTable.Add(transaction, new AuditRow(context.Account(), "shift_taken_over", $"{shiftId}", ""), now);
            return true;
        });
        return taken ? Results.NoContent() : Refusal.Of(409, "shift_taken");
    }
}
