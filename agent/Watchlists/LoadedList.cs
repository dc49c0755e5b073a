using System.Collections.Frozen;
using System.Collections.Immutable;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>
/// A list in use. Immutable. A plate's place is its number in the index and stays the same when others are revoked; faces are found
/// by their id.
/// </summary>
/// <param name="Facts">The list without its entries.</param>
/// <param name="Plates">Null where an entry was revoked.</param>
internal sealed record LoadedList(Watchlist Facts, ImmutableArray<PlateEntry?> Plates, FrozenDictionary<string, FaceEntry> Faces)
{
    public string ListId => Facts.ListId;

    public int PlateCount { get; } = Plates.Count(p => p is not null);

    public int Count => PlateCount + Faces.Count;

    public static LoadedList Of(Watchlist list, IReadOnlySet<string> withoutEntries)
    {
        ImmutableArray<PlateEntry?> plates = [.. list.Plates.Where(p => !withoutEntries.Contains(p.EntryId))];
        FrozenDictionary<string, FaceEntry> faces = list.Faces.Where(f => !withoutEntries.Contains(f.EntryId)).ToFrozenDictionary(f => f.EntryId);
        list.Plates.Clear();
        list.Faces.Clear();
        return new LoadedList(list, plates, faces);
    }

    public PlateEntry? PlateAt(int number) => number < Plates.Length ? Plates[number] : null;

    public LoadedList Without(IReadOnlySet<string> entryIds) => new(
        Facts,
        [.. Plates.Select(p => p is null || entryIds.Contains(p.EntryId) ? null : p)],
        Faces.Where(f => !entryIds.Contains(f.Key)).ToFrozenDictionary());

    /// <summary>Whether the list may be matched against at this time.</summary>
    public bool IsCurrent(long nowUnixMs) => nowUnixMs < Facts.ValidToUnixMs;

    /// <summary>The index has the templates now; a second copy of somebody's face serves nobody.</summary>
    public void ForgetTemplates()
    {
        foreach (FaceEntry face in Faces.Values)
            face.Template = ByteString.Empty;
    }
}
