using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeAgent.Vision.Matching;

/// <summary>
/// VPDPBUSD: 32 products an instruction, unsigned by signed. The templates are made unsigned by adding 128, which the sum of the
/// query's numbers takes back.
/// </summary>
internal static unsafe class FaceKernelVnni
{
    private const int Bias = 128;
    private const int Half = FaceBlock.TileRows / 2;

    public static void Score(sbyte* tile, in FaceQueries queries, int* scores)
    {
        int q = 0;
        for (; q + 4 <= queries.Count; q += 4)
            ScoreFour(tile, queries.Bytes + (q * FaceIndex.Dimension), queries.Sums + q, scores + (q * FaceBlock.TileRows));
        for (; q < queries.Count; q++)
            ScoreOne(tile, queries.Bytes + (q * FaceIndex.Dimension), queries.Sums[q], scores + (q * FaceBlock.TileRows));
    }

    // Eight sums at a time keep both multipliers busy through their latency.
    private static void ScoreFour(sbyte* tile, sbyte* query, int* sums, int* scores)
    {
        var bias = Vector256.Create((byte)Bias);
        Vector256<int> a0 = Vector256.Create(-Bias * sums[0]), a1 = a0, b0 = Vector256.Create(-Bias * sums[1]), b1 = b0;
        Vector256<int> c0 = Vector256.Create(-Bias * sums[2]), c1 = c0, d0 = Vector256.Create(-Bias * sums[3]), d1 = d0;
        for (int i = 0; i < FaceIndex.Dimension; i += FaceBlock.StepValues, tile += FaceBlock.StepBytes)
        {
            Vector256<byte> t0 = Vector256.LoadAligned((byte*)tile) ^ bias, t1 = Vector256.LoadAligned((byte*)tile + 32) ^ bias;
            Vector256<sbyte> q = Four(query + i);
            a0 = AvxVnni.MultiplyWideningAndAdd(a0, t0, q);
            a1 = AvxVnni.MultiplyWideningAndAdd(a1, t1, q);
            q = Four(query + FaceIndex.Dimension + i);
            b0 = AvxVnni.MultiplyWideningAndAdd(b0, t0, q);
            b1 = AvxVnni.MultiplyWideningAndAdd(b1, t1, q);
            q = Four(query + (2 * FaceIndex.Dimension) + i);
            c0 = AvxVnni.MultiplyWideningAndAdd(c0, t0, q);
            c1 = AvxVnni.MultiplyWideningAndAdd(c1, t1, q);
            q = Four(query + (3 * FaceIndex.Dimension) + i);
            d0 = AvxVnni.MultiplyWideningAndAdd(d0, t0, q);
            d1 = AvxVnni.MultiplyWideningAndAdd(d1, t1, q);
        }
        Store(scores, a0, a1);
        Store(scores + FaceBlock.TileRows, b0, b1);
        Store(scores + (2 * FaceBlock.TileRows), c0, c1);
        Store(scores + (3 * FaceBlock.TileRows), d0, d1);
    }

    private static void ScoreOne(sbyte* tile, sbyte* query, int sum, int* scores)
    {
        var bias = Vector256.Create((byte)Bias);
        Vector256<int> a0 = Vector256.Create(-Bias * sum), a1 = a0, b0 = Vector256<int>.Zero, b1 = b0;
        for (int i = 0; i < FaceIndex.Dimension; i += 2 * FaceBlock.StepValues, tile += 2 * FaceBlock.StepBytes)
        {
            Vector256<sbyte> q = Four(query + i), r = Four(query + i + FaceBlock.StepValues);
            a0 = AvxVnni.MultiplyWideningAndAdd(a0, Vector256.LoadAligned((byte*)tile) ^ bias, q);
            a1 = AvxVnni.MultiplyWideningAndAdd(a1, Vector256.LoadAligned((byte*)tile + 32) ^ bias, q);
            b0 = AvxVnni.MultiplyWideningAndAdd(b0, Vector256.LoadAligned((byte*)tile + 64) ^ bias, r);
            b1 = AvxVnni.MultiplyWideningAndAdd(b1, Vector256.LoadAligned((byte*)tile + 96) ^ bias, r);
        }
        Store(scores, a0 + b0, a1 + b1);
    }

    private static Vector256<sbyte> Four(sbyte* query) => Vector256.Create(*(int*)query).AsSByte();

    private static void Store(int* scores, Vector256<int> first, Vector256<int> second)
    {
        first.Store(scores);
        second.Store(scores + Half);
    }
}
