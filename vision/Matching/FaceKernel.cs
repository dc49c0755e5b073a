using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeAgent.Vision.Matching;

/// <summary>Queries as the kernels read them, one behind the other.</summary>
internal readonly unsafe struct FaceQueries(int count, sbyte* bytes, short* words, int* sums)
{
    public readonly int Count = count;

    /// <summary>512 numbers a query, −127 … 127.</summary>
    public readonly sbyte* Bytes = bytes;

    /// <summary>The same numbers as words.</summary>
    public readonly short* Words = words;

    /// <summary>The sum of each query's numbers.</summary>
    public readonly int* Sums = sums;
}

/// <summary>Products of the 16 templates of a tile with each query: 16 numbers a query. Every kernel gives the same numbers.</summary>
internal unsafe delegate void ScoreTile(sbyte* tile, in FaceQueries queries, int* scores);

/// <summary>A way to score a tile, and whether this processor has what it takes.</summary>
internal sealed record FaceKernel(string Name, bool IsSupported, ScoreTile Score)
{
    /// <summary>Best first. .NET 10 names no 512-bit VNNI, so where AVX-VNNI is missing (Zen 4, Ice Lake) 512-bit words are next.</summary>
    public static unsafe IReadOnlyList<FaceKernel> All { get; } =
    [
        new("avx-vnni", AvxVnni.IsSupported, FaceKernelVnni.Score),
        new("avx512bw", Avx512BW.IsSupported, FaceKernelAvx512.Score),
        new("avx2", Avx2.IsSupported, FaceKernelAvx2.Score),
        new("arm-dp", Dp.IsSupported, FaceKernelArm.ScoreDp),
        new("arm-simd", AdvSimd.Arm64.IsSupported, FaceKernelArm.ScoreSimd),
        new("portable", true, FaceKernelPortable.Score),
    ];

    public static FaceKernel Best { get; } = All.First(k => k.IsSupported);
}

/// <summary>The meaning of a score, for processors without any of the others.</summary>
internal static unsafe class FaceKernelPortable
{
    public static void Score(sbyte* tile, in FaceQueries queries, int* scores)
    {
        for (int q = 0; q < queries.Count; q++)
        {
            int* to = scores + (q * FaceBlock.TileRows);
            new Span<int>(to, FaceBlock.TileRows).Clear();
            short* query = queries.Words + (q * FaceIndex.Dimension);
            sbyte* step = tile;
            for (int i = 0; i < FaceIndex.Dimension; i += FaceBlock.StepValues, step += FaceBlock.StepBytes)
            {
                (int q0, int q1, int q2, int q3) = (query[i], query[i + 1], query[i + 2], query[i + 3]);
                for (int row = 0; row < FaceBlock.TileRows; row++)
                {
                    sbyte* t = step + (row * FaceBlock.StepValues);
                    to[row] += (t[0] * q0) + (t[1] * q1) + (t[2] * q2) + (t[3] * q3);
                }
            }
        }
    }
}
