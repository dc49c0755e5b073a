using System.Buffers.Binary;

namespace EdgeAgent.Rig.Rtsp;

/// <summary>
/// One receiver's RTP state: sequence number, counters, interleaved channels. Writes packets as they go over the RTSP
/// connection (RFC 2326 §10.12: '$', channel, length, packet). Used by one thread.
/// </summary>
internal sealed class RtpSession(VideoCodec codec, byte rtpChannel, byte rtcpChannel, uint ssrc, ushort firstSequence)
{
    private const int InterleaveBytes = 4;
    private const int RtpHeaderBytes = 12;
    private const int FragmentBytes = 1400;
    private const int PayloadType = 96;
    private const int H264FragmentationUnit = 28;
    private const int H265FragmentationUnit = 49;
    // Room in front of a fragment for the headers of either codec.
    private const int MaxFragmentHeaderBytes = 3;

    private static readonly DateTimeOffset NtpEpoch = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private ushort sequence = firstSequence;
    private uint packets;
    private uint octets;

    public const int SenderReportBytes = InterleaveBytes + 28 + 12;

    public static int UpperBoundBytes(AccessUnit unit) =>
        unit.SizeBytes + unit.Nals.Sum(n => n.Length / FragmentBytes + 2) * (InterleaveBytes + RtpHeaderBytes + MaxFragmentHeaderBytes);

    /// <returns>Bytes written.</returns>
    public int WriteUnit(AccessUnit unit, uint timestamp, Span<byte> destination)
    {
        int written = 0;
        for (int i = 0; i < unit.Nals.Count; i++)
            written += WriteNal(unit.Nals[i].Span, timestamp, last: i == unit.Nals.Count - 1, destination[written..]);
        return written;
    }

    /// <summary>A sender report (RFC 3550 §6.4.1) with a CNAME: which instant of the wall clock an RTP timestamp stands for.</summary>
    /// <returns>Bytes written: <see cref="SenderReportBytes"/>.</returns>
    public int WriteSenderReport(uint timestamp, DateTimeOffset capturedAt, Span<byte> destination)
    {
        Interleave(destination, rtcpChannel, SenderReportBytes - InterleaveBytes);
        Span<byte> report = destination[InterleaveBytes..];
        report[0] = 0x80;
        report[1] = 200;
        BinaryPrimitives.WriteUInt16BigEndian(report[2..], 6);
        BinaryPrimitives.WriteUInt32BigEndian(report[4..], ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(report[8..], NtpTime(capturedAt));
        BinaryPrimitives.WriteUInt32BigEndian(report[16..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(report[20..], packets);
        BinaryPrimitives.WriteUInt32BigEndian(report[24..], octets);

        Span<byte> description = report[28..];
        description[0] = 0x81;
        description[1] = 202;
        BinaryPrimitives.WriteUInt16BigEndian(description[2..], 2);
        BinaryPrimitives.WriteUInt32BigEndian(description[4..], ssrc);
        // CNAME, one byte long: "r", then the end of the list.
        description[8] = 1;
        description[9] = 1;
        description[10] = (byte)'r';
        description[11] = 0;
        return SenderReportBytes;
    }

    /// <summary>32.32 fixed point seconds since 1900.</summary>
    internal static ulong NtpTime(DateTimeOffset instant)
    {
        long ticks = (instant - NtpEpoch).Ticks;
        ulong seconds = (ulong)(ticks / TimeSpan.TicksPerSecond);
        ulong fraction = ((ulong)(ticks % TimeSpan.TicksPerSecond) << 32) / TimeSpan.TicksPerSecond;
        return (seconds << 32) | fraction;
    }

    private int WriteNal(ReadOnlySpan<byte> nal, uint timestamp, bool last, Span<byte> destination)
    {
        // At least two fragments: a fragment that is both start and end is forbidden.
        int headerBytes = NalUnit.HeaderBytes(codec);
        if (nal.Length <= FragmentBytes + headerBytes)
            return WritePacket([], nal, timestamp, last, destination);

        ReadOnlySpan<byte> body = nal[headerBytes..];
        Span<byte> header = stackalloc byte[headerBytes + 1];
        FragmentHeader(nal, header);
        int type = NalUnit.Type(nal, codec);
        int written = 0;
        for (int offset = 0; offset < body.Length; offset += FragmentBytes)
        {
            ReadOnlySpan<byte> part = body.Slice(offset, Math.Min(FragmentBytes, body.Length - offset));
            bool end = offset + part.Length == body.Length;
            header[^1] = (byte)((offset == 0 ? 0x80 : 0) | (end ? 0x40 : 0) | type);
            written += WritePacket(header, part, timestamp, last && end, destination[written..]);
        }
        return written;
    }

    /// <summary>FU indicator (RFC 6184 §5.8) or payload header of type 49 (RFC 7798 §4.4.3), without the FU header.</summary>
    private void FragmentHeader(ReadOnlySpan<byte> nal, Span<byte> header)
    {
        if (codec == VideoCodec.H264)
        {
            header[0] = (byte)((nal[0] & 0xE0) | H264FragmentationUnit);
            return;
        }
        header[0] = (byte)((nal[0] & 0x81) | (H265FragmentationUnit << 1));
        header[1] = nal[1];
    }

    private int WritePacket(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> payload, uint timestamp, bool marker, Span<byte> destination)
    {
        int length = RtpHeaderBytes + prefix.Length + payload.Length;
        Interleave(destination, rtpChannel, length);
        Span<byte> packet = destination[InterleaveBytes..];
        packet[0] = 0x80;
        packet[1] = (byte)(PayloadType | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], ssrc);
        prefix.CopyTo(packet[RtpHeaderBytes..]);
        payload.CopyTo(packet[(RtpHeaderBytes + prefix.Length)..]);
        packets++;
        octets += (uint)(prefix.Length + payload.Length);
        return InterleaveBytes + length;
    }

    private static void Interleave(Span<byte> destination, byte channel, int length)
    {
        destination[0] = (byte)'$';
        destination[1] = channel;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)length);
    }
}
