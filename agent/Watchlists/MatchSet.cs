using System.Buffers.Binary;
using System.Collections.Immutable;
using EdgeAgent.Vision.Matching;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>
/// What is matched against: built beside the one in use and swapped whole. A list that was taken out of <see cref="Lists"/> no
/// longer counts, even while the indexes still hold its entries.
/// </summary>
internal sealed record MatchSet(ImmutableDictionary<string, LoadedList> Lists, PlateIndex Plates, FaceIndex Faces)
{
    public static MatchSet Empty { get; } = new(ImmutableDictionary<string, LoadedList>.Empty, PlateIndex.Empty, FaceIndex.Empty);

    public bool HasPlates(long nowUnixMs) => Lists.Values.Any(l => l.Plates.Count > 0 && l.IsCurrent(nowUnixMs));

    public bool HasFaces(long nowUnixMs) => Lists.Values.Any(l => l.Faces.Count > 0 && l.IsCurrent(nowUnixMs));

    public static MatchSet Build(ImmutableDictionary<string, LoadedList> lists)
    {
        PlateIndex plates = PlateIndex.Build(lists.Values.SelectMany(list =>
            list.Plates.Values.Select(p => new PlateListEntry(list.ListId, p.EntryId, p.Plate, p.PlateClass.ToString()))));
        var ids = new List<(string, string)>();
        var templates = new float[lists.Values.Sum(l => l.Faces.Count) * FaceIndex.Dimension];
        foreach (LoadedList list in lists.Values)
        {
            foreach (FaceEntry face in list.Faces.Values)
            {
                ReadTemplate(face.Template.Span, templates.AsSpan(ids.Count * FaceIndex.Dimension, FaceIndex.Dimension));
                ids.Add((list.ListId, face.EntryId));
            }
        }
        return new MatchSet(lists, plates, FaceIndex.Build(ids, templates));
    }

    public static void ReadTemplate(ReadOnlySpan<byte> bytes, Span<float> template)
    {
        for (int i = 0; i < template.Length; i++)
            template[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
    }
}
