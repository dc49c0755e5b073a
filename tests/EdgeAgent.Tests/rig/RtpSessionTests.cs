using System.Buffers.Binary;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Tests.Rig;

public sealed class RtpSessionTests
{
    [Theory]
    [InlineData("")]
    [InlineData("00000001")]
    [InlineData("0000000141E0")]
    [InlineData("FFFFFFFF")]
    public void Bytes_that_are_no_stream_are_refused(string hex)
    {
        Assert.Throws<InvalidDataException>(() => ElementaryStream.Parse(Convert.FromHexString(hex), VideoCodec.H264));
    }

    [Fact]
    public void A_stream_that_starts_inside_a_group_of_pictures_is_refused()
    {
        byte[] bytes = [0, 0, 0, 1, 0x41, 0x9A, 0x22, 0x33, 0, 0, 0, 1, 0x65, 0x88, 0x84, 0x21];
        var error = Assert.Throws<InvalidDataException>(() => ElementaryStream.Parse(bytes, VideoCodec.H264));
        Assert.Contains("key picture", error.Message);
    }

    [Fact]
    public void Pictures_and_their_parameter_sets_are_found()
    {
        byte[] bytes =
        [
            0, 0, 0, 1, 0x67, 0x4D, 0x00, 0x28, 0, 0, 0, 1, 0x68, 0xEE, 0x3C, 0x80, 0, 0, 1, 0x65, 0x88, 0x84, 0x21, 0, 0, 0, 1, 0x41, 0x9A, 0x22, 0x33, 0, 0, 0, 1, 0x41, 0x9A, 0x44, 0x55,
        ];
        ElementaryStream stream = ElementaryStream.Parse(bytes, VideoCodec.H264);

        Assert.Equal([3, 1, 1], stream.Units.Select(u => u.Nals.Count));
        Assert.Equal([true, false, false], stream.Units.Select(u => u.IsKey));
        Assert.Equal([0x67, 0x68], stream.ParameterSets.Select(s => (int)s.Span[0]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1400)]
    [InlineData(1401)]
    [InlineData(2802)]
    [InlineData(100_003)]
    public void What_is_cut_into_packets_is_whole_again_at_the_other_end(int length)
    {
        foreach (VideoCodec codec in Enum.GetValues<VideoCodec>())
        {
            byte[] nal = [.. (byte[])(codec == VideoCodec.H264 ? [0x65] : [0x26, 0x01]), .. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
            var unit = new AccessUnit([(byte[])[1, 2, 3], nal], IsKey: true);
            var buffer = new byte[RtpSession.UpperBoundBytes(unit)];
            int written = new RtpSession(codec, 0, 1, ssrc: 9, firstSequence: ushort.MaxValue).WriteUnit(unit, 4711, buffer);

            List<byte[]> packets = Packets(buffer.AsSpan(0, written));
            Assert.All(packets, p => Assert.Equal(4711u, BinaryPrimitives.ReadUInt32BigEndian(p.AsSpan(4))));
            Assert.Equal(packets.Select((_, i) => (ushort)(ushort.MaxValue + i)), packets.Select(p => BinaryPrimitives.ReadUInt16BigEndian(p.AsSpan(2))));
            // The marker says that the picture is complete.
            Assert.Equal(packets.Select((_, i) => i == packets.Count - 1), packets.Select(p => (p[1] & 0x80) != 0));
            Assert.Equal(nal, Reassemble(packets[1..], codec));
        }
    }

    [Fact]
    public void Ntp_time_counts_from_1900_in_fractions_of_two_to_the_32()
    {
        Assert.Equal(0x83AA7E80_80000000UL, RtpSession.NtpTime(DateTimeOffset.UnixEpoch.AddSeconds(0.5)));
    }

    private static List<byte[]> Packets(ReadOnlySpan<byte> bytes)
    {
        var packets = new List<byte[]>();
        while (!bytes.IsEmpty)
        {
            Assert.Equal((byte)'$', bytes[0]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            packets.Add(bytes.Slice(4, length).ToArray());
            bytes = bytes[(4 + length)..];
        }
        return packets;
    }

    /// <summary>As RFC 6184 and RFC 7798 tell a receiver to.</summary>
    private static byte[] Reassemble(List<byte[]> packets, VideoCodec codec)
    {
        if (packets.Count == 1)
            return packets[0][12..];
        int header = codec == VideoCodec.H264 ? 1 : 2;
        byte fragment = packets[0][12 + header];
        byte[] first = codec == VideoCodec.H264 ? [(byte)((packets[0][12] & 0xE0) | (fragment & 0x1F))] : [(byte)((packets[0][12] & 0x81) | (fragment & 0x3F) << 1), packets[0][13]];
        Assert.Equal(0x80, fragment & 0xC0);
        Assert.Equal(0x40, packets[^1][12 + header] & 0xC0);
        return [.. first, .. packets.SelectMany(p => p[(12 + header + 1)..])];
    }
}
