using System.Text;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Instructions;

internal sealed record InstructionBody(IReadOnlyList<string>? UnitIds, string? Text, bool? Urgent);

/// <param name="State">waiting, delivered, read, or the car's code when it did not take it.</param>
internal sealed record InstructionUnitView(string UnitId, string State, long? AtUnixMs, string? ReadBy);

/// <param name="Text">Null in the topic: words are read by asking, and the asking is in the audit; "" once erased on their clock.</param>
internal sealed record InstructionView(Guid InstructionId, long AtUnixMs, string Account, bool Urgent, string? Text, IReadOnlyList<InstructionUnitView> Units);

/// <summary>Instructions to one car, some or all, and who has read them.</summary>
internal sealed class InstructionDesk(InstructionTable table, CommandTable commands, UnitViews units, ConsoleAccess access, Sealing sealing, ConsoleClock clock) : IConsoleTopic
{
    public const string Topic = "instructions";
    public const int MostText = 500;
    private const long DayMs = 24 * 3_600_000L;

    public string Type => Topic;

    /// <summary>Of the last day, without their words.</summary>
    public object Now(HttpContext viewer) => Views(viewer, clock.Now - DayMs, withText: false);

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/instructions", SendAsync).Needs(Permission.Instruct);
        _ = api.MapGet("/instructions", (Func<HttpContext, Task<IResult>>)ReadAsync).Needs(Permission.Instruct);
    }

    public IReadOnlyList<InstructionView> Views(HttpContext viewer, long fromUnixMs, bool withText)
    {
        var (rows, all) = table.Since(fromUnixMs);
        return [.. rows
            .Select(row => (Row: row, Units: all[Uuid7.ToGuid(row.InstructionId)].Where(unit => access.MaySee(viewer, unit.UnitId)).Select(UnitView).ToList()))
            .Where(one => one.Units.Count > 0)
            .Select(one => new InstructionView(
                Uuid7.ToGuid(one.Row.InstructionId), one.Row.At, one.Row.Account, one.Row.Urgent != 0, withText ? TextOf(one.Row) : null, one.Units))];
    }

    private async Task<IResult> ReadAsync(HttpContext context)
    {
        var views = Views(context, clock.Now - (7 * DayMs), withText: true);
        await access.AuditAsync(new AuditRow(context.Account(), "instructions_read", $"{views.Count}", "console"));
        return Results.Json(views, ConsoleJson.Options);
    }

    private async Task<IResult> SendAsync(InstructionBody body, HttpContext context, SessionRegistry sessions)
    {
        var text = body.Text?.Trim() ?? "";
        if (text.Length is 0 or > MostText)
            return Refusal.Of(400, text.Length == 0 ? "text_required" : "text_too_long");
        var known = units.Now(Visibility.DistrictOf(context)).Select(unit => unit.UnitId).ToHashSet();
        var to = body.UnitIds?.Distinct().ToList() ?? [];
        if (to.Count == 0 || !to.TrueForAll(known.Contains))
            return Refusal.Of(400, "unknown_unit");
        var id = Uuid7.New(clock.Time);
        var box = sealing.Seal(Encoding.UTF8.GetBytes(text));
        _ = await access.CommitAsync(transaction =>
        {
            InstructionTable.Add(transaction, new InstructionRow { InstructionId = id, At = clock.Now, Account = context.Account(), Urgent = body.Urgent == true ? 1 : 0, Sealed = box });
            foreach (var unitId in to)
            {
                var command = CommandTable.New(context.Account(), context.Role(), clock.Time);
                command.Instruction = new Instruction { InstructionId = ByteString.CopyFrom(id), Text = text, Urgent = body.Urgent == true };
                commands.Add(transaction, unitId, command);
                InstructionTable.AddUnit(transaction, id, unitId, command.Id.ToByteArray());
                AuditTable.Add(transaction, new AuditRow(context.Account(), "instruction", $"{unitId} {Uuid7.ToGuid(id)}", ""), clock.Now);
            }
            ChangeTable.Note(transaction, ChangeKind.Topics, Topic, clock.Now);
            return to.Count;
        });
        foreach (var unitId in to)
            sessions.CommandsWait(unitId);
        clock.Changed(Topic);
        return Results.Ok(new { instructionId = Uuid7.ToGuid(id) });
    }

    private string TextOf(InstructionRow row) => row.Sealed.Length == 0 ? "" : Encoding.UTF8.GetString(sealing.Open(row.Sealed));

    private static InstructionUnitView UnitView(InstructionUnit unit) => unit switch
    {
        { ReadAt: { } at } => new(unit.UnitId, "read", at, unit.ReadBy),
        { DeliveredAt: null } => new(unit.UnitId, "waiting", null, null),
        { Outcome: "stored" or "duplicate" } => new(unit.UnitId, "delivered", unit.DeliveredAt, null),
        _ => new(unit.UnitId, unit.Outcome ?? "refused", unit.DeliveredAt, null),
    };
}
