using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// What is sent and not yet acknowledged in this session. A quarter of the window is for urgent events alone, and backlog is
/// bounded in bytes too: on a slow link everything already handed to TCP stands before the next decision and position.
/// </summary>
/// <param name="events">Most events.</param>
/// <param name="backlog">How many bytes of events that are not urgent; one larger event travels alone.</param>
/// <param name="time">Clock of pauses and ages.</param>
internal sealed class SendWindow(int events, DelayWindow backlog, TimeProvider time)
{
    /// <summary>Fewest and most bytes of events that are not urgent.</summary>
    public const int LeastBacklogBytes = 4 << 10;

    /// <inheritdoc cref="LeastBacklogBytes"/>
    public const int MostBacklogBytes = 256 << 10;

    /// <summary>Bytes of urgent events in one message.</summary>
    public const int UrgentBytes = 64 << 10;

    private readonly Lock gate = new();
    private readonly Dictionary<Guid, (int Bytes, long SentAt)> sent = [];
    private int limit = events;
    private long bytes;
    private long pausedUntil;

    /// <summary>Takes the centre's pace. The pause holds back what is not urgent.</summary>
    public void Set(int newLimit, TimeSpan pause)
    {
        lock (gate)
        {
            if (newLimit > 0)
                limit = newLimit;
            pausedUntil = time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency);
        }
    }

    /// <summary>How many urgent events may be sent now.</summary>
    public int UrgentRoom()
    {
        lock (gate)
            return Math.Max(0, limit - sent.Count);
    }

    /// <summary>How many other events may be sent now, and how many bytes of them.</summary>
    public (int Events, int Bytes) BacklogRoom()
    {
        lock (gate)
        {
            if (time.GetTimestamp() < pausedUntil)
                return (0, 0);
            var room = Math.Max(1, limit - (limit / 4)) - sent.Count;
            var free = room <= 0 ? 0 : backlog.Room(bytes);
            return free <= 0 ? (0, 0) : (room, free);
        }
    }

    public void Sent(IEnumerable<Event> batch)
    {
        lock (gate)
        {
            foreach (var happened in batch)
            {
                var size = happened.CalculateSize();
                if (sent.TryAdd(Uuid7.ToGuid(happened.Id.Span), (size, time.GetTimestamp())))
                    bytes += size;
            }
        }
    }

    public void Answered(IEnumerable<EventAck> acks)
    {
        lock (gate)
        {
            foreach (var ack in acks)
            {
                if (ack.EventId.Length == Uuid7.Length && sent.Remove(Uuid7.ToGuid(ack.EventId.Span), out var entry))
                    bytes -= entry.Bytes;
            }
        }
    }

    /// <summary>How long the longest-waiting event has been unanswered.</summary>
    public TimeSpan Oldest()
    {
        lock (gate)
            return sent.Count == 0 ? TimeSpan.Zero : time.GetElapsedTime(sent.Values.Min(entry => entry.SentAt));
    }
}
