using System.Buffers.Binary;
using System.Net.Sockets;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>What the kernel knows of one TCP connection: Linux's struct tcp_info (linux/tcp.h), as far as it is used here.</summary>
/// <param name="Retransmits">How often the oldest unanswered packet has been sent again.</param>
/// <param name="Rtt">Smoothed round trip.</param>
/// <param name="MinRtt">Shortest of late: the way without queues.</param>
/// <param name="InFlightBytes">Handed to the kernel and not yet acknowledged by the other one.</param>
internal readonly record struct TcpInfo(int Retransmits, TimeSpan Rtt, TimeSpan MinRtt, long InFlightBytes)
{
    private const int Level = 6;
    private const int Option = 11;
    private const int RetransmitsAt = 2;
    private const int SendMssAt = 16;
    private const int UnackedAt = 24;
    private const int RttAt = 68;
    private const int NotSentAt = 144;
    private const int MinRttAt = 148;
    private const int Bytes = 152;

    /// <summary>Null where there is no connection (any more), or no such system.</summary>
    public static TcpInfo? Read(Socket? socket)
    {
        if (socket is null || !OperatingSystem.IsLinux())
            return null;
        Span<byte> info = stackalloc byte[Bytes];
        try
        {
            if (socket.GetRawSocketOption(Level, Option, info) < Bytes)
                return null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
        return new TcpInfo(
            info[RetransmitsAt],
            Microseconds(info, RttAt),
            Microseconds(info, MinRttAt),
            ((long)Number(info, UnackedAt) * Number(info, SendMssAt)) + Number(info, NotSentAt));
    }

    private static TimeSpan Microseconds(ReadOnlySpan<byte> info, int at) => TimeSpan.FromMicroseconds(Number(info, at));

    private static uint Number(ReadOnlySpan<byte> info, int at) => BinaryPrimitives.ReadUInt32LittleEndian(info[at..]);
}
