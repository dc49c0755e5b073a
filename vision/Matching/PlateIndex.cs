namespace EdgeAgent.Vision.Matching;

/// <summary>A plate of a list. <c>PlateClass</c> is the list's own word for its colour and kind, empty when unknown.</summary>
public sealed record PlateListEntry(string ListId, string EntryId, string Plate, string PlateClass);

/// <summary>A listed plate that the read one is, or may be.</summary>
/// <param name="DoubtfulPosition">Where the two differ, from 0; −1 when <paramref name="Exact"/>.</param>
public readonly record struct PlateMatch(PlateListEntry Entry, bool Exact, int DoubtfulPosition);

/// <summary>
/// All plates of all lists in force. One substitution is looked for only where the read itself doubts a character: a blind one-off
/// search over ten million plates would accuse 6.5 % of innocent cars. Immutable: the owner builds a new one and swaps it whole.
/// Thread-safe.
/// </summary>
public sealed class PlateIndex
{
    /// <summary>A character read with less confidence than this is in doubt.</summary>
    public const float DoubtBelow = 0.9f;

    /// <summary>A rival reading with less belief than this raises no doubt.</summary>
    public const float RivalFrom = 0.02f;

    private readonly ulong[] _keys;
    private readonly PlateListEntry[] _entries;

    private PlateIndex(ulong[] keys, PlateListEntry[] entries, int unreadable)
    {
        _keys = keys;
        _entries = entries;
        Unreadable = unreadable;
    }

    public static PlateIndex Empty { get; } = new([], [], 0);

    public int Count => _entries.Length;

    /// <summary>Entries left out because no reading can ever be equal to them: over eight characters, or of foreign ones.</summary>
    public int Unreadable { get; }

    public static PlateIndex Build(IEnumerable<PlateListEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var keys = new List<ulong>();
        var kept = new List<PlateListEntry>();
        int unreadable = 0;
        foreach (var entry in entries)
        {
            if (!PlateText.TryPack(PlateText.Normalise(entry.Plate), out ulong key))
            {
                unreadable++;
                continue;
            }
            keys.Add(key);
            kept.Add(entry);
        }
        ulong[] sorted = [.. keys];
        PlateListEntry[] parallel = [.. kept];
        Array.Sort(sorted, parallel);
        return new PlateIndex(sorted, parallel, unreadable);
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
        if (_keys.Length == 0 || !PlateText.TryPack(text, out ulong key))
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
        int at = Array.BinarySearch(_keys, key);
        if (at < 0)
            return;
        while (at > 0 && _keys[at - 1] == key)
            at--;
        for (; at < _keys.Length && _keys[at] == key; at++)
            (found ??= []).Add(new PlateMatch(_entries[at], position < 0, position));
    }
}
