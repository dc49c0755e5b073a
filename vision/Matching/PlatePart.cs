namespace EdgeAgent.Vision.Matching;

/// <summary>The rows between two keys. Rows of one key are always in one part. Immutable.</summary>
/// <param name="Start">No row has a lesser key.</param>
internal sealed record PlatePart(ulong Start, PlateRows Rows)
{
    /// <summary>A part with more rows than this is split, where it has two different keys.</summary>
    public const int MaxRows = 32 * 1024;

    /// <summary>Which lists have rows here.</summary>
    private readonly ushort[] _lists = ListsOf(Rows);

    public bool HasRowsOf(Func<ushort, bool> isWanted)
    {
        foreach (ushort list in _lists)
            if (isWanted(list))
                return true;
        return false;
    }

    public void MarkLists(bool[] used)
    {
        foreach (ushort list in _lists)
            used[list] = true;
    }

    /// <summary>
    /// The part with changes folded in: without the rows of ended lists and the removed ones, with the added ones. None when nothing
    /// is left, several when it grew too large.
    /// </summary>
    /// <param name="rows">Room to work in; what is in it is lost.</param>
    public List<PlatePart> Fold(PlateRows removed, PlateRows added, PlateLists lists, PlateRowList rows)
    {
        rows.Clear();
        int next = 0, nextRemoved = 0;
        for (int i = 0; i < Rows.Count; i++)
        {
            (ulong key, PlateTag tag) = (Rows.Keys[i], Rows.Tags[i]);
            for (; next < added.Count && added.Keys[next] < key; next++)
                AddLive(added.Keys[next], added.Tags[next]);
            while (nextRemoved < removed.Count && removed.Keys[nextRemoved] < key)
                nextRemoved++;
            if (nextRemoved == removed.Count || removed.Keys[nextRemoved] != key || !removed.Contains(key, tag))
                AddLive(key, tag);
        }
        for (; next < added.Count; next++)
            AddLive(added.Keys[next], added.Tags[next]);
        return Split(Start, rows);

        void AddLive(ulong key, PlateTag tag)
        {
            if (lists.IsLive(tag.List))
                rows.Add(key, tag);
        }
    }

    /// <summary>Rows in order as parts of about half the greatest size or more.</summary>
    private static List<PlatePart> Split(ulong start, PlateRowList rows)
    {
        var parts = new List<PlatePart>();
        int from = 0;
        while (from < rows.Count)
        {
            int to = rows.Count - from <= MaxRows ? rows.Count : Border(rows.Keys, from, rows.Count);
            parts.Add(new PlatePart(start, rows.ToRows(from, to)));
            if (to < rows.Count)
                start = rows.Keys[to];
            from = to;
        }
        return parts;
    }

    /// <summary>Where to cut next: at three quarters of a part, or behind it as far as the same key goes on.</summary>
    private static int Border(ReadOnlySpan<ulong> keys, int from, int end)
    {
        int at = Math.Min(end, from + (MaxRows / 4 * 3));
        while (at < end && keys[at] == keys[at - 1])
            at++;
        return at;
    }

    private static ushort[] ListsOf(PlateRows rows)
    {
        var lists = new HashSet<ushort>();
        ushort? last = null;
        foreach (PlateTag tag in rows.Tags)
        {
            if (tag.List != last)
                _ = lists.Add(tag.List);
            last = tag.List;
        }
        return [.. lists];
    }
}

/// <summary>
/// Parts in the making. A part that is full is sorted and cut in two, so that building needs little more memory than what is built.
/// </summary>
internal sealed class PlatePartBuilder
{
    private const int FirstCapacity = 64;

    private readonly List<ulong> _starts = [0];
    private readonly List<PlateRowList?> _parts = [new PlateRowList(FirstCapacity)];

    public void Add(ulong key, PlateTag tag)
    {
        int at = _starts.BinarySearch(key);
        at = at >= 0 ? at : ~at - 1;
        PlateRowList part = _parts[at]!;
        part.Add(key, tag);
        if (part.Count >= PlatePart.MaxRows && System.Numerics.BitOperations.IsPow2(part.Count))
            Split(at, part);
    }

    public PlatePart[] ToParts()
    {
        var parts = new PlatePart[_parts.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            _parts[i]!.Sort();
            parts[i] = new PlatePart(_starts[i], _parts[i]!.ToRows());
            _parts[i] = null;
        }
        return parts;
    }

    // Many rows of one key stay together: then it is tried again when there are twice as many.
    private void Split(int at, PlateRowList part)
    {
        part.Sort();
        ReadOnlySpan<ulong> keys = part.Keys;
        int cut = keys.Length / 2;
        while (cut < keys.Length && keys[cut] == keys[cut - 1])
            cut++;
        if (cut == keys.Length)
            cut = keys.IndexOf(keys[^1]);
        if (cut == 0)
            return;
        _starts.Insert(at + 1, keys[cut]);
        _parts.Insert(at + 1, part.CutFrom(cut, PlatePart.MaxRows));
    }
}
