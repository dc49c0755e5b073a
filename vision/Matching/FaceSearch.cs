using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeAgent.Vision.Matching;

/// <summary>
/// One thread's room for searching. A tile is scored for all queries of a batch while it is in the cache; whatever could still be
/// among the best is compared exactly.
/// </summary>
/// <remarks>
/// The bound. Stored template t = h + r: h is what high says, r the rest. Query q = p + e: p in steps of its largest value / 127.
/// Then q·t = p·h + p·r + e·t, and by Cauchy–Schwarz |q·t − p·h| ≤ |p||r| + |e||t|. p·h is what the scan computes, exactly as a whole
/// number and then with three roundings of a float, for which <see cref="Slack"/> allows many times over.
/// </remarks>
internal sealed unsafe class FaceSearch
{
    /// <summary>Queries that are scanned together: with a tile they fill two thirds of a first-level cache.</summary>
    public const int MaxBatch = 16;

    private const int QuerySteps = 127;
    private const double FineSteps = 1 << 26;
    private const float Slack = 2e-6f;

    [ThreadStatic]
    private static FaceSearch? s_mine;

    private readonly byte[] _room = GC.AllocateArray<byte>((MaxBatch * BytesPerQuery) + 64, pinned: true);
    private readonly Query[] _queries = new Query[MaxBatch];
    private readonly sbyte* _bytes;
    private readonly short* _words;
    private readonly int* _fine;
    private readonly int* _sums;
    private readonly int* _scores;
    private Found[] _best = [];
    private int _topK;

    private FaceSearch()
    {
        nint start = (Marshal.UnsafeAddrOfPinnedArrayElement(_room, 0) + 63) & ~(nint)63;
        _fine = (int*)start;
        _words = (short*)(_fine + (MaxBatch * FaceIndex.Dimension));
        _bytes = (sbyte*)(_words + (MaxBatch * FaceIndex.Dimension));
        _scores = (int*)(_bytes + (MaxBatch * FaceIndex.Dimension));
        _sums = _scores + (MaxBatch * FaceBlock.TileRows);
    }

    private static int BytesPerQuery => (FaceIndex.Dimension * (sizeof(int) + sizeof(short) + sizeof(sbyte))) + ((FaceBlock.TileRows + 1) * sizeof(int));

    public static FaceSearch Mine => s_mine ??= new FaceSearch();

    /// <param name="embeddings">At most <see cref="MaxBatch"/>.</param>
    /// <param name="matches">topK places a query.</param>
    public void Run(FaceBlock[] blocks, ReadOnlySpan<float> embeddings, int topK, Span<FaceMatch> matches, Span<int> found, FaceKernel kernel)
    {
        int count = 0;
        _topK = topK;
        if (_best.Length < MaxBatch * topK)
            _best = new Found[MaxBatch * topK];
        for (int i = 0; i < found.Length; i++)
        {
            found[i] = 0;
            ReadOnlySpan<float> embedding = embeddings.Slice(i * FaceIndex.Dimension, FaceIndex.Dimension);
            if (TensorPrimitives.SumOfSquares(embedding) is > 0 and < float.PositiveInfinity)
                Prepare(count++, i, embedding);
        }
        try
        {
            var queries = new FaceQueries(count, _bytes, _words, _sums);
            for (int b = 0; b < blocks.Length && count > 0; b++)
                Scan(blocks[b], b, queries, kernel.Score);
            for (int q = 0; q < count; q++)
                found[_queries[q].Asked] = Report(q, blocks, matches[(_queries[q].Asked * topK)..]);
        }
        finally
        {
            // Whoever was looked for leaves no trace here.
            Forget(count);
        }
    }

    private void Prepare(int at, int asked, ReadOnlySpan<float> embedding)
    {
        double largest = 0;
        foreach (float value in embedding)
            largest = Math.Max(largest, Math.Abs(value));
        double step = largest / QuerySteps;
        (double steps, double rest, double squares) = (0, 0, 0);
        int from = at * FaceIndex.Dimension, sum = 0;
        for (int i = 0; i < embedding.Length; i++)
        {
            double value = embedding[i];
            int coarse = (int)Math.Round(value / step);
            _bytes[from + i] = (sbyte)coarse;
            _words[from + i] = (short)coarse;
            _fine[from + i] = (int)Math.Round(value / largest * FineSteps);
            sum += coarse;
            steps += (double)coarse * coarse;
            rest += (value - (coarse * step)) * (value - (coarse * step));
            squares += value * value;
        }
        _sums[at] = sum;
        _queries[at] = new Query
        {
            Asked = asked,
            Step = (float)step,
            FineStep = largest / FineSteps,
            CoarseLength = (float)(step * Math.Sqrt(steps)),
            Doubt = (float)((Math.Sqrt(rest) * FaceQuantiser.LongestTemplate) + (Math.Sqrt(squares) * Slack)),
            Limit = float.NegativeInfinity,
        };
    }

    private void Scan(FaceBlock block, int number, in FaceQueries queries, ScoreTile score)
    {
        for (int tile = 0; tile < block.Tiles; tile++)
        {
            score(block.Tile(tile), queries, _scores);
            ref float scales = ref MemoryMarshal.GetReference(block.ScalesOf(tile));
            ref float residuals = ref MemoryMarshal.GetReference(block.ResidualsOf(tile));
            for (int q = 0; q < queries.Count; q++)
            {
                ref Query query = ref _queries[q];
                for (int half = 0; half < FaceBlock.TileRows; half += Vector256<float>.Count)
                {
                    Vector256<float> product = Vector256.ConvertToSingle(Vector256.Load(_scores + (q * FaceBlock.TileRows) + half));
                    Vector256<float> most = (product * query.Step * Vector256.LoadUnsafe(ref scales, (nuint)half))
                        + (Vector256.LoadUnsafe(ref residuals, (nuint)half) * query.CoarseLength);
                    uint candidates = Vector256.GreaterThanOrEqual(most, Vector256.Create(query.Limit)).ExtractMostSignificantBits();
                    if (candidates != 0)
                        Compare(q, block, number, (tile * FaceBlock.TileRows) + half, candidates);
                }
            }
        }
        GC.KeepAlive(block);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Compare(int q, FaceBlock block, int number, int firstRow, uint candidates)
    {
        ref Query query = ref _queries[q];
        Span<Found> best = _best.AsSpan(q * _topK, _topK);
        var fine = new ReadOnlySpan<int>(_fine + (q * FaceIndex.Dimension), FaceIndex.Dimension);
        for (; candidates != 0; candidates &= candidates - 1)
        {
            int row = firstRow + System.Numerics.BitOperations.TrailingZeroCount(candidates);
            double similarity = block.Product(row, fine) * query.FineStep;
            if (query.Count == _topK && similarity <= best[query.Count - 1].Similarity)
                continue;
            int at = query.Count < _topK ? query.Count++ : query.Count - 1;
            for (; at > 0 && best[at - 1].Similarity < similarity; at--)
                best[at] = best[at - 1];
            best[at] = new Found(similarity, number, row);
            if (query.Count == _topK)
                query.Limit = (float)best[_topK - 1].Similarity - query.Doubt;
        }
    }

    private int Report(int q, FaceBlock[] blocks, Span<FaceMatch> matches)
    {
        int count = _queries[q].Count;
        for (int i = 0; i < count; i++)
        {
            Found best = _best[(q * _topK) + i];
            (string listId, string entryId) = blocks[best.Block].Ids[best.Row];
            matches[i] = new FaceMatch(listId, entryId, (float)best.Similarity);
        }
        return count;
    }

    private void Forget(int count)
    {
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(_room);
        Array.Clear(_queries);
        Array.Clear(_best, 0, count * _topK);
    }

    private readonly record struct Found(double Similarity, int Block, int Row);

    private struct Query
    {
        /// <summary>Its place in the caller's batch.</summary>
        public int Asked;
        public int Count;
        public float Step;
        public double FineStep;
        public float CoarseLength;

        /// <summary>How far the scan may be wrong, what high leaves out of the template aside.</summary>
        public float Doubt;

        /// <summary>What a template must reach at most to be among the best.</summary>
        public float Limit;
    }
}
