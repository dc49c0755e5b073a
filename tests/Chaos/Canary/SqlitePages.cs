using System.Buffers.Binary;

namespace EdgeAgent.Chaos.Canary;

/// <summary>
/// The values in a SQLite file or its write-ahead log, each in one piece (sqlite.org/fileformat2): long ones lie over several pages. Old
/// versions of a page that are still in the log are read as well. Pages that are no tree's, free ones among them, are left to the scan of
/// the file as it lies.
/// </summary>
internal sealed class SqlitePages
{
    private const int DatabaseHeader = 100, LogHeader = 32, FrameHeader = 24, MostValueBytes = 64 << 20;
    private const byte TableLeaf = 0x0D, IndexLeaf = 0x0A, IndexInterior = 0x02;

    private readonly byte[] content;
    private readonly int size;
    private readonly List<(uint Page, int At)> pages = [];
    private readonly ILookup<uint, int> byPage;

    private SqlitePages(byte[] content, bool log)
    {
        this.content = content;
        int said = log ? BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(8)) : BinaryPrimitives.ReadUInt16BigEndian(content.AsSpan(16));
        size = said == 1 ? 65_536 : said;
        if (size is < 512 or > 65_536)
            size = 0;
        for (int at = log ? LogHeader : 0, index = 1; size > 0 && at + size + (log ? FrameHeader : 0) <= content.Length; at += size + (log ? FrameHeader : 0), index++)
            pages.Add(log ? (BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(at)), at + FrameHeader) : ((uint)index, at));
        byPage = Enumerable.Range(0, pages.Count).ToLookup(i => pages[i].Page);
    }

    /// <summary>All values one behind the other; null when it is neither.</summary>
    public static byte[]? Joined(byte[] content)
    {
        bool log = content.Length > LogHeader && (BinaryPrimitives.ReadUInt32BigEndian(content) & 0xFFFFFFFE) == 0x377F0682;
        if (!log && !(content.Length > DatabaseHeader && content.AsSpan().StartsWith("SQLite format 3\0"u8)))
            return null;
        using var joined = new MemoryStream(content.Length);
        var file = new SqlitePages(content, log);
        for (int i = 0; i < file.pages.Count; i++)
            file.WriteValues(i, joined);
        return joined.ToArray();
    }

    private void WriteValues(int index, MemoryStream to)
    {
        ReadOnlySpan<byte> page = content.AsSpan(pages[index].At, size);
        int header = pages[index].Page == 1 ? DatabaseHeader : 0;
        byte kind = page[header];
        if (kind is not (TableLeaf or IndexLeaf or IndexInterior))
            return;
        int cells = BinaryPrimitives.ReadUInt16BigEndian(page[(header + 3)..]), pointers = header + (kind == IndexInterior ? 12 : 8);
        for (int cell = 0; cell < cells && pointers + (2 * cell) + 2 <= size; cell++)
        {
            int at = BinaryPrimitives.ReadUInt16BigEndian(page[(pointers + (2 * cell))..]) + (kind == IndexInterior ? 4 : 0);
            if (at + 18 < size)
                WriteValue(index, page, at, kind, to);
        }
    }

    private void WriteValue(int index, ReadOnlySpan<byte> page, int at, byte kind, MemoryStream to)
    {
        long length = Varint(page, ref at);
        if (kind == TableLeaf)
            _ = Varint(page, ref at);
        if (length is <= 0 or > MostValueBytes)
            return;
        int most = kind == TableLeaf ? size - 35 : ((size - 12) * 64 / 255) - 23, least = ((size - 12) * 32 / 255) - 23;
        long kept = least + ((length - least) % (size - 4)), local = length <= most ? length : kept <= most ? kept : least;
        if (at + local > size)
            return;
        to.Write(page.Slice(at, (int)local));
        if (local == length || at + local + 4 > size)
            return;
        uint next = BinaryPrimitives.ReadUInt32BigEndian(page[(at + (int)local)..]);
        for (long left = length - local; left > 0 && Follow(index, next) is { } overflow; left -= size - 4)
        {
            ReadOnlySpan<byte> more = content.AsSpan(pages[overflow].At, size);
            to.Write(more.Slice(4, (int)Math.Min(left, size - 4)));
            next = BinaryPrimitives.ReadUInt32BigEndian(more);
        }
    }

    // In a log, pages of one commit lie in the order of their numbers: the one that was written with this is behind it, if there is one.
    private int? Follow(int index, uint page)
    {
        int? found = null;
        foreach (int at in byPage[page])
        {
            found = at;
            if (at > index)
                break;
        }
        return found;
    }

    private static long Varint(ReadOnlySpan<byte> page, ref int at)
    {
        long value = 0;
        for (int i = 0; i < 9 && at < page.Length; i++)
        {
            byte next = page[at++];
            value = (value << 7) | (uint)(next & 0x7F);
            if (next < 0x80)
                break;
        }
        return value;
    }
}
