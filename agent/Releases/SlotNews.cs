using Dapper;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Releases;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Releases;

/// <summary>
/// What launcher and edgectl did with the slots, told once: an event for the centre and a record in the audit chain, in one step with
/// the note of how far this has come.
/// </summary>
internal sealed class SlotNews(CarOptions options, OutboxStore outbox, Ledger ledger, TimeProvider time)
{
    private readonly AppSlots? slots = options.Releases.Place is { } place ? new AppSlots(place.Base, place.Factory, time) : null;
    private (Guid History, ulong Number)? told;

    public void Tell()
    {
        if (slots?.ReadHistory() is not { Notes.Count: > 0 } history)
            return;
        told ??= Told();
        foreach (SlotNote note in history.Notes.Where(note => told.Value.History != history.Id || note.Number > told.Value.Number))
            Tell(history.Id, note);
    }

    private void Tell(Guid history, SlotNote note)
    {
        (ReleaseOutcome outcome, string purpose) = note.Deed switch
        {
            SlotDeed.Installed => (ReleaseOutcome.Installed, "release_installed"),
            SlotDeed.Tried => (ReleaseOutcome.Tried, "release_tried"),
            SlotDeed.Good => (ReleaseOutcome.Good, "release_good"),
            SlotDeed.Failed => (ReleaseOutcome.Failed, "release_failed"),
            SlotDeed.GivenUp => (ReleaseOutcome.GivenUp, "release_given_up"),
            _ => (ReleaseOutcome.TakenBack, "release_taken_back"),
        };
        _ = ledger.Record(
            new AuditDraft(AuditKind.Configuration, AuditDraft.System, "", $"release/{note.Version}", purpose), Lane.Status, Priority.Normal, "",
            e => e.ReleaseState = new ReleaseState { Version = note.Version, Outcome = outcome, Detail = note.Why, AtUnixMs = note.AtUnixMs },
            also: (connection, transaction, _) => connection.Execute(
                "INSERT INTO slot_news VALUES (1, @history, @number) ON CONFLICT (only) DO UPDATE SET history = excluded.history, number = excluded.number",
                new { history = history.ToString(), number = (long)note.Number }, transaction));
        told = (history, note.Number);
    }

    private (Guid, ulong) Told() => outbox.Read(c => c.QuerySingleOrDefault<(string History, long Number)?>("SELECT history, number FROM slot_news")) is { } row
        ? (Guid.Parse(row.History), (ulong)row.Number) : default;
}
