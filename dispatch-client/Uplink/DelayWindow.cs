using System.Net.Sockets;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// How many bytes that are in no hurry may be under way, by the delay that they cause: once the round trip grows above its
/// shortest by more than <see cref="Target"/>, a queue stands somewhere, and whatever is urgent would stand behind it. The idea is
/// LEDBAT's (RFC 6817); here it bounds what is handed to TCP, which goes on doing what it does.
/// </summary>
internal sealed class DelayWindow(Func<Socket?> connection, int least, int most, TimeProvider time)
{
    /// <summary>Delay of our own making that urgent things may meet.</summary>
    public static readonly TimeSpan Target = TimeSpan.FromMilliseconds(150);

    private const double Shrink = 0.7;
    private const int StartBytes = 32 << 10;
    private static readonly TimeSpan BetweenSamples = TimeSpan.FromMilliseconds(50);
    private int bytes = Math.Clamp(StartBytes, least, most);
    private long sampledAt;

    /// <summary>Bytes that may be added now.</summary>
    /// <param name="underWay">Bytes under way as the caller counts them; null: what the kernel holds.</param>
    public int Room(long? underWay = null)
    {
        if (TcpInfo.Read(connection()) is not { } info)
            return underWay is null ? most : (int)Math.Max(0, bytes - underWay.Value);
        long now = underWay ?? info.InFlightBytes;
        Sample(info, now);
        return (int)Math.Max(0, bytes - now);
    }

    private void Sample(TcpInfo info, long underWay)
    {
        // One step a round trip: sooner, the last step's effect has not been seen.
        if (sampledAt != 0 && time.GetElapsedTime(sampledAt) < (info.Rtt > BetweenSamples ? info.Rtt : BetweenSamples))
            return;
        sampledAt = time.GetTimestamp();
        if (info.Rtt - info.MinRtt > Target)
            bytes = Math.Max(least, (int)(bytes * Shrink));
        else if (underWay * 2 >= bytes)
            bytes = (int)Math.Min(most, bytes * 1.5);
    }
}
