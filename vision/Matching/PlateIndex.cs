namespace EdgeAgent.Vision.Matching;

/// <summary>
/// All plates of all lists in force. One substitution is looked for only where the read itself doubts a character: a blind one-off
/// search over ten million plates would accuse 6.5 % of innocent cars. Immutable: the owner makes a new one and swaps it whole.
/// Thread-safe. A row is 14 bytes; no row is an object.
/// </summary>
public sealed class PlateIndex
{
    /// <summary>A character read with less confidence than this is in doubt.</summary>
    public const float DoubtBelow = 0.9f;

    /// <summary>A rival reading with less belief than this raises no doubt.</summary>
    public const float RivalFrom = 0.02f;

    /// <summary>One change for so many rows may wait: folding each small change in at once would copy everything every time.</summary>
    private const int RowsPerWaitingChange = 64;

    /// <summary>In how many steps everything is remade.</summary>
    private const int Steps = 16;

    private readonly PlateChanges _changes;
    private readonly PlateLists _lists;
    private readonly PlatePart[] _parts;
    private readonly ulong[] _starts;
    private readonly ulong _settleFrom;

    private PlateIndex(PlatePart[] parts, PlateLists lists, PlateChanges changes, ulong settleFrom)
    {
        _parts = parts;
        _starts = [.. parts.Select(p => p.Start)];
        _lists = lists;
        _changes = changes;
        Count = lists.Count;
        Unreadable = lists.Unreadable;
        _settleFrom = settleFrom;
        IsSettled = changes.Count <= Count / RowsPerWaitingChange && !parts.Any(p => p.HasRowsOf(list => !lists.IsLive(list)));
    }

    public static PlateIndex Empty { get; } = new([new PlatePart(0, PlateRows.Empty)], PlateLists.Empty, PlateChanges.None, 0);

    public int Count { get; }

    /// <summary>Entries left out because no reading can ever be equal to them: over eight characters, or of foreign ones.</summary>
    public int Unreadable { get; }

    /// <summary>
    /// Whether nothing of an ended list is left in memory and few single changes wait to be folded in. An index that is not settled
    /// answers the same, a little slower.
    /// </summary>
    public bool IsSettled { get; }

    /// <summary>Builds an index at once. Takes each entry as it comes; the memory needed on the way is at most half as much again.</summary>
    /// <exception cref="ArgumentException">More than 65,536 lists.</exception>
    public static PlateIndex Build(IEnumerable<PlateListEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        PlateLists.Draft lists = PlateLists.Empty.Change();
        var parts = new PlatePartBuilder();
        foreach (PlateListEntry entry in entries)
        {
            ushort list = lists.Open(entry.ListId, _ => false);
            bool readable = PlateText.TryPackListed(entry.Plate, out ulong key);
            lists.Add(list, readable ? 1 : 0, readable ? 0 : 1);
            if (readable)
                parts.Add(key, new PlateTag(entry.Entry, list));
        }
        return new PlateIndex(parts.ToParts(), lists.ToLists(), PlateChanges.None, 0);
    }

    /// <summary>
    /// The index after a change, which counts at once and as a whole. Shares the unchanged rows with this one; <see cref="Settle"/>
    /// folds the change in, step by step.
    /// </summary>
    /// <exception cref="ArgumentException">More than 65,536 lists.</exception>
    public PlateIndex Apply(PlateDelta delta)
    {
        ArgumentNullException.ThrowIfNull(delta);
        PlateLists.Draft lists = _lists.Change();
        foreach (string listId in delta.EndedLists)
            lists.End(listId);
        PlateChanges changes = _changes.With(delta, lists, CountOf, NumbersInUse());
        return new PlateIndex(_parts, lists.ToLists(), changes, _settleFrom);
    }

    /// <summary>
    /// One step of folding in: remakes at most a sixteenth of the rows, so that old and new together stay near the size of one index.
    /// Goes on where the last step ended. Swap each step's index in and call again until <see cref="IsSettled"/>.
    /// </summary>
    public PlateIndex Settle()
    {
        if (IsSettled)
            return this;
        int first = NumberOf(_settleFrom);
        while (!IsDue(first))
            first = (first + 1) % _parts.Length;
        int most = Math.Max(1, _parts.Length / Steps), folded = 0, last = first;
        var made = new List<PlatePart>(_parts[..first]);
        var room = new PlateRowList(PlatePart.MaxRows);
        for (; last < _parts.Length && folded < most; last++)
        {
            if (!IsDue(last))
            {
                made.Add(_parts[last]);
                continue;
            }
            (PlateRows removed, PlateRows added) = _changes.Between(_parts[last].Start, EndOf(last));
            made.AddRange(_parts[last].Fold(removed, added, _lists, room));
            folded++;
        }
        PlateChanges rest = _changes.Without(_parts[first].Start, EndOf(last - 1));
        made.AddRange(_parts[last..]);
        if (made.Count == 0 || made[0].Start != 0)
            made.Insert(0, new PlatePart(0, PlateRows.Empty));
        return new PlateIndex([.. made], _lists, rest, last < _parts.Length ? _parts[last].Start : 0);
    }

    /// <summary>Exact matches first, then those that differ in one doubted character.</summary>
    /// <param name="text">The reading.</param>
    /// <param name="characterConfidence">One for each character; a missing one or NaN counts as doubt.</param>
    /// <param name="rivals">Other readings with their share of the belief; where one of equal length differs, there is doubt.</param>
    public IReadOnlyList<PlateMatch> Find(
        string text, ReadOnlySpan<float> characterConfidence, IReadOnlyList<(string Text, float Confidence)> rivals)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(rivals);
        if (Count == 0 || !PlateText.TryPack(text, out ulong key))
            return [];
        List<PlateMatch>? found = null;
        Add(key, -1, ref found);
        for (int i = 0; i < text.Length; i++)
            if (IsDoubted(text, i, characterConfidence, rivals))
                AddSubstitutes(key, i, ref found);
        return found ?? (IReadOnlyList<PlateMatch>)[];
    }

    private static bool IsDoubted(
        string text, int position, ReadOnlySpan<float> confidence, IReadOnlyList<(string Text, float Confidence)> rivals)
    {
        if (position >= confidence.Length || !(confidence[position] >= DoubtBelow))
            return true;
        for (int i = 0; i < rivals.Count; i++)
        {
            var (rival, belief) = rivals[i];
            if (belief >= RivalFrom && rival.Length == text.Length && rival[position] != text[position])
                return true;
        }
        return false;
    }

    private void AddSubstitutes(ulong key, int position, ref List<PlateMatch>? found)
    {
        ulong own = PlateText.CodeAt(key, position);
        for (ulong code = 1; code <= (ulong)PlateText.Alphabet.Length; code++)
            if (code != own)
                Add(PlateText.Replace(key, position, code), position, ref found);
    }

    private void Add(ulong key, int position, ref List<PlateMatch>? found)
    {
        AddOf(PartOf(key).Rows, key, position, isBase: true, ref found);
        if (_changes.Added.Count > 0)
            AddOf(_changes.Added, key, position, isBase: false, ref found);
    }

    private void AddOf(PlateRows rows, ulong key, int position, bool isBase, ref List<PlateMatch>? found)
    {
        ReadOnlySpan<ulong> keys = rows.Keys;
        for (int at = rows.LowerBound(key); at < keys.Length && keys[at] == key; at++)
        {
            PlateTag tag = rows.Tags[at];
            if (_lists.IdOf(tag.List) is { } listId && !(isBase && _changes.Removed.Contains(key, tag)))
                (found ??= []).Add(new PlateMatch(listId, tag.Entry, PlateText.Unpack(key), position < 0, position));
        }
    }

    private PlatePart PartOf(ulong key) => _parts[NumberOf(key)];

    private int NumberOf(ulong key)
    {
        int at = Array.BinarySearch(_starts, key);
        return at >= 0 ? at : ~at - 1;
    }

    private int CountOf(ulong key, PlateTag tag) => _changes.Removed.Contains(key, tag) ? 0 : PartOf(key).Rows.CountOf(key, tag);

    private bool IsDue(int part) =>
        _changes.TouchBetween(_parts[part].Start, EndOf(part)) || _parts[part].HasRowsOf(list => !_lists.IsLive(list));

    /// <summary>The first key that belongs to the next part.</summary>
    private ulong EndOf(int part) => part + 1 < _starts.Length ? _starts[part + 1] : ulong.MaxValue;

    private bool[] NumbersInUse()
    {
        var used = new bool[_lists.Numbers];
        foreach (PlatePart part in _parts)
            part.MarkLists(used);
        foreach (PlateTag tag in _changes.Added.Tags)
            used[tag.List] = true;
        foreach (PlateTag tag in _changes.Removed.Tags)
            used[tag.List] = true;
        return used;
    }
}
