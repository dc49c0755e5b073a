using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// What is sent and not yet acknowledged in this session. A quarter of the window is for urgent events alone, and backlog is
/// bounded in bytes too: on a slow link everything already handed to TCP stands before the next decision and position.
/// </summary>
internal sealed class SendWindow(int events, TimeProvider time)
{
    /// <summary>Bytes of events that are not urgent; one larger event travels alone.</summary>
    public const int BacklogBytes = 64 << 10;

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
            var free = BacklogBytes - bytes;
            return room <= 0 || free <= 0 ? (0, 0) : (room, (int)free);
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
