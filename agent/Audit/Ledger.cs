using System.Security.Cryptography;
using System.Text;
using Dapper;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Audit;

/// <summary>
/// The durable step of everything that counts: the event for the centre, the audit record and the caller's own rows become durable
/// together or not at all. The record goes into the event's transaction first; the chain's file follows, at the latest when the
/// log is opened next.
/// </summary>
internal sealed class Ledger(OutboxStore outbox, AuditLog audit, UnitVault vault, TrustedClock clock) : IRecords
{
    private const string DetailPurpose = "audit-detail";

    private const int MostRecent = 256;

    // Of this run, and of lanes that tell of something seen or done: what video may be asked about.
    private readonly Queue<(ByteString Id, long CapturedAtUnixMs)> recent = new(MostRecent);

    /// <summary>The record that was committed last, for <see cref="AuditLog.Open"/>.</summary>
    public static AuditEntry? LastCommitted(OutboxStore outbox) =>
        outbox.Read(c => c.ExecuteScalar<byte[]?>("SELECT entry FROM audit_committed")) is { } bytes ? AuditEntry.Parser.ParseFrom(bytes) : null;

    /// <summary>An event and its audit record, both on disk when this returns.</summary>
    /// <param name="detail">Personal details: only their salted hash enters the chain, they lie beside it, sealed and erasable.</param>
    /// <param name="attachments">Files to follow the event.</param>
    /// <param name="also">Writes the caller's own rows in the same step.</param>
    public Event Record(
        AuditDraft draft, Lane lane, Priority priority, string officerId, Action<Event> fill, string? detail = null,
        IReadOnlyList<AttachmentDraft>? attachments = null, Action<SqliteConnection, SqliteTransaction, Event>? also = null)
    {
        Detail? sealedDetail = detail is null ? null : Detail.Of(detail);
        return Remembered(audit.AppendWith(sealedDetail?.CommitIn(draft) ?? draft, (entry, sequence) => outbox.Append(
            new EventDraft(lane, priority, officerId, clock.NowUnixMs, clock.Trust, fill, attachments),
            (connection, transaction, happened) =>
            {
                also?.Invoke(connection, transaction, happened);
                Keep(entry, sequence, sealedDetail, connection, transaction);
            })));
    }

    /// <summary>A record without an event, with personal details beside the chain as <see cref="Record"/> keeps them; both on disk when this returns.</summary>
    public void NoteSealed(AuditDraft draft, string detail)
    {
        Detail sealedDetail = Detail.Of(detail);
        _ = audit.AppendWith(sealedDetail.CommitIn(draft), (entry, sequence) =>
        {
            outbox.Write((connection, transaction) => Keep(entry, sequence, sealedDetail, connection, transaction));
            return sequence;
        });
    }

    /// <summary>An event that needs no audit record: the trail, heads of the chain, health.</summary>
    public Event Append(
        Lane lane, Priority priority, string officerId, Action<Event> fill, Action<SqliteConnection, SqliteTransaction>? also = null) =>
        Remembered(outbox.Append(new EventDraft(lane, priority, officerId, clock.NowUnixMs, clock.Trust, fill), also));

    /// <inheritdoc cref="Append(Lane, Priority, string, Action{Event}, Action{SqliteConnection, SqliteTransaction}?)"/>
    public Event Append(Lane lane, Priority priority, string officerId, Action<Event> fill, Action<SqliteConnection, SqliteTransaction, Event> also) =>
        Remembered(outbox.Append(new EventDraft(lane, priority, officerId, clock.NowUnixMs, clock.Trust, fill), also));

    /// <summary>When an event of this run was captured; null for one that this car has not told of lately.</summary>
    public long? CapturedAt(ByteString eventId)
    {
        lock (recent)
            return recent.FirstOrDefault(e => e.Id == eventId) is { Id: not null } found ? found.CapturedAtUnixMs : null;
    }

    private Event Remembered(Event happened)
    {
        if (happened.Lane is Lane.Positions or Lane.Audit)
            return happened;
        lock (recent)
        {
            if (recent.Count >= MostRecent)
                _ = recent.Dequeue();
            recent.Enqueue((happened.Id, happened.CapturedAtUnixMs));
        }
        return happened;
    }

    /// <summary>
    /// An event that a full disk may refuse: the trail, counts. What is refused is gone and counted
    /// (<see cref="OutboxCounts.NotTaken"/>), and the terminal shows that the disk is full.
    /// </summary>
    /// <returns>Whether it was taken.</returns>
    public bool AppendIfRoom(Lane lane, Priority priority, string officerId, Action<Event> fill)
    {
        try
        {
            _ = Append(lane, priority, officerId, fill);
            return true;
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            return false;
        }
    }

    /// <summary>Erases personal details beside the chain, with their keys; the chain keeps their salted hashes.</summary>
    /// <returns>How many.</returns>
    public int ForgetDetails(long writtenBeforeUnixMs, long nowUnixMs)
    {
        // On most turns there is nothing, and nothing is written.
        if (outbox.Read(c => c.ExecuteScalar<long>(
            "SELECT count(*) FROM audit_details WHERE at_unix_ms IS NULL OR at_unix_ms < @writtenBeforeUnixMs", new { writtenBeforeUnixMs })) == 0)
            return 0;
        int gone = 0;
        outbox.Write((connection, transaction) =>
        {
            _ = connection.Execute("UPDATE audit_details SET at_unix_ms = @nowUnixMs WHERE at_unix_ms IS NULL", new { nowUnixMs }, transaction);
            gone = connection.Execute("DELETE FROM audit_details WHERE at_unix_ms < @writtenBeforeUnixMs", new { writtenBeforeUnixMs }, transaction);
        });
        return gone;
    }

    /// <summary>A record without an event.</summary>
    public void Note(AuditDraft draft) => _ = audit.Append(draft);

    private void Keep(AuditEntry entry, ulong sequence, Detail? detail, SqliteConnection connection, SqliteTransaction transaction)
    {
        _ = connection.Execute(
            "INSERT INTO audit_committed VALUES (1, @entry) ON CONFLICT (only) DO UPDATE SET entry = excluded.entry",
            new { entry = entry.ToByteArray() }, transaction);
        if (detail is not null)
        {
            _ = connection.Execute(
                "INSERT OR REPLACE INTO audit_details VALUES (@sequence, @Salt, @closed, @at)",
                new { sequence = (long)sequence, detail.Salt, closed = vault.Seal(DetailPurpose, detail.Said), at = clock.NowUnixMs }, transaction);
        }
    }

    private sealed record Detail(byte[] Salt, byte[] Said)
    {
        public static Detail Of(string detail) => new(RandomNumberGenerator.GetBytes(16), Encoding.UTF8.GetBytes(detail));

        public AuditDraft CommitIn(AuditDraft draft) => draft with { Commitment = SHA256.HashData([.. Salt, .. Said]) };
    }
}
