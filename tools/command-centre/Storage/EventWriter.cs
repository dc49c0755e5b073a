using System.Data.Common;
using EdgeAgent.CommandCentre.Emergencies;
using EdgeAgent.CommandCentre.FieldRecords;
using EdgeAgent.CommandCentre.Hazards;
using EdgeAgent.CommandCentre.Instructions;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>What became of a batch: one ack for each event, in order; and those that are new.</summary>
internal sealed record BatchOutcome(EventAcks Acks, IReadOnlyList<StoredEvent> Stored);

/// <summary>Writes one batch of one unit within one transaction: once by id, each number once, gaps noted.</summary>
internal sealed class EventWriter : IDisposable
{
    private const long MostRefusedKept = 10_000;
    private readonly DbTransaction transaction;
    private readonly Sealing sealing;
    private readonly string unitId;
    private readonly byte[] incarnation;
    private readonly long now;
    private readonly DbCommand find;
    private readonly DbCommand insert;
    private readonly VisibilityLedger visibility;
    private readonly Dictionary<int, LaneLedger> lanes = [];
    private int duplicates;
    private long refusedKept = -1;

    public EventWriter(DbTransaction transaction, Sealing sealing, string unitId, byte[] incarnation, long nowUnixMs)
    {
        (this.transaction, this.sealing, this.unitId, this.incarnation, now) = (transaction, sealing, unitId, incarnation, nowUnixMs);
        visibility = new VisibilityLedger(transaction, sealing, unitId, incarnation, nowUnixMs);
        find = Sql.Prepared(transaction, "SELECT unit_id, incarnation, lane, number FROM events WHERE event_id = @id", "@id");
        insert = Sql.Prepared(
            transaction,
            """
            INSERT INTO events (event_id, unit_id, incarnation, lane, number, kind, officer_id, captured_at, received_at, signature_valid, payload, retention)
            VALUES (@id, @unit, @incarnation, @lane, @number, @kind, @officer, @captured, @received, @valid, @payload, @retention)
            ON CONFLICT DO NOTHING
            """,
            "@id", "@unit", "@incarnation", "@lane", "@number", "@kind", "@officer", "@captured", "@received", "@valid", "@payload", "@retention");
    }

    public BatchOutcome Store(IReadOnlyList<IntakeEvent> events)
    {
        var acks = new EventAcks();
        var stored = new List<StoredEvent>();
        foreach (var item in events)
        {
            var ack = StoreOne(item);
            acks.Acks.Add(ack);
            if (ack.Status == AckStatus.Stored)
                stored.Add(new StoredEvent(Uuid7.ToGuid(item.Event.Id.Span), unitId, now, item.Event, item.SignatureValid));
        }
        foreach (var lane in lanes.Values)
            lane.Save(now);
        if (duplicates > 0)
        {
            using var count = Sql.Command(
                transaction,
                "UPDATE units SET duplicates_attempted = duplicates_attempted + @count WHERE unit_id = @unit",
                ("@count", duplicates), ("@unit", unitId));
            _ = count.ExecuteNonQuery();
        }
        return new BatchOutcome(acks, stored);
    }

    private EventAck StoreOne(IntakeEvent item)
    {
        if (item.Fault is { } fault)
            return Refuse(item, fault.Code, fault.Detail);
        if (Known(item.Event) is { } same)
            return Again(item, same);
        var e = item.Event;
        var rows = insert.Run(
            e.Id.ToByteArray(), unitId, incarnation, (int)e.Lane, (long)e.Number, item.Kind, e.OfficerId, e.CapturedAtUnixMs, now,
            item.SignatureValid, item.Sealed, RetentionClass.Of(e));
        // Between our look and our row another gateway may have stored the id for another unit.
        if (rows == 0)
            return Known(e) is { } other ? Again(item, other) : Refuse(item, "number_reused", "This number of the lane stands for another event already.");
        StoreAttachments(e);
        ClipTable.Note(transaction, unitId, e);
        ExhibitTable.Note(transaction, sealing, unitId, e);
        SosTable.Note(transaction, unitId, e, now);
        HazardTable.Note(transaction, unitId, e, now);
        InstructionTable.Note(transaction, unitId, e, now);
        FieldRecordTable.Note(transaction, unitId, e, now);
        PatrolNoteTable.Note(transaction, unitId, e);
        visibility.Note(e);
        Account(e);
        return new EventAck { EventId = e.Id, Status = AckStatus.Stored };
    }

    private EventAck Again(IntakeEvent item, bool same)
    {
        if (!same)
            return Refuse(item, "id_reused", "This id stands for another event already.");
        duplicates++;
        return new EventAck { EventId = item.Event.Id, Status = AckStatus.Duplicate };
    }

    /// <summary>Null: new. True: this very event. False: the id is taken by another one.</summary>
    private bool? Known(Event e)
    {
        find.Parameters[0].Value = e.Id.ToByteArray();
        using var reader = find.ExecuteReader();
        if (!reader.Read())
            return null;
        return reader.GetString(0) == unitId
            && reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(incarnation)
            && reader.GetInt32(2) == (int)e.Lane
            && reader.GetInt64(3) == (long)e.Number;
    }

    private void StoreAttachments(Event e)
    {
        foreach (var attachment in e.Attachments)
        {
            using var put = Sql.Command(
                transaction,
                "INSERT INTO event_attachments VALUES (@sha256, @id, @size, @type) ON CONFLICT (sha256, event_id) DO NOTHING",
                ("@sha256", attachment.Sha256.ToByteArray()), ("@id", e.Id.ToByteArray()),
                ("@size", (long)attachment.SizeBytes), ("@type", attachment.MediaType));
            _ = put.ExecuteNonQuery();
            EvidenceTable.Await(transaction, attachment.Sha256.ToByteArray(), unitId, now);
        }
    }

    private EventAck Refuse(IntakeEvent item, string code, string detail)
    {
        Keep(item, code, detail);
        // Refused is answered for: asking for it again would bring the same. A reused number is another event's.
        var e = item.Event;
        if (e.Lane != Lane.Unspecified && Enum.IsDefined(e.Lane) && e.Number is > 0 and <= long.MaxValue && code != "number_reused")
            LaneOf(e.Lane).Account((long)e.Number, (long)e.Number);
        return new EventAck { EventId = e.Id, Status = AckStatus.Refused, Code = code, Detail = detail };
    }

    /// <summary>Kept with its reason, up to a bound: a car gone wrong must not fill the disk.</summary>
    private void Keep(IntakeEvent item, string code, string detail)
    {
        if (refusedKept < 0)
        {
            using var count = Sql.Command(transaction, "SELECT count(*) FROM refused WHERE unit_id = @unit", ("@unit", unitId));
            refusedKept = (long)count.ExecuteScalar()!;
        }
        if (refusedKept >= MostRefusedKept)
            return;
        using var keep = Sql.Command(
            transaction,
            """
            INSERT INTO refused (unit_id, incarnation, event_id, lane, number, code, detail, received_at, payload)
            VALUES (@unit, @incarnation, @id, @lane, @number, @code, @detail, @now, @payload) ON CONFLICT DO NOTHING
            """,
            ("@unit", unitId), ("@incarnation", incarnation), ("@id", Bounded(item.Event.Id)), ("@lane", (int)item.Event.Lane),
            ("@number", unchecked((long)item.Event.Number)), ("@code", code), ("@detail", detail), ("@now", now),
            ("@payload", item.Sealed.Length <= EventCheck.MostEventBytes ? item.Sealed : []));
        refusedKept += keep.ExecuteNonQuery();
    }

    private void Account(Event e)
    {
        var ledger = LaneOf(e.Lane);
        ledger.Account((long)e.Number, (long)e.Number);
        if (e.BodyCase == Event.BodyOneofCase.Tombstone)
            ledger.Account((long)e.Tombstone.FromNumber, (long)e.Tombstone.ToNumber);
    }

    private LaneLedger LaneOf(Lane lane)
    {
        if (!lanes.TryGetValue((int)lane, out var ledger))
            lanes[(int)lane] = ledger = LaneLedger.Load(transaction, unitId, incarnation, (int)lane);
        return ledger;
    }

    private static byte[] Bounded(ByteString id) => id.Length <= 64 ? id.ToByteArray() : id.Span[..64].ToArray();

    public void Dispose()
    {
        find.Dispose();
        insert.Dispose();
    }
}
