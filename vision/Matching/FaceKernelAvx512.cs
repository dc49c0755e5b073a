using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeAgent.Vision.Matching;

/// <summary>512-bit words: two templates' values widened once and multiplied with each query, 32 products an instruction.</summary>
internal static unsafe class FaceKernelAvx512
{
    private static readonly Vector512<int> Even = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);

    public static void Score(sbyte* tile, in FaceQueries queries, int* scores)
    {
        int q = 0;
        for (; q + 4 <= queries.Count; q += 4)
            ScoreFour(tile, queries.Words + (q * FaceIndex.Dimension), scores + (q * FaceBlock.TileRows));
        for (; q < queries.Count; q++)
            ScoreOne(tile, queries.Words + (q * FaceIndex.Dimension), scores + (q * FaceBlock.TileRows));
    }

    private static void ScoreFour(sbyte* tile, short* query, int* scores)
    {
        Vector512<int> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (int i = 0; i < FaceIndex.Dimension; i += FaceBlock.StepValues, tile += FaceBlock.StepBytes)
        {
            (Vector512<short> t0, Vector512<short> t1) = (Widened(tile), Widened(tile + 32));
            Vector512<short> q = Four(query + i);
            a0 += Avx512BW.MultiplyAddAdjacent(t0, q);
            a1 += Avx512BW.MultiplyAddAdjacent(t1, q);
            q = Four(query + FaceIndex.Dimension + i);
            b0 += Avx512BW.MultiplyAddAdjacent(t0, q);
            b1 += Avx512BW.MultiplyAddAdjacent(t1, q);
            q = Four(query + (2 * FaceIndex.Dimension) + i);
            c0 += Avx512BW.MultiplyAddAdjacent(t0, q);
            c1 += Avx512BW.MultiplyAddAdjacent(t1, q);
            q = Four(query + (3 * FaceIndex.Dimension) + i);
            d0 += Avx512BW.MultiplyAddAdjacent(t0, q);
            d1 += Avx512BW.MultiplyAddAdjacent(t1, q);
        }
        Store(scores, a0, a1);
        Store(scores + FaceBlock.TileRows, b0, b1);
        Store(scores + (2 * FaceBlock.TileRows), c0, c1);
        Store(scores + (3 * FaceBlock.TileRows), d0, d1);
    }

    private static void ScoreOne(sbyte* tile, short* query, int* scores)
    {
        Vector512<int> a0 = default, a1 = default, b0 = default, b1 = default;
        for (int i = 0; i < FaceIndex.Dimension; i += 2 * FaceBlock.StepValues, tile += 2 * FaceBlock.StepBytes)
        {
            (Vector512<short> q, Vector512<short> r) = (Four(query + i), Four(query + i + FaceBlock.StepValues));
            a0 += Avx512BW.MultiplyAddAdjacent(Widened(tile), q);
            a1 += Avx512BW.MultiplyAddAdjacent(Widened(tile + 32), q);
            b0 += Avx512BW.MultiplyAddAdjacent(Widened(tile + 64), r);
            b1 += Avx512BW.MultiplyAddAdjacent(Widened(tile + 96), r);
        }
        Store(scores, a0 + b0, a1 + b1);
    }

    private static Vector512<short> Widened(sbyte* eight) => Avx512BW.ConvertToVector512Int16(Vector256.LoadAligned(eight));

    private static Vector512<short> Four(short* query) => Vector512.Create(*(long*)query).AsInt16();

    // Each template has two sums, side by side.
    private static void Store(int* scores, Vector512<int> first, Vector512<int> second) =>
        (Avx512F.PermuteVar16x32x2(first, Even, second)
            + Avx512F.PermuteVar16x32x2(first, Even + Vector512<int>.One, second)).Store(scores);
}
