using System.Numerics.Tensors;

namespace EdgeAgent.Vision.Matching;

/// <summary>A listed face like the one that was asked for. Similarity is the cosine, −1 … 1.</summary>
public readonly record struct FaceMatch(string ListId, string EntryId, float Similarity);

/// <summary>
/// All face templates of all lists in force; every search compares with each of them, so nothing is missed by an approximation.
/// Immutable: the owner builds a new one and swaps it whole. Thread-safe.
/// </summary>
public sealed class FaceIndex
{
    /// <summary>Numbers in a template.</summary>
    public const int Dimension = 512;

    /// <summary>How far a template's length may be from one.</summary>
    private const float LengthTolerance = 0.01f;

    private readonly (string ListId, string EntryId)[] _ids;
    private readonly float[] _templates;

    private FaceIndex((string ListId, string EntryId)[] ids, float[] templates)
    {
        _ids = ids;
        _templates = templates;
    }

    public static FaceIndex Empty { get; } = new([], []);

    public int Count => _ids.Length;

    /// <param name="ids">One for each template.</param>
    /// <param name="templates">Count · 512 values, each 512 of length one; copied.</param>
    /// <exception cref="ArgumentException">The counts disagree, or a template is not of length one.</exception>
    public static FaceIndex Build(IReadOnlyList<(string ListId, string EntryId)> ids, ReadOnlyMemory<float> templates)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (templates.Length != (long)ids.Count * Dimension)
            throw new ArgumentException($"{ids.Count} faces need {(long)ids.Count * Dimension} values, not {templates.Length}", nameof(templates));
        for (int i = 0; i < ids.Count; i++)
        {
            float length = TensorPrimitives.Norm(templates.Span.Slice(i * Dimension, Dimension));
            if (!(MathF.Abs(length - 1) <= LengthTolerance))
                throw new ArgumentException($"the template of entry {ids[i].EntryId} of list {ids[i].ListId} has length {length}, not 1", nameof(templates));
        }
        return new FaceIndex([.. ids], templates.ToArray());
    }

    /// <summary>The most similar faces, best first, with no threshold: that is the caller's.</summary>
    /// <param name="embedding">512 values of length one.</param>
    /// <param name="topK">Filled from the start.</param>
    /// <returns>How many were filled; 0 for an empty index or an embedding that is no direction (zero, NaN).</returns>
    public int Search(ReadOnlySpan<float> embedding, Span<FaceMatch> topK)
    {
        if (embedding.Length != Dimension)
            throw new ArgumentException($"an embedding has {Dimension} values, not {embedding.Length}", nameof(embedding));
        if (topK.IsEmpty || !(TensorPrimitives.SumOfSquares(embedding) is > 0 and < float.PositiveInfinity))
            return 0;
        int count = 0;
        ReadOnlySpan<float> templates = _templates;
        for (int i = 0; i < _ids.Length; i++)
        {
            float similarity = TensorPrimitives.Dot(embedding, templates.Slice(i * Dimension, Dimension));
            if (count == topK.Length && similarity <= topK[count - 1].Similarity)
                continue;
            Insert(topK, ref count, new FaceMatch(_ids[i].ListId, _ids[i].EntryId, similarity));
        }
        return count;
    }

    private static void Insert(Span<FaceMatch> best, ref int count, FaceMatch match)
    {
        int at = count < best.Length ? count++ : count - 1;
        for (; at > 0 && best[at - 1].Similarity < match.Similarity; at--)
            best[at] = best[at - 1];
        best[at] = match;
    }
}
