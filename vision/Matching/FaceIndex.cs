using System.Numerics.Tensors;

namespace EdgeAgent.Vision.Matching;

/// <summary>A listed face like the one that was asked for. Similarity is the cosine, −1 … 1.</summary>
public readonly record struct FaceMatch(string ListId, string EntryId, float Similarity);

/// <summary>What changes in an index: first whole lists end, then entries leave, then entries come.</summary>
public sealed record FaceDelta
{
    /// <summary>Lists that end with all their entries. An unknown one changes nothing.</summary>
    public IReadOnlyCollection<string> EndedLists { get; init; } = [];

    /// <summary>Entries that leave. An unknown one changes nothing.</summary>
    public IReadOnlyCollection<(string ListId, string EntryId)> Removed { get; init; } = [];

    /// <summary>Entries that come, one for each template.</summary>
    public IReadOnlyList<(string ListId, string EntryId)> Added { get; init; } = [];

    /// <summary>512 values of length one for each of <see cref="Added"/>; copied.</summary>
    public ReadOnlyMemory<float> Templates { get; init; }
}

/// <summary>
/// All face templates of all lists in force; every search compares with each of them, so nothing is missed by an approximation.
/// A value is stored in 17 bits. The upper eight are scanned; what a proven bound cannot rule out is compared with all 17, so the
/// answer is the one that comparing with every stored template would give. Immutable: the owner makes a new one and swaps it whole.
/// Thread-safe.
/// </summary>
public sealed class FaceIndex
{
    /// <summary>Numbers in a template.</summary>
    public const int Dimension = 512;

    /// <summary>How far a template's length may be from one.</summary>
    private const float LengthTolerance = 0.01f;

    private readonly FaceBlock[] _blocks;

    private FaceIndex(FaceBlock[] blocks)
    {
        _blocks = blocks;
        Count = blocks.Sum(b => b.Count);
    }

    public static FaceIndex Empty { get; } = new([]);

    public int Count { get; }

    /// <param name="ids">One for each template. The index keeps the strings themselves, not copies.</param>
    /// <param name="templates">Count · 512 values, each 512 of length one; copied.</param>
    /// <exception cref="ArgumentException">The counts disagree, or a template is not of length one.</exception>
    public static FaceIndex Build(IReadOnlyList<(string ListId, string EntryId)> ids, ReadOnlyMemory<float> templates)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Empty.Apply(new FaceDelta { Added = ids, Templates = templates });
    }

    /// <summary>
    /// The index after a change. Blocks of 1,024 templates in which nothing changes are shared with this index; nothing of what left is
    /// in the new one. Where entries left, the order of the rest may change, which shows only between equal similarities.
    /// </summary>
    /// <exception cref="ArgumentException">The counts disagree, or a template is not of length one.</exception>
    public FaceIndex Apply(FaceDelta delta)
    {
        ArgumentNullException.ThrowIfNull(delta);
        Check(delta.Added, delta.Templates);
        var ended = delta.EndedLists.ToHashSet();
        var removed = delta.Removed.ToHashSet();
        bool Leaves((string ListId, string EntryId) id) => ended.Contains(id.ListId) || removed.Contains(id);

        var kept = new List<FaceBlock>();
        var rest = new List<(FaceBlock Block, int Row)>();
        foreach (FaceBlock block in _blocks)
        {
            // A block that is not full takes part, so that many small changes do not end in many small blocks.
            bool changes = (ended.Count > 0 || removed.Count > 0) && block.Ids.ToArray().Any(Leaves);
            if (!changes && block.Count == FaceBlock.Capacity)
            {
                kept.Add(block);
                continue;
            }
            for (int row = 0; row < block.Count; row++)
                if (!Leaves(block.Ids[row]))
                    rest.Add((block, row));
        }
        int total = rest.Count + delta.Added.Count;
        for (int from = 0; from < total; from += FaceBlock.Capacity)
        {
            var block = new FaceBlock(Math.Min(FaceBlock.Capacity, total - from));
            for (int i = from; i < Math.Min(total, from + FaceBlock.Capacity); i++)
            {
                if (i < rest.Count)
                    block.Add(rest[i].Block, rest[i].Row);
                else
                    block.Add(delta.Added[i - rest.Count], delta.Templates.Span.Slice((i - rest.Count) * Dimension, Dimension));
            }
            kept.Add(block);
        }
        return new FaceIndex([.. kept]);
    }

    /// <summary>The most similar faces, best first, with no threshold: that is the caller's.</summary>
    /// <param name="embedding">512 values of length one.</param>
    /// <param name="topK">Filled from the start.</param>
    /// <returns>How many were filled; 0 for an empty index or an embedding that is no direction (zero, NaN).</returns>
    public int Search(ReadOnlySpan<float> embedding, Span<FaceMatch> topK)
    {
        if (embedding.Length != Dimension)
            throw new ArgumentException($"an embedding has {Dimension} values, not {embedding.Length}", nameof(embedding));
        int found = 0;
        SearchBatch(embedding, topK, new Span<int>(ref found), FaceKernel.Best);
        return found;
    }

    /// <summary>The same for several faces at once, which costs less than one search each.</summary>
    /// <param name="embeddings">512 values a face.</param>
    /// <param name="matches">As many places for each face, one face behind the other; each face's are filled from their start.</param>
    /// <param name="found">How many were filled, for each face; as many as there are embeddings.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void SearchBatch(ReadOnlySpan<float> embeddings, Span<FaceMatch> matches, Span<int> found) =>
        SearchBatch(embeddings, matches, found, FaceKernel.Best);

    internal void SearchBatch(ReadOnlySpan<float> embeddings, Span<FaceMatch> matches, Span<int> found, FaceKernel kernel)
    {
        if (embeddings.Length != found.Length * Dimension)
            throw new ArgumentException($"{found.Length} embeddings have {found.Length * Dimension} values, not {embeddings.Length}", nameof(embeddings));
        found.Clear();
        if (found.IsEmpty || matches.IsEmpty)
            return;
        if (matches.Length % found.Length != 0)
            throw new ArgumentException($"{matches.Length} places cannot be shared evenly by {found.Length} faces", nameof(matches));
        int topK = matches.Length / found.Length;
        FaceSearch search = FaceSearch.Mine;
        for (int from = 0; from < found.Length; from += FaceSearch.MaxBatch)
        {
            int count = Math.Min(FaceSearch.MaxBatch, found.Length - from);
            search.Run(
                _blocks, embeddings.Slice(from * Dimension, count * Dimension), topK, matches[(from * topK)..], found.Slice(from, count), kernel);
        }
    }

    private static void Check(IReadOnlyList<(string ListId, string EntryId)> ids, ReadOnlyMemory<float> templates)
    {
        if (templates.Length != (long)ids.Count * Dimension)
            throw new ArgumentException($"{ids.Count} faces need {(long)ids.Count * Dimension} values, not {templates.Length}", nameof(templates));
        for (int i = 0; i < ids.Count; i++)
        {
            float length = TensorPrimitives.Norm(templates.Span.Slice(i * Dimension, Dimension));
            if (!(MathF.Abs(length - 1) <= LengthTolerance))
                throw new ArgumentException($"the template of entry {ids[i].EntryId} of list {ids[i].ListId} has length {length}, not 1", nameof(templates));
        }
    }
}
