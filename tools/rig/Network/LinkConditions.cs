namespace EdgeAgent.Rig.Network;

/// <summary>
/// What a link does to packets, both ways; immutable, swapped whole while a <see cref="PacketRelay"/> runs.
/// Up is from the car to the centre.
/// </summary>
internal sealed record LinkConditions(DirectionConditions Up, DirectionConditions Down)
{
    public static LinkConditions Lan { get; } = Same(new DirectionConditions { Delay = TimeSpan.FromMilliseconds(0.2) });

    /// <summary>A good cell: 40 ms there and back, 1 % lost, 20 Mbit/s up and 50 down.</summary>
    public static LinkConditions FiveG { get; } = Same(new DirectionConditions
    {
        BitsPerSecond = 20_000_000,
        QueueBytes = 512 * 1024,
        Delay = TimeSpan.FromMilliseconds(20),
        Loss = 0.01,
    }) with
    {
        Down = new DirectionConditions { BitsPerSecond = 50_000_000, QueueBytes = 512 * 1024, Delay = TimeSpan.FromMilliseconds(20), Loss = 0.01 },
    };

    /// <summary>The edge of a cell: a picture at the sub-stream's quality just fits.</summary>
    public static LinkConditions Edge { get; } = Same(new DirectionConditions
    {
        BitsPerSecond = 800_000,
        QueueBytes = 128 * 1024,
        Delay = TimeSpan.FromMilliseconds(60),
        Jitter = TimeSpan.FromMilliseconds(40),
        Loss = 0.01,
    });

    /// <summary>A stadium after the match: a few hundred kilobits, late, uneven, lost in bursts, and a long queue in the modem.</summary>
    public static LinkConditions Crowd { get; } = Same(new DirectionConditions
    {
        BitsPerSecond = 256_000,
        QueueBytes = 128 * 1024,
        Delay = TimeSpan.FromMilliseconds(150),
        Jitter = TimeSpan.FromMilliseconds(100),
        Burst = BurstLoss.Of(0.03, 5),
    }) with
    {
        Down = new DirectionConditions
        {
            BitsPerSecond = 1_000_000,
            QueueBytes = 128 * 1024,
            Delay = TimeSpan.FromMilliseconds(150),
            Jitter = TimeSpan.FromMilliseconds(100),
            Burst = BurstLoss.Of(0.03, 5),
        },
    };

    /// <summary>A tunnel: nothing passes, and nobody is told.</summary>
    public static LinkConditions Tunnel { get; } = Same(new DirectionConditions { Blackout = true });

    public static IReadOnlyDictionary<string, LinkConditions> Named { get; } = new Dictionary<string, LinkConditions>
    {
        ["lan"] = Lan,
        ["5g"] = FiveG,
        ["edge"] = Edge,
        ["crowd"] = Crowd,
        ["tunnel"] = Tunnel,
    };

    public static LinkConditions Same(DirectionConditions both) => new(both, both);

    /// <summary>These conditions, with nothing passing.</summary>
    public LinkConditions Dark => new(Up with { Blackout = true }, Down with { Blackout = true });
}

/// <summary>One way of a link.</summary>
internal sealed record DirectionConditions
{
    /// <summary>Bits of IP packets a second; 0: no limit.</summary>
    public long BitsPerSecond { get; init; }

    /// <summary>Bytes that wait for their turn; what comes on top is dropped.</summary>
    public int QueueBytes { get; init; } = 1024 * 1024;

    /// <summary>From the last bit sent to the packet's arrival.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Added to the delay: evenly drawn from 0 to this.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>
    /// True: the jitter is drawn for each packet, and they overtake each other. False: it is drawn every
    /// <see cref="LinkDirection.JitterHold"/> and holds for all, as a radio's scheduler holds back all that waits; order is kept.
    /// </summary>
    public bool Reorders { get; init; }

    /// <summary>Share of packets lost, each by itself; 0 to 1.</summary>
    public double Loss { get; init; }

    public BurstLoss? Burst { get; init; }

    /// <summary>Everything is dropped.</summary>
    public bool Blackout { get; init; }
}

/// <summary>Loss in bursts (Gilbert and Elliott): a good state that loses nothing, a bad one that loses all; chances a packet.</summary>
internal sealed record BurstLoss(double GoodToBad, double BadToGood)
{
    /// <param name="share">Of packets lost over a long time, below 1.</param>
    /// <param name="burst">Packets lost in a row, on average; 1 or more.</param>
    public static BurstLoss Of(double share, double burst)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        return new BurstLoss(share / (1 - share) / burst, 1 / burst);
    }
}

/// <summary>What one way of the link did so far.</summary>
/// <param name="Packets">Delivered.</param>
/// <param name="Bytes">Delivered, with IP headers.</param>
/// <param name="LostInQueue">No room in the queue.</param>
/// <param name="LostOnAir">By random or burst loss.</param>
/// <param name="LostInBlackout">While nothing passed, or the car's device was down.</param>
/// <param name="LostForgotten">Of flows that the link forgot.</param>
/// <param name="Foreign">Not IPv4: never forwarded.</param>
internal readonly record struct LinkCounters(long Packets, long Bytes, long LostInQueue, long LostOnAir, long LostInBlackout, long LostForgotten, long Foreign);
