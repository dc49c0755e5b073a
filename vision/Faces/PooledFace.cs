using System.Numerics.Tensors;

namespace EdgeAgent.Vision.Faces;

/// <summary>
/// The looks of one visit as one face: the mean of their embeddings, each weighted by its quality, of length one again. What differs
/// from look to look (blur, noise, light) cancels, what they share stays; and a visit is compared once, not once a look, so that more
/// looks do not make more false alerts. Allocates only when made. Not thread-safe.
/// </summary>
public sealed class PooledFace
{
    private readonly float[] _sum = new float[FaceEmbedder.Dimension];

    /// <summary>How many looks are in it.</summary>
    public int Looks { get; private set; }

    /// <summary>Sum of their weights: how much is known.</summary>
    public float Weight { get; private set; }

    /// <summary>Score of the best look, 0 … 1.</summary>
    public float BestScore { get; private set; }

    /// <returns>True when this look is the best so far. A look that does not pass, or an embedding that is no direction, is left out.</returns>
    public bool Add(ReadOnlySpan<float> embedding, in FaceQuality quality)
    {
        if (embedding.Length != _sum.Length)
            throw new ArgumentException($"an embedding has {_sum.Length} values, not {embedding.Length}", nameof(embedding));
        if (!quality.Passes || !(quality.Score > 0) || !(TensorPrimitives.SumOfSquares(embedding) is > 0 and < float.PositiveInfinity))
            return false;
        TensorPrimitives.MultiplyAdd(embedding, quality.Score, _sum, _sum);
        Looks++;
        Weight += quality.Score;
        bool best = quality.Score > BestScore;
        BestScore = MathF.Max(BestScore, quality.Score);
        return best;
    }

    /// <summary>The visit's embedding.</summary>
    /// <param name="embedding">512 values, length one; all zero when false.</param>
    /// <returns>False: no look was good enough.</returns>
    public bool TryRead(Span<float> embedding)
    {
        if (embedding.Length != _sum.Length)
            throw new ArgumentException($"an embedding has {_sum.Length} values, not {embedding.Length}", nameof(embedding));
        embedding.Clear();
        float length = TensorPrimitives.Norm<float>(_sum);
        if (!(length > 0))
            return false;
        TensorPrimitives.Divide(_sum, length, embedding);
        return true;
    }

    /// <summary>Nothing of it stays.</summary>
    public void Clear()
    {
        Array.Clear(_sum);
        Looks = 0;
        Weight = BestScore = 0;
    }
}
