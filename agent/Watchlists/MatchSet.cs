using System.Buffers.Binary;
using System.Collections.Immutable;
using EdgeAgent.Vision.Matching;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>
/// What is matched against: made beside the one in use and swapped whole. A list that was taken out of <see cref="Lists"/> no
/// longer counts, even while the indexes still hold its entries.
/// </summary>
internal sealed record MatchSet(ImmutableDictionary<string, LoadedList> Lists, PlateIndex Plates, FaceIndex Faces)
{
    public static MatchSet Empty { get; } = new(ImmutableDictionary<string, LoadedList>.Empty, PlateIndex.Empty, FaceIndex.Empty);

    public bool HasPlates(long nowUnixMs) => Lists.Values.Any(l => l.PlateCount > 0 && l.IsCurrent(nowUnixMs));

    public bool HasFaces(long nowUnixMs) => Lists.Values.Any(l => l.Faces.Count > 0 && l.IsCurrent(nowUnixMs));

    /// <summary>With these lists in the place of what went by the same ids. The templates go over to the index.</summary>
    public MatchSet With(IReadOnlyCollection<LoadedList> lists)
    {
        string[] ids = [.. lists.Select(l => l.ListId)];
        LoadedList[] withFaces = [.. lists.Where(l => l.Faces.Count > 0)];
        FaceEntry[] faces = [.. withFaces.SelectMany(l => l.Faces.Values)];
        var set = new MatchSet(
            Lists.SetItems(lists.Select(l => KeyValuePair.Create(l.ListId, l))),
            Plates.Apply(new PlateDelta { EndedLists = ids, Added = lists.SelectMany(l => Entries(l)) }),
            Faces.Apply(new FaceDelta
            {
                EndedLists = ids,
                Added = [.. withFaces.SelectMany(l => l.Faces.Values.Select(f => (l.ListId, f.EntryId)))],
                Templates = Templates(faces),
            }));
        foreach (LoadedList list in withFaces)
            list.ForgetTemplates();
        return set;
    }

    /// <summary>With a list as a delta left it. The delta's templates go over to the index.</summary>
    /// <param name="patch">Of the list as it is in this set.</param>
    public MatchSet With(ListPatch patch)
    {
        (string id, ImmutableArray<PlateEntry?> plates) = (patch.Before.ListId, patch.Before.Plates);
        var set = new MatchSet(
            Lists.SetItem(id, patch.After),
            Plates.Apply(new PlateDelta
            {
                Removed = patch.GonePlaces.Select(i => new PlateListEntry(id, i, plates[i]!.Plate)),
                Added = Entries(patch.After, from: plates.Length),
            }),
            Faces.Apply(new FaceDelta
            {
                Removed = [.. patch.GoneFaces.Select(face => (id, face))],
                Added = [.. patch.Delta.Faces.Select(f => (id, f.EntryId))],
                Templates = Templates(patch.Delta.Faces),
            }));
        patch.After.ForgetTemplates();
        return set;
    }

    /// <summary>At once without a list; <see cref="Cleared"/> takes its entries out of the indexes.</summary>
    public MatchSet Without(string listId) => this with { Lists = Lists.Remove(listId) };

    /// <summary>At once without some entries of a list; <see cref="Cleared"/> takes them out of the indexes.</summary>
    public MatchSet Without(string listId, IReadOnlySet<string> entryIds) =>
        this with { Lists = Lists.SetItem(listId, Lists[listId].Without(entryIds)) };

    /// <summary>The same with nothing of a list in the indexes that is not in <see cref="Lists"/>.</summary>
    public MatchSet Cleared(string endedListId) => this with
    {
        Plates = Plates.Apply(new PlateDelta { EndedLists = [endedListId] }),
        Faces = Faces.Apply(new FaceDelta { EndedLists = [endedListId] }),
    };

    /// <summary>The same with nothing of revoked entries in the indexes.</summary>
    /// <param name="before">The list when it still had them.</param>
    public MatchSet Cleared(LoadedList before, IReadOnlySet<string> entryIds) => this with
    {
        Plates = Plates.Apply(new PlateDelta { Removed = Entries(before).Where(e => entryIds.Contains(before.Plates[e.Entry]!.EntryId)) }),
        Faces = Faces.Apply(new FaceDelta { Removed = [.. entryIds.Select(id => (before.ListId, id))] }),
    };

    private static IEnumerable<PlateListEntry> Entries(LoadedList list, int from = 0)
    {
        for (int i = from; i < list.Plates.Length; i++)
            if (list.Plates[i] is { } plate)
                yield return new PlateListEntry(list.ListId, i, plate.Plate);
    }

    private static float[] Templates(IReadOnlyList<FaceEntry> faces)
    {
        var templates = new float[faces.Count * FaceIndex.Dimension];
        for (int i = 0; i < templates.Length; i++)
            templates[i] = BinaryPrimitives.ReadSingleLittleEndian(faces[i / FaceIndex.Dimension].Template.Span[(i % FaceIndex.Dimension * sizeof(float))..]);
        return templates;
    }
}
