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
        var templates = new float[faces.Length * FaceIndex.Dimension];
        for (int i = 0; i < faces.Length; i++)
            ReadTemplate(faces[i].Template.Span, templates.AsSpan(i * FaceIndex.Dimension, FaceIndex.Dimension));
        var set = new MatchSet(
            Lists.SetItems(lists.Select(l => KeyValuePair.Create(l.ListId, l))),
            Plates.Apply(new PlateDelta { EndedLists = ids, Added = lists.SelectMany(Entries) }),
            Faces.Apply(new FaceDelta
            {
                EndedLists = ids,
                Added = [.. withFaces.SelectMany(l => l.Faces.Values.Select(f => (l.ListId, f.EntryId)))],
                Templates = templates,
            }));
        foreach (LoadedList list in withFaces)
            list.ForgetTemplates();
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

    private static IEnumerable<PlateListEntry> Entries(LoadedList list)
    {
        for (int i = 0; i < list.Plates.Length; i++)
            if (list.Plates[i] is { } plate)
                yield return new PlateListEntry(list.ListId, i, plate.Plate);
    }

    private static void ReadTemplate(ReadOnlySpan<byte> bytes, Span<float> template)
    {
        for (int i = 0; i < template.Length; i++)
            template[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
    }
}
