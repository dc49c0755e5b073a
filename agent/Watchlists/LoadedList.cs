using System.Collections.Frozen;
using System.Collections.Immutable;
using EdgeAgent.Contract;
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

    /// <summary>When the first delta that took or changed an entry was issued, Unix milliseconds; 0: none did since the list came whole.</summary>
    /// <remarks>What was taken out still lies in the signed bytes, encrypted, until the list comes whole again.</remarks>
    public long PatchedSinceUnixMs { get; init; }

    public static LoadedList Of(Watchlist list, IReadOnlySet<string> withoutEntries)
    {
        ImmutableArray<PlateEntry?> plates = [.. list.Plates.Where(p => !withoutEntries.Contains(p.EntryId))];
        FrozenDictionary<string, FaceEntry> faces = list.Faces.Where(f => !withoutEntries.Contains(f.EntryId)).ToFrozenDictionary(f => f.EntryId);
        list.Plates.Clear();
        list.Faces.Clear();
        return new LoadedList(list, plates, faces);
    }

    /// <summary>After a delta, whose entries go over. Those that stay keep their places, those that come stand behind them.</summary>
    /// <returns>Null when the delta was not made for this version, or does not lead where it says.</returns>
    public ListPatch? With(Watchlist delta)
    {
        if (!WatchlistDelta.BuildsOn(Facts, delta))
            return null;
        IReadOnlySet<string> gone = WatchlistDelta.Gone(delta);
        int[] places = [.. Enumerable.Range(0, Plates.Length).Where(i => Plates[i] is { } plate && gone.Contains(plate.EntryId))];
        ImmutableArray<PlateEntry?>.Builder plates = ImmutableArray.CreateBuilder<PlateEntry?>(Plates.Length + delta.Plates.Count);
        plates.AddRange(Plates);
        foreach (int place in places)
            plates[place] = null;
        plates.AddRange(delta.Plates);
        Watchlist facts = delta.Clone();
        facts.Plates.Clear();
        facts.Faces.Clear();
        facts.RemovedEntryIds.Clear();
        var after = new LoadedList(
            facts,
            plates.MoveToImmutable(),
            Faces.Values.Where(f => !gone.Contains(f.EntryId)).Concat(delta.Faces).ToFrozenDictionary(f => f.EntryId))
        {
            PatchedSinceUnixMs = PatchedSinceUnixMs > 0 ? PatchedSinceUnixMs : PatchedAt(Count, delta),
        };
        return after.Count == delta.EntriesAfter ? new ListPatch(this, after, delta, places) : null;
    }

    /// <summary>When a delta to so many entries took or changed one of them; 0: it only added.</summary>
    public static long PatchedAt(int entriesBefore, Watchlist delta) =>
        entriesBefore + delta.Plates.Count + delta.Faces.Count > delta.EntriesAfter ? delta.IssuedAtUnixMs : 0;

    public PlateEntry? PlateAt(int number) => number < Plates.Length ? Plates[number] : null;

    public LoadedList Without(IReadOnlySet<string> entryIds) => new(
        Facts,
        [.. Plates.Select(p => p is null || entryIds.Contains(p.EntryId) ? null : p)],
        Faces.Where(f => !entryIds.Contains(f.Key)).ToFrozenDictionary())
    {
        PatchedSinceUnixMs = PatchedSinceUnixMs,
    };

    /// <summary>Whether the list may be matched against at this time.</summary>
    public bool IsCurrent(long nowUnixMs) => nowUnixMs < Facts.ValidToUnixMs;

    /// <summary>The index has the templates now; a second copy of somebody's face serves nobody.</summary>
    public void ForgetTemplates()
    {
        foreach (FaceEntry face in Faces.Values)
            face.Template = ByteString.Empty;
    }
}

/// <summary>A list before and after a delta.</summary>
/// <param name="GonePlaces">Places of the plates that left, or came back changed at another place.</param>
internal sealed record ListPatch(LoadedList Before, LoadedList After, Watchlist Delta, IReadOnlyList<int> GonePlaces)
{
    /// <summary>Ids of the faces that left, or came back changed.</summary>
    public IEnumerable<string> GoneFaces => Delta.RemovedEntryIds.Concat(Delta.Faces.Select(f => f.EntryId)).Where(Before.Faces.ContainsKey);

    /// <summary>Ids of the entries that left, or are another plate or face now: what was seen of them before counts no longer.</summary>
    public IReadOnlySet<string> NoLonger()
    {
        Dictionary<string, string> now = Delta.Plates.ToDictionary(p => p.EntryId, p => p.Plate);
        return GonePlaces.Select(i => Before.Plates[i]!).Where(p => now.GetValueOrDefault(p.EntryId) != p.Plate).Select(p => p.EntryId).Concat(GoneFaces).ToHashSet();
    }
}
