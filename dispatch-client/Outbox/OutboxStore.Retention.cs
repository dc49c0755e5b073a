using Dapper;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>What goes because its time is over, whether it could be delivered or not.</summary>
public sealed partial class OutboxStore
{
    /// <summary>
    /// Deletes rows of one lane, with their attachments. What was not delivered leaves a tombstone (reason "retention"). What is under way
    /// to the centre just now is passed over.
    /// </summary>
    /// <param name="lane">Whose rows.</param>
    /// <param name="capturedBeforeUnixMs">Captured before this.</param>
    /// <param name="isDue">Which of them; null: all. Rows that cannot be opened are passed over.</param>
    /// <param name="evenIfHeld">Also those under a hold.</param>
    /// <param name="capturedFromUnixMs">Captured at this time or later.</param>
    /// <param name="spared">
    /// For an <paramref name="isDue"/> that always says the same of a row: what it spared in earlier calls, the caller's to keep. Such rows
    /// are not opened again.
    /// </param>
    /// <returns>How many rows went.</returns>
    /// <exception cref="OutboxException">disk_full.</exception>
    public int ForgetDue(
        Lane lane, long capturedBeforeUnixMs, Func<Event, bool>? isDue = null, bool evenIfHeld = false, long capturedFromUnixMs = long.MinValue,
        HashSet<long>? spared = null)
    {
        lock (gate)
        {
            var leasedKeys = leased.Values.ToHashSet();
            List<Victim> rows = [.. connection.Query<Victim>(
                """
                SELECT key AS Key, lane AS Lane, number AS Number, state AS State, size_bytes AS SizeBytes FROM events
                WHERE key BETWEEN @first AND @last AND captured_at_unix_ms >= @capturedFromUnixMs AND captured_at_unix_ms < @capturedBeforeUnixMs
                    AND covers_from IS NULL AND (held = 0 OR @evenIfHeld)
                ORDER BY key
                """,
                new { first = RowKey.Of(lane, 0), last = RowKey.Of(lane, ulong.MaxValue), capturedFromUnixMs, capturedBeforeUnixMs, evenIfHeld })];
            spared?.IntersectWith(rows.Select(row => row.Key));
            List<Victim> due = [.. rows.Where(row => !leasedKeys.Contains(row.Key) && (isDue is null || IsDue(row.Key, isDue, spared)))];
            foreach (var some in due.Chunk(DropAtOnce))
                _ = Durably(() => Drop(some, "retention"));
            return due.Count;
        }
    }

    private bool IsDue(long key, Func<Event, bool> isDue, HashSet<long>? spared)
    {
        if (spared?.Contains(key) == true)
            return false;
        var (id, payload) = connection.QuerySingle<(byte[] Id, byte[] Payload)>("SELECT id, payload FROM events WHERE key = @key", new { key });
        if (TryRead(id, payload) is not { } happened)
            return false;
        bool due = isDue(happened);
        if (!due)
            _ = spared?.Add(key);
        return due;
    }

    /// <summary>Keeps rows of one lane when space runs short and when their time is over, or lets go of them again.</summary>
    /// <returns>How many rows.</returns>
    public int SetHold(Lane lane, Func<Event, bool> which, bool hold)
    {
        ArgumentNullException.ThrowIfNull(which);
        lock (gate)
        {
            List<long> keys = [.. connection.Query<(long Key, byte[] Id, byte[] Payload)>(
                "SELECT key, id, payload FROM events WHERE key BETWEEN @first AND @last AND held <> @hold",
                new { first = RowKey.Of(lane, 0), last = RowKey.Of(lane, ulong.MaxValue), hold }, buffered: false)
                .Where(row => TryRead(row.Id, row.Payload) is { } happened && which(happened)).Select(row => row.Key)];
            return Durably(() => keys.Sum(key => connection.Execute("UPDATE events SET held = @hold WHERE key = @key", new { hold, key })));
        }
    }
}
