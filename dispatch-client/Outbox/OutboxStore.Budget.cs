using Dapper;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>What goes first when space runs short. Never an undelivered decision, call or audit head, nor anything under a hold.</summary>
public sealed partial class OutboxStore
{
    private const int DropAtOnce = 64;
    private const string Free = "held = 0 AND covers_from IS NULL";
    private const string Everyday = "lane NOT IN (1, 2, 5)"; // not decisions, calls, audit
    private const string Delivered = "state = 1 AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.event_key = key AND a.state = 0)";

    /// <summary>In this order; a delivered copy goes before anything undelivered of the same worth.</summary>
    private static readonly string[] DropOrder =
    [
        $"{Delivered} AND priority = 4 AND {Everyday}",
        $"state IN (0, 2) AND priority = 4 AND {Everyday}",
        $"{Delivered} AND priority = 3 AND {Everyday}",
        $"state IN (0, 2) AND priority = 3 AND {Everyday}",
        $"{Delivered} AND {Everyday}",
        $"{Delivered}",
        $"state IN (0, 2) AND priority = 2 AND {Everyday}",
    ];

    // Tombstones that this process made and has not sent yet: they may still grow. After a restart nobody knows whether they
    // were sent, so they stay as they are.
    private readonly Dictionary<long, string> growing = [];

    private sealed record Victim(long Key, long Lane, long Number, long State, long SizeBytes);

    private void EnforceBudget()
    {
        var dropped = 0;
        try
        {
            dropped = DropToBudget();
        }
        catch (SqliteException e) when (DiskFull.Is(e))
        {
            // What was appended is on disk and stays so; the budget is met again once the disk is.
            MeetFull();
        }
        if (dropped > 0)
            OutboxLog.Dropped(logger, dropped);
    }

    private int DropToBudget()
    {
        var dropped = 0;
        foreach (var among in DropOrder)
        {
            while (storedBytes > options.MaxBytes)
            {
                var before = storedBytes;
                var (events, undelivered) = DropSome(among);
                dropped += undelivered;
                if (events == 0 || storedBytes >= before)
                    break;
            }
        }
        return dropped;
    }

    /// <summary>The disk is full before the budget is: lets go of the least worth.</summary>
    /// <returns>Whether anything went.</returns>
    private bool DropLeastWorth()
    {
        foreach (var among in DropOrder)
        {
            var (events, undelivered) = DropSome(among);
            if (undelivered > 0)
                OutboxLog.Dropped(logger, undelivered);
            if (events > 0)
                return true;
        }
        return false;
    }

    private (int Events, int Undelivered) DropSome(string among)
    {
        var leasedKeys = leased.Values.ToHashSet();
        var victims = connection.Query<Victim>(
            $"""
            SELECT key AS Key, lane AS Lane, number AS Number, state AS State, size_bytes AS SizeBytes FROM events
            WHERE {among} AND {Free} ORDER BY age LIMIT @limit
            """,
            new { limit = DropAtOnce + leasedKeys.Count })
            .Where(victim => !leasedKeys.Contains(victim.Key)).Take(DropAtOnce).ToList();
        return victims.Count == 0 ? (0, 0) : Drop(victims, "space");
    }

    private (int Events, int Undelivered) Drop(IReadOnlyList<Victim> victims, string reason)
    {
        var undelivered = victims.Where(victim => victim.State != (long)EventState.Acknowledged).ToList();
        long freed;
        long added;
        var numbers = new Dictionary<Lane, ulong>();
        using (var transaction = connection.BeginTransaction())
        {
            connection.Execute("DELETE FROM events WHERE key = @Key", victims.Select(victim => new { victim.Key }), transaction);
            freed = victims.Sum(victim => victim.SizeBytes);
            added = undelivered.GroupBy(victim => victim.Lane)
                .Sum(lane => Bury((Lane)lane.Key, [.. lane.Select(victim => victim.Number).Order()], reason, numbers, transaction));
            if (undelivered.Count > 0)
            {
                connection.Execute(
                    "INSERT INTO store VALUES ('dropped', @count) ON CONFLICT (key) DO UPDATE SET value = value + excluded.value",
                    new { count = undelivered.Count }, transaction);
            }
            SaveNumbers(numbers, transaction);
            transaction.Commit();
        }
        foreach (var (lane, next) in numbers)
            nextNumbers[lane] = next;
        storedBytes += added - freed;
        DeleteOrphanFiles();
        counts = null;
        return (victims.Count, undelivered.Count);
    }

    /// <summary>Leaves tombstones for numbers of one lane, one a run of neighbours.</summary>
    /// <returns>Bytes added.</returns>
    private long Bury(Lane lane, List<long> numbers, string reason, Dictionary<Lane, ulong> taken, SqliteTransaction transaction)
    {
        long added = 0;
        for (int first = 0, next = 1; first < numbers.Count; first = next++)
        {
            while (next < numbers.Count && numbers[next] == numbers[next - 1] + 1)
                next++;
            added += BuryRun(lane, (ulong)numbers[first], (ulong)numbers[next - 1], reason, taken, transaction);
        }
        return added;
    }

    private long BuryRun(Lane lane, ulong from, ulong to, string reason, Dictionary<Lane, ulong> taken, SqliteTransaction transaction)
    {
        var neighbour = connection.QueryFirstOrDefault<(long Key, long Number, byte[] Payload, long SizeBytes)?>(
            "SELECT key, number, payload, size_bytes FROM events WHERE lane = @lane AND covers_to = @before AND state = 0 LIMIT 1",
            new { lane = (int)lane, before = (long)from - 1 }, transaction);
        if (neighbour is { } tombstone && growing.GetValueOrDefault(tombstone.Key) == reason && !leased.ContainsValue(tombstone.Key))
            return Grow(tombstone.Key, tombstone.Payload, tombstone.SizeBytes, to, transaction);
        var stone = new Tombstone { Lane = lane, FromNumber = from, ToNumber = to, Reason = reason };
        var draft = new EventDraft(
            lane, Priority.Normal, "", time.GetUtcNow().ToUnixTimeMilliseconds(), TimeTrust.Untrusted, happened => happened.Tombstone = stone);
        var buried = Build(draft, [], NextNumber(taken, lane));
        growing[RowKey.Of(lane, buried.Number)] = reason;
        return Insert([buried], [seal.Seal(Checked(buried))], stone);
    }

    private long Grow(long key, byte[] payload, long sizeBytes, ulong to, SqliteTransaction transaction)
    {
        var happened = Event.Parser.ParseFrom(seal.Open(payload));
        happened.Tombstone.ToNumber = to;
        var grown = seal.Seal(Google.Protobuf.MessageExtensions.ToByteArray(happened));
        var size = (long)grown.Length + RowOverheadBytes;
        connection.Execute(
            "UPDATE events SET payload = @grown, covers_to = @to, size_bytes = @size WHERE key = @key",
            new { grown, to = (long)to, size, key }, transaction);
        return size - sizeBytes;
    }

    private void DeleteOrphanFiles() =>
        DeleteUnreferenced(connection.Query<byte[]>("SELECT sha256 FROM files WHERE sha256 NOT IN (SELECT sha256 FROM attachments)"));

    /// <summary>The row goes before the file: a cut between the two leaves a file that the next start sweeps away.</summary>
    private void DeleteUnreferenced(IEnumerable<byte[]> candidates)
    {
        foreach (var sha256 in candidates.ToList())
        {
            if (connection.ExecuteScalar<long>("SELECT count(*) FROM attachments WHERE sha256 = @sha256", new { sha256 }) > 0)
                continue;
            storedBytes -= connection.ExecuteScalar<long?>("DELETE FROM files WHERE sha256 = @sha256 RETURNING stored_bytes", new { sha256 }) ?? 0;
            files.Delete(sha256);
        }
    }

    private void MatchFilesWithRows()
    {
        DeleteOrphanFiles();
        files.Sweep(connection.Query<byte[]>("SELECT sha256 FROM files").Select(sha256 => AttachmentFiles.NameOf(sha256)).ToHashSet());
        var lost = connection.Query<byte[]>("SELECT DISTINCT sha256 FROM attachments WHERE state = @Pending", new { AttachmentState.Pending })
            .Where(sha256 => !files.Exists(sha256)).ToList();
        foreach (var sha256 in lost)
            ParkAttachment(sha256, "missing_file", "The attachment's file is missing or damaged in the car.");
    }

    private void ParkAttachment(byte[] sha256, string code, string detail)
    {
        OutboxLog.AttachmentLost(logger, AttachmentFiles.NameOf(sha256));
        connection.Execute(
            "UPDATE attachments SET state = @Refused, code = @code, detail = @detail WHERE sha256 = @sha256",
            new { AttachmentState.Refused, code, detail, sha256 });
        counts = null;
    }
}
