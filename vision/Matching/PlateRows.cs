using System.Runtime.InteropServices;

namespace EdgeAgent.Vision.Matching;

/// <summary>Whose a row is: six bytes, so that ten million rows need 140 MB with their keys.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal readonly record struct PlateTag(int Entry, ushort List);

/// <summary>Rows in the order of their keys. Immutable.</summary>
internal sealed class PlateRows(ulong[] keys, PlateTag[] tags)
{
    public static PlateRows Empty { get; } = new([], []);

    public ReadOnlySpan<ulong> Keys => keys;

    public ReadOnlySpan<PlateTag> Tags => tags;

    public int Count => keys.Length;

    /// <summary>Where the first row of at least this key is.</summary>
    public int LowerBound(ulong key)
    {
        int from = 0, length = keys.Length;
        while (length > 0)
        {
            int half = length >> 1;
            if (keys[from + half] < key)
            {
                from += half + 1;
                length -= half + 1;
            }
            else
            {
                length = half;
            }
        }
        return from;
    }

    public bool Contains(ulong key, PlateTag tag) => CountOf(key, tag) > 0;

    /// <summary>How many equal rows there are: a list may name an entry twice.</summary>
    public int CountOf(ulong key, PlateTag tag)
    {
        int count = 0;
        for (int at = LowerBound(key); at < keys.Length && keys[at] == key; at++)
            count += tags[at] == tag ? 1 : 0;
        return count;
    }

    public PlateRows Slice(int from, int to) =>
        from == 0 && to == Count ? this : from == to ? Empty : new PlateRows(keys[from..to], tags[from..to]);
}

/// <summary>Rows on the way to being <see cref="PlateRows"/>.</summary>
internal sealed class PlateRowList(int capacity)
{
    private ulong[] _keys = new ulong[capacity];
    private PlateTag[] _tags = new PlateTag[capacity];

    public int Count { get; private set; }

    public ReadOnlySpan<ulong> Keys => _keys.AsSpan(0, Count);

    public ReadOnlySpan<PlateTag> Tags => _tags.AsSpan(0, Count);

    public void Add(ulong key, PlateTag tag)
    {
        if (Count == _keys.Length)
        {
            int larger = Math.Max(16, Count * 2);
            Array.Resize(ref _keys, larger);
            Array.Resize(ref _tags, larger);
        }
        _keys[Count] = key;
        _tags[Count++] = tag;
    }

    public void Clear() => Count = 0;

    public void Sort() => Array.Sort(_keys, _tags, 0, Count);

    /// <summary>Takes the rows from <paramref name="at"/> on into a list of their own.</summary>
    public PlateRowList CutFrom(int at, int capacity)
    {
        var rest = new PlateRowList(Math.Max(capacity, Count - at)) { Count = Count - at };
        Array.Copy(_keys, at, rest._keys, 0, rest.Count);
        Array.Copy(_tags, at, rest._tags, 0, rest.Count);
        Count = at;
        return rest;
    }

    /// <summary>The rows, which must be in order, in arrays of just their size.</summary>
    public PlateRows ToRows() => ToRows(0, Count);

    public PlateRows ToRows(int from, int to) => from == to ? PlateRows.Empty : new PlateRows(_keys[from..to], _tags[from..to]);
}
