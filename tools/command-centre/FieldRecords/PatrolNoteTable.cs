using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.FieldRecords;

/// <param name="Kind">hand_over or missed.</param>
/// <param name="Reason">A code of PatrolReasons; "" for a hand-over.</param>
/// <param name="Words">The officer's own, or who takes over.</param>
internal sealed record PatrolNoteView(string UnitId, long AtUnixMs, string Kind, string Reason, string Words);

/// <summary>What officers said about items of a plan in a shift: the newest of each kind of each car.</summary>
internal sealed class PatrolNoteTable(CentreDatabase database, EventTable events)
{
    private const int MostRead = 2_000;

    /// <summary>In the transaction that stores the event.</summary>
    public static void Note(DbTransaction transaction, string unitId, Event happened)
    {
        if (happened.PatrolNote is not { } note)
            return;
        transaction.Connection!.Execute(
            """
            INSERT INTO patrol_notes (unit_id, plan_id, shift_from, item_id, kind, at, event_id) VALUES (@unitId, @PlanId, @ShiftFromUnixMs, @ItemId, @kind, @at, @eventId)
            ON CONFLICT (unit_id, plan_id, shift_from, item_id, kind) DO UPDATE SET
                event_id = CASE WHEN excluded.at >= patrol_notes.at THEN excluded.event_id ELSE patrol_notes.event_id END,
                at = CASE WHEN excluded.at >= patrol_notes.at THEN excluded.at ELSE patrol_notes.at END
            """,
            new
            {
                unitId,
                note.PlanId,
                note.ShiftFromUnixMs,
                note.ItemId,
                kind = note.NoteCase == PatrolNote.NoteOneofCase.HandOver ? "hand_over" : "missed",
                at = happened.CapturedAtUnixMs,
                eventId = happened.Id.ToByteArray(),
            },
            transaction);
        ChangeTable.Note(transaction, ChangeKind.Topics, "patrol", happened.CapturedAtUnixMs);
    }

    /// <summary>Of shifts that begin within these times, by plan, shift and item.</summary>
    public ILookup<(string PlanId, long ShiftFrom, string ItemId), PatrolNoteView> Within(long fromUnixMs, long toUnixMs) => database.Read(c => c.Query<(string UnitId, string PlanId, long ShiftFrom, string ItemId, string Kind, long At, byte[] EventId)>(
        "SELECT unit_id, plan_id, shift_from, item_id, kind, at, event_id FROM patrol_notes WHERE shift_from >= @fromUnixMs AND shift_from < @toUnixMs ORDER BY at LIMIT @MostRead",
        new { fromUnixMs, toUnixMs, MostRead }).AsList())
        .ToLookup(row => (row.PlanId, row.ShiftFrom, row.ItemId), row => View(row.UnitId, row.At, row.Kind, row.EventId));

    private PatrolNoteView View(string unitId, long at, string kind, byte[] eventId)
    {
        var note = events.Find(Uuid7.ToGuid(eventId))?.Event.PatrolNote;
        var words = note?.HandOver is { } relief ? string.Join(' ', new[] { relief.RelievedBy, relief.ToUnitId }.Where(part => part.Length > 0)) : note?.Missed?.Words ?? "";
        return new PatrolNoteView(unitId, at, kind, note?.Missed?.Reason ?? "", words);
    }
}
