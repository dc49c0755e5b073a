namespace EdgeAgent.Vision.Matching;

/// <summary>What came and left since the parts of an index were made. Immutable.</summary>
/// <param name="Removed">Rows of the parts that no longer count.</param>
/// <param name="Added">Rows that are in no part yet.</param>
internal sealed record PlateChanges(PlateRows Removed, PlateRows Added)
{
    public static PlateChanges None { get; } = new(PlateRows.Empty, PlateRows.Empty);

    public int Count => Removed.Count + Added.Count;

    /// <summary>These changes and then those of a delta, whose ended lists have ended already.</summary>
    /// <param name="countInParts">How many rows like this one count now, those added aside.</param>
    /// <param name="numbersInUse">Which list numbers some row bears.</param>
    public PlateChanges With(PlateDelta delta, PlateLists.Draft lists, Func<ulong, PlateTag, int> countInParts, bool[] numbersInUse)
    {
        var removed = new HashSet<(ulong, PlateTag)>();
        var fromParts = new PlateRowList(0);
        foreach (PlateListEntry entry in delta.Removed)
        {
            if (lists.Find(entry.ListId) is not { } list)
                continue;
            var tag = new PlateTag(entry.Entry, list);
            if (!PlateText.TryPackListed(entry.Plate, out ulong key))
            {
                lists.Add(list, 0, -1);
            }
            else if (removed.Add((key, tag)))
            {
                int inParts = countInParts(key, tag);
                if (inParts > 0)
                    fromParts.Add(key, tag);
                lists.Add(list, -inParts - Added.CountOf(key, tag), 0);
            }
        }
        var added = new PlateRowList(0);
        foreach (PlateListEntry entry in delta.Added)
        {
            ushort list = lists.Open(entry.ListId, number => number >= numbersInUse.Length || !numbersInUse[number]);
            bool readable = PlateText.TryPackListed(entry.Plate, out ulong key);
            lists.Add(list, readable ? 1 : 0, readable ? 0 : 1);
            if (readable)
                added.Add(key, new PlateTag(entry.Entry, list));
        }
        return new PlateChanges(Merge(Removed, fromParts, []), Merge(Added, added, removed));
    }

    /// <summary>The changes of keys from <paramref name="start"/> to before <paramref name="end"/>.</summary>
    public (PlateRows Removed, PlateRows Added) Between(ulong start, ulong end) =>
        (Removed.Slice(Removed.LowerBound(start), Removed.LowerBound(end)), Added.Slice(Added.LowerBound(start), Added.LowerBound(end)));

    public bool TouchBetween(ulong start, ulong end) =>
        Added.LowerBound(start) < Added.LowerBound(end) || Removed.LowerBound(start) < Removed.LowerBound(end);

    public PlateChanges Without(ulong start, ulong end) => new(Cut(Removed, start, end), Cut(Added, start, end));

    private static PlateRows Cut(PlateRows rows, ulong start, ulong end)
    {
        (int from, int to) = (rows.LowerBound(start), rows.LowerBound(end));
        if (from == to)
            return rows;
        return rows.Count == to - from
            ? PlateRows.Empty
            : new PlateRows([.. rows.Keys[..from], .. rows.Keys[to..]], [.. rows.Tags[..from], .. rows.Tags[to..]]);
    }

    /// <summary>The old rows without those that left, and the new ones.</summary>
    private static PlateRows Merge(PlateRows old, PlateRowList added, HashSet<(ulong, PlateTag)> without)
    {
        if (added.Count == 0 && (without.Count == 0 || old.Count == 0))
            return old;
        added.Sort();
        var rows = new PlateRowList(old.Count + added.Count);
        int next = 0;
        for (int i = 0; i < old.Count; i++)
        {
            (ulong key, PlateTag tag) = (old.Keys[i], old.Tags[i]);
            for (; next < added.Count && added.Keys[next] < key; next++)
                rows.Add(added.Keys[next], added.Tags[next]);
            if (!without.Contains((key, tag)))
                rows.Add(key, tag);
        }
        for (; next < added.Count; next++)
            rows.Add(added.Keys[next], added.Tags[next]);
        return rows.ToRows();
    }
}
