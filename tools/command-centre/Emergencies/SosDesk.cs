using System.Text;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Emergencies;

internal sealed record SosView
{
    public required string UnitId { get; init; }
    public Guid SosId { get; init; }
    public required string OfficerId { get; init; }
    public long AtUnixMs { get; init; }
    public long ReceivedAtUnixMs { get; init; }
    public long? EndedAtUnixMs { get; init; }
    public long? AcknowledgedAtUnixMs { get; init; }
    public string? AcknowledgedBy { get; init; }

    /// <summary>Where it was pressed; null without a fix.</summary>
    public PositionView? Position { get; init; }
}

internal sealed record SosCloseBody(string? Result);

/// <summary>An officer needs help: above everything at every console that sees the car, until a person has taken it and closed it.</summary>
internal sealed class SosDesk(
    SosTable table, EventTable events, Visibility visibility, CommandTable commands, SessionRegistry sessions, CommitQueue commits, Sealing sealing, ConsoleClock clock)
    : IConsoleTopic
{
    public const string Topic = "sos";
    private const int MostResult = 500;
    private static readonly TimeSpan StaysTrue = TimeSpan.FromDays(1);

    public string Type => Topic;

    public object Now(HttpContext viewer) => table.Open().Where(row => visibility.MaySee(viewer, row.UnitId)).Select(View).ToList();

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/sos/{unitId}/{sosId:guid}/acknowledge", (string unitId, Guid sosId, HttpContext context) => AcknowledgeAsync(unitId, sosId, context)).Needs(Permission.Operate);
        _ = api.MapPost("/sos/{unitId}/{sosId:guid}/close", (string unitId, Guid sosId, SosCloseBody body, HttpContext context) => CloseAsync(unitId, sosId, body, context)).Needs(Permission.Operate);
    }

    private Task<IResult> AcknowledgeAsync(string unitId, Guid sosId, HttpContext context) =>
        ActAsync(unitId, sosId, context, ("sos_taken", SosState.Taken), transaction => SosTable.Acknowledge(transaction, unitId, Uuid7.ToBytes(sosId), context.Account(), clock.Now));

    private async Task<IResult> CloseAsync(string unitId, Guid sosId, SosCloseBody body, HttpContext context)
    {
        var result = body.Result?.Trim() ?? "";
        if (result.Length is 0 or > MostResult)
            return Refusal.Of(400, result.Length == 0 ? "result_required" : "text_too_long");
        var box = sealing.Seal(Encoding.UTF8.GetBytes(result));
        return await ActAsync(unitId, sosId, context, ("sos_closed", SosState.Closed), transaction => SosTable.Close(transaction, unitId, Uuid7.ToBytes(sosId), context.Account(), box, clock.Now));
    }

    private async Task<IResult> ActAsync(string unitId, Guid sosId, HttpContext context, (string Audit, SosState State) done, Func<System.Data.Common.DbTransaction, bool> act)
    {
        if (!visibility.MaySee(context, unitId))
            return Refusal.Of(404, "unknown_sos");
        // The officer who called is to know that somebody has it.
        var word = CommandTable.New(context.Account(), context.Role(), clock.Time, StaysTrue);
        word.Sos = new SosAnswer { SosId = ByteString.CopyFrom(Uuid7.ToBytes(sosId)), State = done.State };
        var acted = await commits.CommitAsync(transaction =>
        {
            if (!act(transaction))
                return false;
            commands.Add(transaction, unitId, word);
            AuditTable.Add(transaction, new AuditRow(context.Account(), done.Audit, $"{unitId} {sosId}", ""), clock.Now);
            ChangeTable.Note(transaction, ChangeKind.Topics, Topic, clock.Now);
            return true;
        });
        if (!acted)
            return Refusal.Of(409, "sos_not_open");
        sessions.CommandsWait(unitId);
        clock.Changed(Topic);
        return Results.NoContent();
    }

    private SosView View(SosRow row)
    {
        var pressed = events.Find(Uuid7.ToGuid(row.EventId))?.Event.Sos?.Position;
        return new SosView
        {
            UnitId = row.UnitId,
            SosId = Uuid7.ToGuid(row.SosId),
            OfficerId = row.OfficerId,
            AtUnixMs = row.At,
            ReceivedAtUnixMs = row.ReceivedAt,
            EndedAtUnixMs = row.EndedAt,
            AcknowledgedAtUnixMs = row.AcknowledgedAt,
            AcknowledgedBy = row.AcknowledgedBy,
            Position = pressed is not null && Fleet.HasFix(pressed) ? PositionView.Of(pressed) : null,
        };
    }
}
