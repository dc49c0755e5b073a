using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeAgent.Vision.Matching;

/// <summary>256-bit words: four templates' values widened once and multiplied with each query, 16 products an instruction.</summary>
internal static unsafe class FaceKernelAvx2
{
    public static void Score(sbyte* tile, in FaceQueries queries, int* scores)
    {
        int q = 0;
        for (; q + 2 <= queries.Count; q += 2)
            ScoreTwo(tile, queries.Words + (q * FaceIndex.Dimension), scores + (q * FaceBlock.TileRows));
        if (q < queries.Count)
            ScoreOne(tile, queries.Words + (q * FaceIndex.Dimension), scores + (q * FaceBlock.TileRows));
    }

    private static void ScoreTwo(sbyte* tile, short* query, int* scores)
    {
        Vector256<int> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (int i = 0; i < FaceIndex.Dimension; i += FaceBlock.StepValues, tile += FaceBlock.StepBytes)
        {
            (Vector256<short> q, Vector256<short> r) = (Four(query + i), Four(query + FaceIndex.Dimension + i));
            Vector256<short> t = Widened(tile);
            a0 += Avx2.MultiplyAddAdjacent(t, q);
            b0 += Avx2.MultiplyAddAdjacent(t, r);
            t = Widened(tile + 16);
            a1 += Avx2.MultiplyAddAdjacent(t, q);
            b1 += Avx2.MultiplyAddAdjacent(t, r);
            t = Widened(tile + 32);
            a2 += Avx2.MultiplyAddAdjacent(t, q);
            b2 += Avx2.MultiplyAddAdjacent(t, r);
            t = Widened(tile + 48);
            a3 += Avx2.MultiplyAddAdjacent(t, q);
            b3 += Avx2.MultiplyAddAdjacent(t, r);
        }
        Store(scores, a0, a1, a2, a3);
        Store(scores + FaceBlock.TileRows, b0, b1, b2, b3);
    }

    private static void ScoreOne(sbyte* tile, short* query, int* scores)
    {
        Vector256<int> a0 = default, a1 = default, a2 = default, a3 = default;
        for (int i = 0; i < FaceIndex.Dimension; i += FaceBlock.StepValues, tile += FaceBlock.StepBytes)
        {
            Vector256<short> q = Four(query + i);
            a0 += Avx2.MultiplyAddAdjacent(Widened(tile), q);
            a1 += Avx2.MultiplyAddAdjacent(Widened(tile + 16), q);
            a2 += Avx2.MultiplyAddAdjacent(Widened(tile + 32), q);
            a3 += Avx2.MultiplyAddAdjacent(Widened(tile + 48), q);
        }
        Store(scores, a0, a1, a2, a3);
    }

    private static Vector256<short> Widened(sbyte* four) => Avx2.ConvertToVector256Int16(four);

    private static Vector256<short> Four(short* query) => Vector256.Create(*(long*)query).AsInt16();

    // Each template has two sums, side by side; adding them pairs the halves of two registers, which are put in order again.
    private static void Store(int* scores, Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        Avx2.Permute4x64(Avx2.HorizontalAdd(a, b).AsInt64(), 0b11_01_10_00).AsInt32().Store(scores);
        Avx2.Permute4x64(Avx2.HorizontalAdd(c, d).AsInt64(), 0b11_01_10_00).AsInt32().Store(scores + 8);
    }
}
