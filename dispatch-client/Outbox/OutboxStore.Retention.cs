using Dapper;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>What goes because its time is over, whether it could be delivered or not.</summary>
public sealed partial class OutboxStore
{
    private sealed record Candidate(long Key, long Lane, long Number, long State, long SizeBytes, byte[] Id, byte[] Payload);

    /// <summary>
    /// Deletes rows of one lane, with their attachments. What was not delivered leaves a tombstone (reason "retention"). What is under way
    /// to the centre just now is passed over.
    /// </summary>
    /// <param name="lane">Whose rows.</param>
    /// <param name="capturedBeforeUnixMs">Captured before this.</param>
    /// <param name="isDue">Which of them; null: all. Rows that cannot be opened are passed over.</param>
    /// <param name="evenIfHeld">Also those under a hold.</param>
    /// <returns>How many rows went.</returns>
    /// <exception cref="OutboxException">disk_full.</exception>
    public int ForgetDue(Lane lane, long capturedBeforeUnixMs, Func<Event, bool>? isDue = null, bool evenIfHeld = false)
    {
        lock (gate)
        {
            var leasedKeys = leased.Values.ToHashSet();
            List<Victim> due = [.. connection.Query<Candidate>(
                """
                SELECT key AS Key, lane AS Lane, number AS Number, state AS State, size_bytes AS SizeBytes, id AS Id, payload AS Payload FROM events
                WHERE key BETWEEN @first AND @last AND captured_at_unix_ms < @capturedBeforeUnixMs AND covers_from IS NULL AND (held = 0 OR @evenIfHeld)
                ORDER BY key
                """,
                new { first = RowKey.Of(lane, 0), last = RowKey.Of(lane, ulong.MaxValue), capturedBeforeUnixMs, evenIfHeld }, buffered: false)
                .Where(row => !leasedKeys.Contains(row.Key) && (isDue is null || (TryRead(row.Id, row.Payload) is { } happened && isDue(happened))))
                .Select(row => new Victim(row.Key, row.Lane, row.Number, row.State, row.SizeBytes))];
            foreach (var some in due.Chunk(DropAtOnce))
                _ = Durably(() => Drop(some, "retention"));
            return due.Count;
        }
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
