using System.Buffers.Binary;
using EdgeAgent.Rig.Network;

namespace EdgeAgent.Tests.Rig;

/// <summary>One way of the emulated link, on a clock that the test steps.</summary>
public class LinkDirectionTests
{
    private const int Bytes = 1000;

    private long now;

    [Fact]
    public void PacketArrivesAfterItsBitsAndTheDelay()
    {
        LinkDirection way = Way(new DirectionConditions { BitsPerSecond = 1_000_000, Delay = TimeSpan.FromMilliseconds(20) });
        for (int i = 0; i < 3; i++)
            way.Offer(Udp(i), now);
        // 1000 bytes at 1 Mbit/s are 8 ms each; the delay is the same for all.
        Assert.Equal([(0, 28.0), (1, 36.0), (2, 44.0)], Drain(way));
        Assert.Equal((3, 3000L), ((int)way.Counters.Packets, way.Counters.Bytes));
    }

    [Fact]
    public void QueueDropsWhatComesOnTop()
    {
        LinkDirection way = Way(new DirectionConditions { BitsPerSecond = 1_000_000, QueueBytes = 5 * Bytes });
        for (int i = 0; i < 8; i++)
            way.Offer(Udp(i), now);
        Assert.Equal([0, 1, 2, 3, 4], Drain(way).Select(a => a.Number));
        Assert.Equal(3, way.Counters.LostInQueue);
    }

    [Fact]
    public void RateChangesWhilePacketsWait()
    {
        LinkDirection way = Way(new DirectionConditions { BitsPerSecond = 1_000_000 });
        for (int i = 0; i < 3; i++)
            way.Offer(Udp(i), now);
        _ = DrainUntil(way, 8);
        way.Conditions = way.Conditions with { BitsPerSecond = 100_000 };
        Assert.Equal([(1, 88.0), (2, 168.0)], Drain(way));
    }

    [Fact]
    public void LossIsAsLargeAsAskedAndFollowsTheSeed()
    {
        int[] first = Survivors(new DirectionConditions { Loss = 0.1 }, 20_000, seed: 4), again = Survivors(new DirectionConditions { Loss = 0.1 }, 20_000, seed: 4);
        Assert.Equal(first, again);
        Assert.InRange(1 - (first.Length / 20_000.0), 0.09, 0.11);
        Assert.NotEqual(first, Survivors(new DirectionConditions { Loss = 0.1 }, 20_000, seed: 5));
    }

    [Fact]
    public void BurstLossLosesTheShareInBurstsOfTheLength()
    {
        int[] kept = Survivors(new DirectionConditions { Burst = BurstLoss.Of(0.03, 5) }, 200_000, seed: 7);
        int[] bursts = [.. kept.Zip(kept.Skip(1), (a, b) => b - a - 1).Where(lost => lost > 0)];
        Assert.InRange(1 - (kept.Length / 200_000.0), 0.026, 0.034);
        Assert.InRange(bursts.Average(), 4.5, 5.5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void JitterOvertakesOnlyWhereItMay(bool reorders)
    {
        LinkDirection way = Way(new DirectionConditions { Delay = TimeSpan.FromMilliseconds(10), Jitter = TimeSpan.FromMilliseconds(30), Reorders = reorders });
        var arrived = new List<(int Number, double Ms)>();
        for (int i = 0; i < 400; i++)
        {
            way.Offer(Udp(i), now);
            arrived.AddRange(DrainUntil(way, Milliseconds() + 5));
        }
        arrived.AddRange(Drain(way));
        double[] late = [.. arrived.Select(a => a.Ms - (a.Number * 5))];
        Assert.InRange(late.Min(), 9.9, 15);
        Assert.InRange(late.Max(), 33, 40.1);
        Assert.Equal(!reorders, arrived.Select(a => a.Number).SequenceEqual(Enumerable.Range(0, 400)));
    }

    [Fact]
    public void BlackoutTakesWhatWaitsAndWhatComes()
    {
        LinkDirection way = Way(new DirectionConditions { BitsPerSecond = 1_000_000 });
        way.Offer(Udp(0), now);
        way.Conditions = way.Conditions with { Blackout = true };
        way.Offer(Udp(1), now);
        Assert.Empty(Drain(way));
        way.Conditions = way.Conditions with { Blackout = false };
        way.Offer(Udp(2), now);
        Assert.Equal([2], Drain(way).Select(a => a.Number));
        Assert.Equal(2, way.Counters.LostInBlackout);
    }

    [Fact]
    public void ForgottenFlowIsDeadBothWaysAndANewOneOnItsPortIsNot()
    {
        var flows = new FlowTable();
        var up = new LinkDirection(up: true, flows, new DirectionConditions(), 1);
        var down = new LinkDirection(up: false, flows, new DirectionConditions(), 2);
        up.Offer(Tcp(1, 5000, 8443, syn: true), now);
        Assert.Equal(1, flows.Forget());

        up.Offer(Tcp(2, 5000, 8443), now);
        down.Offer(Tcp(3, 8443, 5000), now);
        Assert.Equal((1, 1), ((int)up.Counters.LostForgotten, (int)down.Counters.LostForgotten));

        up.Offer(Tcp(4, 5001, 8443, syn: true), now);
        up.Offer(Tcp(5, 5001, 8443), now);
        up.Offer(Udp(6), now);
        up.Offer(Tcp(7, 5000, 8443, syn: true), now);
        up.Offer(Tcp(8, 5000, 8443), now);
        Assert.Equal([1, 4, 5, 6, 7, 8], Drain(up).Select(a => a.Number));
        Assert.Empty(Drain(down));
    }

    [Fact]
    public void WhatIsNoIPv4IsNotForwarded()
    {
        LinkDirection way = Way(new DirectionConditions());
        byte[] six = new byte[60];
        six[0] = 0x60;
        way.Offer(six, now);
        way.Offer(new byte[4], now);
        Assert.Empty(Drain(way));
        Assert.Equal(2, way.Counters.Foreign);
    }

    private static LinkDirection Way(DirectionConditions conditions, int seed = 1) => new(up: true, new FlowTable(), conditions, seed);

    private int[] Survivors(DirectionConditions conditions, int packets, int seed)
    {
        LinkDirection way = Way(conditions, seed);
        var kept = new List<int>();
        for (int i = 0; i < packets; i++)
        {
            way.Offer(Udp(i), now);
            kept.AddRange(Drain(way).Select(a => a.Number));
        }
        return [.. kept];
    }

    private double Milliseconds() => TimeSpan.FromTicks(now).TotalMilliseconds;

    private List<(int Number, double Ms)> Drain(LinkDirection way) => DrainUntil(way, double.MaxValue);

    private List<(int Number, double Ms)> DrainUntil(LinkDirection way, double untilMs)
    {
        var arrived = new List<(int, double)>();
        var packet = new byte[LinkDirection.LargestPacket];
        while (true)
        {
            int bytes = way.Take(packet, now, out long wait);
            if (bytes > 0)
                arrived.Add((BinaryPrimitives.ReadInt32BigEndian(packet.AsSpan(bytes - 4)), Milliseconds()));
            else if (wait == long.MaxValue || Milliseconds() + TimeSpan.FromTicks(wait).TotalMilliseconds > untilMs)
                break;
            else
                now += wait;
        }
        if (untilMs < double.MaxValue)
            now = TimeSpan.FromMilliseconds(untilMs).Ticks;
        return arrived;
    }

    private static byte[] Udp(int number) => Packet(17, number, Bytes);

    private static byte[] Tcp(int number, ushort from, ushort to, bool syn = false)
    {
        byte[] packet = Packet(6, number, 60);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20), from);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), to);
        packet[33] = syn ? (byte)0x02 : (byte)0x10;
        // Up and down are told apart by who sends.
        bool fromCar = from < to;
        packet[15] = fromCar ? (byte)1 : (byte)2;
        packet[19] = fromCar ? (byte)2 : (byte)1;
        return packet;
    }

    private static byte[] Packet(byte protocol, int number, int bytes)
    {
        var packet = new byte[bytes];
        packet[0] = 0x45;
        packet[9] = protocol;
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(bytes - 4), number);
        return packet;
    }
}
