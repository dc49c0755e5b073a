using System.Text.Json;
using Dapper;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Patrolling;

/// <summary>What an officer said about an item in a shift.</summary>
internal sealed record DutyNote(long AtUnixMs, string OfficerId, string RelievedBy, string ToUnitId, string Reason, string Words);

/// <summary>Hand-overs of standing posts, and why items were missed: an event to the centre and a row here in one step, kept while the shift is shown.</summary>
internal sealed class DutyNotes
{
    private const string Purpose = "duty-note";
    private const int MostName = 60, MostUnitId = 64;
    private const long KeptMs = 2 * 86_400_000L;

    private readonly Lock gate = new();
    private readonly Dictionary<NoteKey, DutyNote> notes = [];
    private readonly DutyBook duty;
    private readonly OutboxStore store;
    private readonly Ledger ledger;
    private readonly UnitVault vault;
    private readonly TrustedClock clock;

    public DutyNotes(DutyBook duty, OutboxStore store, Ledger ledger, UnitVault vault, TrustedClock clock)
    {
        (this.duty, this.store, this.ledger, this.vault, this.clock) = (duty, store, ledger, vault, clock);
        foreach (var row in store.Read(c => c.Query<(string PlanId, long ShiftFrom, string ItemId, long Kind, byte[] Sealed)>(
            "SELECT plan_id, shift_from, item_id, kind, sealed FROM duty_notes").AsList()))
            notes[new NoteKey(row.PlanId, row.ShiftFrom, row.ItemId, (NoteKind)row.Kind)] = JsonSerializer.Deserialize<DutyNote>(vault.Open(Purpose, row.Sealed))!;
    }

    public event Action? Changed;

    public DutyNote? Of(string planId, long shiftFromUnixMs, string itemId, NoteKind kind)
    {
        lock (gate)
            return notes.GetValueOrDefault(new NoteKey(planId, shiftFromUnixMs, itemId, kind));
    }

    /// <summary>The post is somebody else's from now on. Durable when this returns "".</summary>
    /// <returns>"" or unknown_item, not_a_post, relief_required, text_too_long.</returns>
    public string HandOver(string planId, string itemId, string relievedBy, string toUnitId, DutySession officer)
    {
        (string by, string unit) = (relievedBy.Trim(), toUnitId.Trim());
        if (by.Length + unit.Length == 0)
            return "relief_required";
        if (by.Length > MostName || unit.Length > MostUnitId || by.Any(char.IsControl) || unit.Any(char.IsControl))
            return "text_too_long";
        return Keep(planId, itemId, NoteKind.HandOver, new DutyNote(clock.NowUnixMs, officer.OfficerId, by, unit, "", ""));
    }

    /// <summary>Why it was missed. Durable when this returns "".</summary>
    /// <returns>"" or unknown_item, reason_unknown, words_needed, text_too_long.</returns>
    public string Explain(string planId, string itemId, string reason, string words, DutySession officer)
    {
        string said = words.Trim();
        if (!PatrolReasons.All.Contains(reason))
            return "reason_unknown";
        if (said.Length > PatrolReasons.MostWords || said.Any(c => char.IsControl(c) && c != '\n'))
            return "text_too_long";
        if (reason == PatrolReasons.Other && said.Length == 0)
            return "words_needed";
        return Keep(planId, itemId, NoteKind.Missed, new DutyNote(clock.NowUnixMs, officer.OfficerId, "", "", reason, said));
    }

    private string Keep(string planId, string itemId, NoteKind kind, DutyNote note)
    {
        if (duty.Find(planId, itemId) is not var (route, item, shift))
            return "unknown_item";
        if (kind == NoteKind.HandOver && item.Kind != PatrolItemKind.Post)
            return "not_a_post";
        var key = new NoteKey(planId, shift.FromUnixMs, itemId, kind);
        lock (gate)
        {
            _ = ledger.Append(
                Lane.Calls, Priority.Normal, note.OfficerId, e => e.PatrolNote = Told(key, route, note),
                (connection, transaction) =>
                {
                    _ = connection.Execute("DELETE FROM duty_notes WHERE shift_from < @before", new { before = note.AtUnixMs - KeptMs }, transaction);
                    _ = connection.Execute(
                        "INSERT OR REPLACE INTO duty_notes VALUES (@PlanId, @ShiftFrom, @ItemId, @kind, @closed)",
                        new { key.PlanId, key.ShiftFrom, key.ItemId, kind = (int)kind, closed = vault.Seal(Purpose, JsonSerializer.SerializeToUtf8Bytes(note)) }, transaction);
                });
            notes[key] = note;
            foreach (NoteKey old in notes.Keys.Where(k => k.ShiftFrom < note.AtUnixMs - KeptMs).ToList())
                _ = notes.Remove(old);
        }
        Changed?.Invoke();
        return "";
    }

    private static PatrolNote Told(NoteKey key, PatrolRoute route, DutyNote note)
    {
        var told = new PatrolNote { PlanId = key.PlanId, PlanVersion = route.Version, ItemId = key.ItemId, ShiftFromUnixMs = key.ShiftFrom };
        if (key.Kind == NoteKind.HandOver)
            told.HandOver = new PostHandOver { RelievedBy = note.RelievedBy, ToUnitId = note.ToUnitId };
        else
            told.Missed = new MissedReason { Reason = note.Reason, Words = note.Words };
        return told;
    }

    private sealed record NoteKey(string PlanId, long ShiftFrom, string ItemId, NoteKind Kind);
}

internal enum NoteKind
{
    HandOver = 1,
    Missed = 2,
}
