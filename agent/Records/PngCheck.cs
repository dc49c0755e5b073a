using System.Buffers.Binary;
using EdgeAgent.Contract;

namespace EdgeAgent.Agent.Records;

/// <summary>Whether bytes that a page sent are a PNG picture of a sensible size, whole: a signature is evidence, and whoever opens it later may trust its shape.</summary>
internal static class PngCheck
{
    private const int MostSide = 2000, HeaderBytes = 13, ChunkOverhead = 12;
    private static readonly byte[] Magic = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(n => Step((uint)n))];

    /// <returns>"" or signature_too_large, bad_png.</returns>
    public static string Problem(ReadOnlySpan<byte> png)
    {
        if (png.Length > RecordRules.MostSignatureBytes)
            return "signature_too_large";
        return IsWhole(png) ? "" : "bad_png";
    }

    private static bool IsWhole(ReadOnlySpan<byte> png)
    {
        if (!png.StartsWith(Magic))
            return false;
        png = png[Magic.Length..];
        for (int chunks = 0, pixels = 0; png.Length >= ChunkOverhead; chunks++)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(png);
            if (length > png.Length - ChunkOverhead)
                return false;
            ReadOnlySpan<byte> type = png.Slice(4, 4), content = png.Slice(8, (int)length);
            if (Crc(png.Slice(4, 4 + (int)length)) != BinaryPrimitives.ReadUInt32BigEndian(png[(8 + (int)length)..]))
                return false;
            if (chunks == 0 && !IsHeader(type, content))
                return false;
            png = png[(ChunkOverhead + (int)length)..];
            if (type.SequenceEqual("IDAT"u8))
                pixels++;
            if (type.SequenceEqual("IEND"u8))
                return pixels > 0 && png.IsEmpty;
        }
        return false;
    }

    private static bool IsHeader(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content) =>
        type.SequenceEqual("IHDR"u8) && content.Length == HeaderBytes
        && BinaryPrimitives.ReadUInt32BigEndian(content) is > 0 and <= MostSide && BinaryPrimitives.ReadUInt32BigEndian(content[4..]) is > 0 and <= MostSide;

    // CRC-32 as the PNG specification's annex D gives it.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
            crc = Table[(crc ^ b) & 0xFF] ^ (crc >> 8);
        return ~crc;
    }

    private static uint Step(uint n)
    {
        for (int bit = 0; bit < 8; bit++)
            n = (n & 1) != 0 ? 0xEDB88320 ^ (n >> 1) : n >> 1;
        return n;
    }
}
