namespace EdgeAgent.Vision.Matching;

/// <summary>A plate of a list.</summary>
/// <param name="ListId">The list's own id.</param>
/// <param name="Entry">The caller's number of the entry in its list; it comes back with a match and means nothing here.</param>
/// <param name="Plate">As the list writes it; separators and small letters are allowed.</param>
public readonly record struct PlateListEntry(string ListId, int Entry, string Plate);

/// <summary>A listed plate that the read one is, or may be.</summary>
/// <param name="ListId">Whose entry it is.</param>
/// <param name="Entry">The number that the entry came with.</param>
/// <param name="Plate">The listed plate, without separators.</param>
/// <param name="Exact">It is the read one.</param>
/// <param name="DoubtfulPosition">Where the two differ, from 0; −1 when <paramref name="Exact"/>.</param>
public readonly record struct PlateMatch(string ListId, int Entry, string Plate, bool Exact, int DoubtfulPosition);

/// <summary>What changes in an index: first whole lists end, then entries leave, then entries come.</summary>
public sealed record PlateDelta
{
    /// <summary>Lists that end with all their entries. An unknown one changes nothing.</summary>
    public IReadOnlyCollection<string> EndedLists { get; init; } = [];

    /// <summary>Entries that leave, each equal to one that came: list, number and plate. An unknown one changes nothing.</summary>
    public IEnumerable<PlateListEntry> Removed { get; init; } = [];

    /// <summary>Entries that come. The same plate may stand on several lists and in several entries.</summary>
    public IEnumerable<PlateListEntry> Added { get; init; } = [];
}
