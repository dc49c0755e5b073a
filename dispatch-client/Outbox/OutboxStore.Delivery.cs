using System.Security.Cryptography;
using Dapper;
using EdgeAgent.Contract;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>
/// The uplink's side: what leaves next, and what came of it. A lease lives in memory only, so that after a restart everything
/// unacknowledged is simply waiting again.
/// </summary>
public sealed partial class OutboxStore
{
    private const int ForgetAtOnce = 1000;
    private const int AcknowledgedAtOnceWhileFull = 32;
    private readonly Dictionary<Guid, long> leased = [];

    /// <summary>What is held of each lane, for Hello.</summary>
    internal IReadOnlyList<LaneState> Lanes()
    {
        lock (gate)
        {
            return [.. nextNumbers.OrderBy(lane => lane.Key).Select(lane => new LaneState
            {
                Lane = lane.Key,
                FirstHeld = FirstHeld(lane.Key) ?? lane.Value,
                NextNumber = lane.Value,
            })];
        }
    }

    /// <summary>The next events to send: by priority, then by age, at most so many and, beyond the first, so many bytes.</summary>
    internal IReadOnlyList<Event> Lease(int maxEvents, int maxBytes, Priority least = Priority.History)
    {
        if (maxEvents <= 0)
            return [];
        lock (gate)
        {
            var rows = connection.Query<(long Key, byte[] Id, long Lane, long Number, byte[] Payload)>(
                """
                SELECT key, id, lane, number, payload FROM events WHERE state = 0 AND priority <= @least
                ORDER BY priority, age LIMIT @limit
                """,
                new { least = (int)least, limit = maxEvents + leased.Count }, buffered: false);
            var events = new List<Event>();
            var unreadable = new List<(long Key, long Lane, long Number)>();
            var bytes = 0;
            foreach (var (key, id, lane, number, payload) in rows)
            {
                var name = Uuid7.ToGuid(id);
                if (leased.ContainsKey(name))
                    continue;
                if (events.Count == maxEvents || (events.Count > 0 && bytes + payload.Length > maxBytes))
                    break;
                if (TryRead(id, payload) is not { } happened)
                {
                    unreadable.Add((key, lane, number));
                    continue;
                }
                bytes += payload.Length;
                leased.Add(name, key);
                growing.Remove(key);
                events.Add(happened);
            }
            foreach (var (key, lane, number) in unreadable)
                Durably(() => ParkUnreadable(key, (Lane)lane, (ulong)number));
            return events;
        }
    }

    /// <summary>Whether the centre has yet to say that it has this event, of this priority; false for one that is not here.</summary>
    public bool IsWaiting(ReadOnlySpan<byte> eventId, Priority priority)
    {
        var id = eventId.ToArray();
        return Read(c => c.ExecuteScalar<long>("SELECT count(*) FROM events WHERE state = 0 AND priority = @priority AND id = @id", new { id, priority = (int)priority })) > 0;
    }

    /// <summary>Of a lane's events of this priority and above, those that the centre has not taken: waiting, or refused with its code.</summary>
    public IReadOnlyDictionary<Guid, string> NotTaken(Lane lane, Priority least)
    {
        lock (gate)
        {
            return connection.Query<(byte[] Id, string? Code)>(
                    "SELECT id, CASE state WHEN 2 THEN coalesce(code, 'refused') END FROM events WHERE state IN (0, 2) AND priority <= @least AND lane = @lane",
                    new { least = (int)least, lane = (int)lane })
                .ToDictionary(row => Uuid7.ToGuid(row.Id), row => row.Code ?? "");
        }
    }

    /// <summary>The session ended: what was under way waits again.</summary>
    internal void ReleaseLeases()
    {
        lock (gate)
            leased.Clear();
    }

    /// <summary>Takes the centre's answers. Answers about events that are not leased change nothing: what is not settled is sent again.</summary>
    /// <returns>How many leases ended.</returns>
    internal int Acknowledge(IReadOnlyCollection<EventAck> acks)
    {
        lock (gate)
        {
            // On a full disk few at a time: what a transaction changes has to fit beside what is there.
            foreach (var some in acks.Chunk(diskFullSince is null ? Math.Max(1, acks.Count) : AcknowledgedAtOnceWhileFull))
                Durably(() => AcknowledgeAll(some));
            counts = null;
            return acks.Count(ack => Answers(ack) && LeaseOf(ack) is not null && leased.Remove(Uuid7.ToGuid(ack.EventId.Span)));
        }
    }

    /// <summary>The centre keeps everything up to this number safe: delivered copies go, unless their attachments are under way.</summary>
    internal void Forget(Lane lane, ulong number)
    {
        lock (gate)
        {
            Durably(() => connection.Execute(
                "UPDATE lanes SET watermark = max(watermark, @number), next_number = max(next_number, @next) WHERE lane = @lane",
                new { lane = (int)lane, number = (long)number, next = (long)nextNumbers.GetValueOrDefault(lane, 1UL) }));
            Durably(() => ForgetPassed(lane));
        }
    }

    /// <summary>
    /// The centre asks again: what is held waits again, what is not is answered by a tombstone.
    /// </summary>
    /// <returns>How many rows wait again.</returns>
    internal int Requeue(Lane lane, ulong from, ulong to)
    {
        lock (gate)
        {
            var last = nextNumbers.GetValueOrDefault(lane, 1UL) - 1;
            var range = new { lane = (int)lane, from = (long)Math.Max(1, from), to = (long)Math.Min(to, last) };
            if (range.from > range.to)
                return 0;
            return Durably(() => Requeue(lane, range.from, range.to));
        }
    }

    /// <summary>Attachments whose event is known at the centre, most urgent first.</summary>
    internal IReadOnlyList<(byte[] EventId, AttachmentRef Reference)> AttachmentsToSend(int max)
    {
        lock (gate)
        {
            return [.. connection.Query<(byte[] Id, byte[] Reference)>(
                """
                SELECT e.id, a.reference FROM attachments a JOIN events e ON e.key = a.event_key
                WHERE a.state = 0 AND e.state = 1 ORDER BY e.priority, e.age LIMIT @max
                """,
                new { max }).Select(row => (row.Id, AttachmentRef.Parser.ParseFrom(row.Reference)))];
        }
    }

    /// <summary>The content of an attachment from an offset on; null after parking one whose file is lost.</summary>
    internal IEnumerator<ReadOnlyMemory<byte>>? ReadAttachment(byte[] sha256, long offset)
    {
        if (files.Exists(sha256))
            return files.Read(sha256, offset).GetEnumerator();
        AttachmentRefused(sha256, "missing_file", "The attachment's file is missing in the car.");
        return null;
    }

    internal void AttachmentDelivered(byte[] sha256)
    {
        lock (gate)
        {
            Durably(() => connection.Execute("UPDATE attachments SET state = 1 WHERE sha256 = @sha256", new { sha256 }));
            counts = null;
            var lanes = connection.Query<long>(
                "SELECT DISTINCT e.lane FROM attachments a JOIN events e ON e.key = a.event_key WHERE a.sha256 = @sha256", new { sha256 }).ToList();
            foreach (var lane in lanes.Select(lane => (Lane)lane))
            {
                Durably(() => SaveNumber(lane, nextNumbers[lane], transaction: null));
                Durably(() => ForgetPassed(lane));
            }
        }
    }

    internal void AttachmentRefused(byte[] sha256, string code, string detail)
    {
        lock (gate)
            Durably(() => ParkAttachment(sha256, code, detail));
    }

    private int Requeue(Lane lane, long from, long to)
    {
        var range = new { first = RowKey.Of(lane, (ulong)from), last = RowKey.Of(lane, (ulong)to) };
        var numbers = new Dictionary<Lane, ulong>();
        using var transaction = connection.BeginTransaction();
        connection.Execute(
            """
            UPDATE attachments SET state = 0 WHERE state = 1 AND event_key IN (
                SELECT key FROM events WHERE key BETWEEN @first AND @last)
            """, range, transaction);
        var again = connection.Execute(
            "UPDATE events SET state = 0, code = NULL, detail = NULL WHERE key BETWEEN @first AND @last AND state <> 0",
            range, transaction);
        var added = AnswerForMissing(lane, from, to, numbers, transaction);
        SaveNewLanes(numbers, transaction);
        transaction.Commit();
        foreach (var (changed, next) in numbers)
            nextNumbers[changed] = next;
        storedBytes += added;
        counts = null;
        return again;
    }

    private void AcknowledgeAll(EventAck[] acks)
    {
        using var transaction = connection.BeginTransaction();
        foreach (var ack in acks)
            Acknowledge(ack, transaction);
        transaction.Commit();
    }

    private void Acknowledge(EventAck ack, SqliteTransaction transaction)
    {
        if (LeaseOf(ack) is not { } key)
            return;
        if (ack.Status is AckStatus.Stored or AckStatus.Duplicate)
        {
            connection.Execute(
                "UPDATE events SET state = 1, code = NULL, detail = NULL WHERE key = @key AND state <> 1", new { key }, transaction);
        }
        else if (ack.Status == AckStatus.Refused)
        {
            connection.Execute(
                "UPDATE events SET state = 2, code = @Code, detail = @Detail WHERE key = @key AND state = 0",
                new { ack.Code, ack.Detail, key }, transaction);
        }
    }

    private ulong? FirstHeld(Lane lane) => (ulong?)connection.ExecuteScalar<long?>(
        "SELECT number FROM events WHERE key BETWEEN @first AND @last ORDER BY key LIMIT 1",
        new { first = RowKey.Of(lane, 0), last = RowKey.Of(lane, ulong.MaxValue) });

    private long? LeaseOf(EventAck ack) =>
        ack.EventId.Length == Uuid7.Length && leased.TryGetValue(Uuid7.ToGuid(ack.EventId.Span), out var key) ? key : null;

    // A status that this program does not know is no answer: the event is sent again in the next session.
    private static bool Answers(EventAck ack) => ack.Status is AckStatus.Stored or AckStatus.Duplicate or AckStatus.Refused;

    private void ForgetPassed(Lane lane)
    {
        int gone;
        do
        {
            var freed = connection.Query<long>(
                """
                DELETE FROM events WHERE key IN (
                    SELECT key FROM events e WHERE key BETWEEN @first AND @first + (SELECT min(watermark, 0xFFFFFFFFFFFF) FROM lanes WHERE lane = @lane)
                        AND held = 0 AND state = 1
                        AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.event_key = e.key AND a.state = 0)
                    ORDER BY key LIMIT @ForgetAtOnce)
                RETURNING size_bytes
                """,
                new { lane = (int)lane, first = RowKey.Of(lane, 0), ForgetAtOnce }).ToList();
            gone = freed.Count;
            storedBytes -= freed.Sum();
        }
        while (gone == ForgetAtOnce);
        DeleteOrphanFiles();
        counts = null;
    }

    private long AnswerForMissing(Lane lane, long from, long to, Dictionary<Lane, ulong> numbers, SqliteTransaction transaction)
    {
        var held = connection.Query<long>(
            "SELECT number FROM events WHERE key BETWEEN @first AND @last ORDER BY key",
            new { first = RowKey.Of(lane, (ulong)from), last = RowKey.Of(lane, (ulong)to) }, transaction);
        long added = 0;
        var expected = from;
        foreach (var number in held.Append(to + 1).ToList())
        {
            if (number > expected)
                added += AnswerForGap(lane, expected, number - 1, numbers, transaction);
            expected = number + 1;
        }
        return added;
    }

    private long AnswerForGap(Lane lane, long from, long to, Dictionary<Lane, ulong> numbers, SqliteTransaction transaction)
    {
        var covered = connection.Execute(
            "UPDATE events SET state = 0 WHERE lane = @lane AND covers_from <= @from AND covers_to >= @to",
            new { lane = (int)lane, from, to }, transaction) > 0;
        return covered ? 0 : BuryRun(lane, (ulong)from, (ulong)to, "forgotten", numbers, transaction);
    }

    private Event? TryRead(byte[] id, byte[] payload)
    {
        try
        {
            var happened = Event.Parser.ParseFrom(seal.Open(payload));
            return happened.Id.Span.SequenceEqual(id) ? happened : null;
        }
        catch (Exception e) when (e is CryptographicException or InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private void ParkUnreadable(long key, Lane lane, ulong number)
    {
        OutboxLog.Unreadable(logger, number, lane.ToString());
        connection.Execute(
            "UPDATE events SET state = 2, code = 'unreadable', detail = 'The stored event cannot be opened any more.' WHERE key = @key",
            new { key });
        counts = null;
    }
}
