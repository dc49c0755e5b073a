using System.Collections.Frozen;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>A list in use. Immutable; entries are found by their id.</summary>
/// <param name="Facts">The list without its entries.</param>
internal sealed record LoadedList(Watchlist Facts, FrozenDictionary<string, PlateEntry> Plates, FrozenDictionary<string, FaceEntry> Faces)
{
    public string ListId => Facts.ListId;

    public int Count => Plates.Count + Faces.Count;

    public static LoadedList Of(Watchlist list, IReadOnlySet<string> withoutEntries)
    {
        FrozenDictionary<string, PlateEntry> plates = list.Plates.Where(p => !withoutEntries.Contains(p.EntryId)).ToFrozenDictionary(p => p.EntryId);
        FrozenDictionary<string, FaceEntry> faces = list.Faces.Where(f => !withoutEntries.Contains(f.EntryId)).ToFrozenDictionary(f => f.EntryId);
        list.Plates.Clear();
        list.Faces.Clear();
        return new LoadedList(list, plates, faces);
    }

    public LoadedList Without(IReadOnlySet<string> entryIds) => this with
    {
        Plates = Plates.Where(p => !entryIds.Contains(p.Key)).ToFrozenDictionary(),
        Faces = Faces.Where(f => !entryIds.Contains(f.Key)).ToFrozenDictionary(),
    };

    /// <summary>Whether the list may be matched against at this time.</summary>
    public bool IsCurrent(long nowUnixMs) => nowUnixMs < Facts.ValidToUnixMs;
}
