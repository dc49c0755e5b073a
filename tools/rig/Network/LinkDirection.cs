namespace EdgeAgent.Rig.Network;

/// <summary>
/// One way of the link as a model: a queue that empties at the link's rate, then the air, where packets are lost or late. It
/// has no clock of its own; who pumps it says what time it is, so that a test can say so too.
/// </summary>
internal sealed class LinkDirection(bool up, FlowTable flows, DirectionConditions conditions, int seed)
{
    public static readonly TimeSpan JitterHold = TimeSpan.FromMilliseconds(50);

    /// <summary>Bytes of the largest packet; a TUN device of 1500 never gives more.</summary>
    public const int LargestPacket = 2048;

    /// <summary>Packets under way at most, whatever rate and delay say.</summary>
    private const int MostInFlight = 32_768;
    private const int SmallestHeader = 20;

    private readonly Lock gate = new();
    private readonly Random random = new(seed);
    private readonly Queue<Packet> waiting = new();
    private readonly PriorityQueue<Packet, (long Due, long Number)> air = new();
    private readonly Stack<byte[]> spare = new();
    private DirectionConditions conditions = conditions;
    private LinkCounters counters;
    private long waitingBytes, freeAt, lastDue, numbered, jitterTicks, jitterUntil;
    private bool bad;

    private readonly record struct Packet(byte[] Buffer, int Length, long ArrivedTicks);

    public DirectionConditions Conditions
    {
        get { lock (gate) return conditions; }
        set { lock (gate) conditions = value; }
    }

    public LinkCounters Counters
    {
        get { lock (gate) return counters; }
    }

    /// <summary>Takes a packet in; it is copied.</summary>
    /// <param name="packet">With its IP header.</param>
    /// <param name="nowTicks">Of 100 ns, from any start, never backwards.</param>
    public void Offer(ReadOnlySpan<byte> packet, long nowTicks)
    {
        lock (gate)
        {
            if (packet.Length is < SmallestHeader or > LargestPacket || packet[0] >> 4 != 4)
                counters = counters with { Foreign = counters.Foreign + 1 };
            else if (!flows.Passes(packet, up))
                counters = counters with { LostForgotten = counters.LostForgotten + 1 };
            else if (conditions.Blackout)
                counters = counters with { LostInBlackout = counters.LostInBlackout + 1 };
            else if (waitingBytes + packet.Length > conditions.QueueBytes || waiting.Count + air.Count >= MostInFlight)
                counters = counters with { LostInQueue = counters.LostInQueue + 1 };
            else
            {
                byte[] buffer = spare.TryPop(out byte[]? used) ? used : new byte[LargestPacket];
                packet.CopyTo(buffer);
                waiting.Enqueue(new Packet(buffer, packet.Length, nowTicks));
                waitingBytes += packet.Length;
            }
        }
    }

    /// <summary>The next packet that has arrived by now, copied into <paramref name="into"/>; 0 bytes: none yet.</summary>
    /// <param name="waitTicks">When there is none: how long until there may be one; long.MaxValue when nothing is under way.</param>
    public int Take(Span<byte> into, long nowTicks, out long waitTicks)
    {
        lock (gate)
        {
            long headLeaves = Send(nowTicks);
            long due = air.TryPeek(out _, out (long Due, long Number) first) ? first.Due : long.MaxValue;
            if (due > nowTicks)
            {
                long next = Math.Min(due, headLeaves);
                waitTicks = next == long.MaxValue ? next : next - nowTicks;
                return 0;
            }
            waitTicks = 0;
            Packet packet = air.Dequeue();
            packet.Buffer.AsSpan(0, packet.Length).CopyTo(into);
            spare.Push(packet.Buffer);
            counters = counters with { Packets = counters.Packets + 1, Bytes = counters.Bytes + packet.Length };
            return packet.Length;
        }
    }

    /// <summary>The device beyond did not take a packet that had arrived.</summary>
    public void Undelivered(int bytes)
    {
        lock (gate)
            counters = counters with { Packets = counters.Packets - 1, Bytes = counters.Bytes - bytes, LostInBlackout = counters.LostInBlackout + 1 };
    }

    // What has left the queue by now goes on air. Returns when the next one leaves it.
    private long Send(long nowTicks)
    {
        while (waiting.TryPeek(out Packet head))
        {
            long start = Math.Max(freeAt, head.ArrivedTicks);
            long leaves = conditions.BitsPerSecond == 0 ? start : start + (head.Length * 8L * TimeSpan.TicksPerSecond / conditions.BitsPerSecond);
            if (leaves > nowTicks)
                return leaves;
            freeAt = leaves;
            _ = waiting.Dequeue();
            waitingBytes -= head.Length;
            Fly(head, leaves);
        }
        return long.MaxValue;
    }

    private void Fly(Packet packet, long leftTicks)
    {
        if (conditions.Blackout)
            counters = counters with { LostInBlackout = counters.LostInBlackout + 1 };
        else if (IsLost())
            counters = counters with { LostOnAir = counters.LostOnAir + 1 };
        else
        {
            long due = leftTicks + conditions.Delay.Ticks + JitterAt(leftTicks);
            if (!conditions.Reorders)
                due = Math.Max(due, lastDue);
            lastDue = Math.Max(due, lastDue);
            air.Enqueue(packet, (due, numbered++));
            return;
        }
        spare.Push(packet.Buffer);
    }

    private bool IsLost()
    {
        if (conditions.Burst is { } burst)
        {
            bad = random.NextDouble() < (bad ? 1 - burst.BadToGood : burst.GoodToBad);
            if (bad)
                return true;
        }
        return conditions.Loss > 0 && random.NextDouble() < conditions.Loss;
    }

    private long JitterAt(long ticks)
    {
        if (conditions.Jitter == TimeSpan.Zero)
            return 0;
        if (conditions.Reorders || ticks >= jitterUntil)
        {
            jitterTicks = random.NextInt64(conditions.Jitter.Ticks);
            jitterUntil = ticks + JitterHold.Ticks;
        }
        return jitterTicks;
    }
}
