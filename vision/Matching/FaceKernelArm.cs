using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeAgent.Vision.Matching;

/// <summary>Arm: SDOT where the processor has it (Cortex-A76 and later), widening products otherwise.</summary>
internal static unsafe class FaceKernelArm
{
    public static void ScoreDp(sbyte* tile, in FaceQueries queries, int* scores)
    {
        int q = 0;
        for (; q + 2 <= queries.Count; q += 2)
            ScoreTwoDp(tile, queries.Bytes + (q * FaceIndex.Dimension), scores + (q * FaceBlock.TileRows));
        if (q < queries.Count)
            ScoreOneDp(tile, queries.Bytes + (q * FaceIndex.Dimension), scores + (q * FaceBlock.TileRows));
    }

    public static void ScoreSimd(sbyte* tile, in FaceQueries queries, int* scores)
    {
        for (int q = 0; q < queries.Count; q++)
            for (int quarter = 0; quarter < 4; quarter++)
                ScoreFourRows(tile + (quarter * 16), queries.Bytes + (q * FaceIndex.Dimension), scores + (q * FaceBlock.TileRows) + (quarter * 4));
    }

    private static void ScoreTwoDp(sbyte* tile, sbyte* query, int* scores)
    {
        Vector128<int> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (int i = 0; i < FaceIndex.Dimension; i += FaceBlock.StepValues, tile += FaceBlock.StepBytes)
        {
            (Vector128<sbyte> q, Vector128<sbyte> r) = (Four(query + i), Four(query + FaceIndex.Dimension + i));
            Vector128<sbyte> t0 = Vector128.Load(tile), t1 = Vector128.Load(tile + 16), t2 = Vector128.Load(tile + 32), t3 = Vector128.Load(tile + 48);
            a0 = Dp.DotProduct(a0, t0, q);
            a1 = Dp.DotProduct(a1, t1, q);
            a2 = Dp.DotProduct(a2, t2, q);
            a3 = Dp.DotProduct(a3, t3, q);
            b0 = Dp.DotProduct(b0, t0, r);
            b1 = Dp.DotProduct(b1, t1, r);
            b2 = Dp.DotProduct(b2, t2, r);
            b3 = Dp.DotProduct(b3, t3, r);
        }
        Store(scores, a0, a1, a2, a3);
        Store(scores + FaceBlock.TileRows, b0, b1, b2, b3);
    }

    private static void ScoreOneDp(sbyte* tile, sbyte* query, int* scores)
    {
        Vector128<int> a0 = default, a1 = default, a2 = default, a3 = default;
        for (int i = 0; i < FaceIndex.Dimension; i += FaceBlock.StepValues, tile += FaceBlock.StepBytes)
        {
            Vector128<sbyte> q = Four(query + i);
            a0 = Dp.DotProduct(a0, Vector128.Load(tile), q);
            a1 = Dp.DotProduct(a1, Vector128.Load(tile + 16), q);
            a2 = Dp.DotProduct(a2, Vector128.Load(tile + 32), q);
            a3 = Dp.DotProduct(a3, Vector128.Load(tile + 48), q);
        }
        Store(scores, a0, a1, a2, a3);
    }

    private static void ScoreFourRows(sbyte* tile, sbyte* query, int* scores)
    {
        Vector128<int> a = default, b = default;
        for (int i = 0; i < FaceIndex.Dimension; i += FaceBlock.StepValues, tile += FaceBlock.StepBytes)
        {
            (Vector128<sbyte> t, Vector128<sbyte> q) = (Vector128.Load(tile), Four(query + i));
            // A product is at most 127², which a word holds.
            a = AdvSimd.AddPairwiseWideningAndAdd(a, AdvSimd.MultiplyWideningLower(t.GetLower(), q.GetLower()));
            b = AdvSimd.AddPairwiseWideningAndAdd(b, AdvSimd.MultiplyWideningUpper(t, q));
        }
        AdvSimd.Arm64.AddPairwise(a, b).Store(scores);
    }

    private static Vector128<sbyte> Four(sbyte* query) => Vector128.Create(*(int*)query).AsSByte();

    private static void Store(int* scores, Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d)
    {
        a.Store(scores);
        b.Store(scores + 4);
        c.Store(scores + 8);
        d.Store(scores + 12);
    }
}
