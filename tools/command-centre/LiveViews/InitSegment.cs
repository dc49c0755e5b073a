using System.Buffers.Binary;

namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>Reads the picture size out of an fMP4 init segment: the visual sample entry of ISO/IEC 14496-12, 12.1.3.</summary>
internal static class InitSegment
{
    // From the entry's type: reserved and data reference (8 bytes), pre_defined and reserved (16), then width and height.
    private const int SizeAfterType = 4 + 8 + 16;
    private static readonly byte[][] Entries = ["avc1"u8.ToArray(), "avc3"u8.ToArray(), "hvc1"u8.ToArray(), "hev1"u8.ToArray()];

    /// <summary>Width and height in pixels; 0 and 0 when there is no such entry.</summary>
    public static (int Width, int Height) Size(ReadOnlySpan<byte> init)
    {
        var description = init.IndexOf("stsd"u8);
        if (description < 0)
            return (0, 0);
        init = init[description..];
        foreach (var entry in Entries)
        {
            var at = init.IndexOf(entry);
            if (at >= 0 && at + SizeAfterType + 4 <= init.Length)
            {
                var size = init[(at + SizeAfterType)..];
                return (BinaryPrimitives.ReadUInt16BigEndian(size), BinaryPrimitives.ReadUInt16BigEndian(size[2..]));
            }
        }
        return (0, 0);
    }
}
