using EdgeAgent.Agent.Audit;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Records;

/// <summary>
/// What alerts are written to in a history: kept in memory, since a million histories on a disk would take far too long. It can be full, and
/// something can happen in the middle of a write.
/// </summary>
internal sealed class MemoryRecords : IRecords
{
    private readonly List<(AuditKind Kind, Event Event)> written = [];

    public bool Full { get; set; }

    /// <summary>Runs once, while the next record is being written.</summary>
    public Action? During { get; set; }

    public IReadOnlyList<(AuditKind Kind, Event Event)> Written => written;

    public Event Record(
        AuditDraft draft, Lane lane, Priority priority, string officerId, Action<Event> fill, string? detail = null,
        IReadOnlyList<AttachmentDraft>? attachments = null, Action<SqliteConnection, SqliteTransaction, Event>? also = null)
    {
        Write();
        var happened = new Event { Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)), Lane = lane, Priority = priority, OfficerId = officerId };
        fill(happened);
        written.Add((draft.Kind, happened));
        return happened;
    }

    public void Note(AuditDraft draft) => Write();

    private void Write()
    {
        (Action? during, During) = (During, null);
        during?.Invoke();
        if (Full)
            throw new OutboxException("disk_full", "The disk is full, in this history.");
    }
}
