using EdgeAgent.DispatchClient.Outbox;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Audit;

/// <summary>Where alerts and decisions are written down. What throws has written nothing.</summary>
internal interface IRecords
{
    /// <summary>An event and its audit record, both durable when this returns.</summary>
    /// <inheritdoc cref="Ledger.Record"/>
    public Event Record(
        AuditDraft draft, Lane lane, Priority priority, string officerId, Action<Event> fill, string? detail = null,
        IReadOnlyList<AttachmentDraft>? attachments = null, Action<SqliteConnection, SqliteTransaction, Event>? also = null);

    /// <summary>A record without an event.</summary>
    public void Note(AuditDraft draft);
}
