using System.Runtime.InteropServices;

namespace EdgeAgent.Vision.Matching;

/// <summary>
/// Up to 1,024 templates. Immutable once made; indexes share blocks. High lies in tiles of 16 templates: four values of each of the
/// 16, then the next four, so that a kernel needs one step a line of cache and never adds across a register.
/// </summary>
internal sealed unsafe class FaceBlock
{
    public const int Capacity = 1024, TileRows = 16, StepBytes = 64, StepValues = 4;
    public const int TileBytes = TileRows * FaceIndex.Dimension;

    private const int Alignment = 64;

    // Pinned, so that the tiles stay on lines of the cache wherever the collector moves things.
    private readonly byte[] _high;
    private readonly sbyte* _tiles;
    private readonly byte[] _low;
    private readonly float[] _scales;
    private readonly float[] _residuals;
    private readonly (string ListId, string EntryId)[] _ids;

    /// <param name="capacity">How many templates will be added.</param>
    public FaceBlock(int capacity)
    {
        Tiles = (capacity + TileRows - 1) / TileRows;
        _high = GC.AllocateArray<byte>((Tiles * TileBytes) + Alignment, pinned: true);
        nint start = Marshal.UnsafeAddrOfPinnedArrayElement(_high, 0);
        _tiles = (sbyte*)((start + Alignment - 1) & ~(nint)(Alignment - 1));
        _low = GC.AllocateUninitializedArray<byte>(capacity * FaceQuantiser.LowBytes);
        _scales = new float[Tiles * TileRows];
        _residuals = new float[Tiles * TileRows];
        // What is no template is never a candidate: nothing compares with NaN.
        Array.Fill(_residuals, float.NaN);
        _ids = new (string, string)[capacity];
    }

    public int Count { get; private set; }

    public int Tiles { get; }

    public ReadOnlySpan<(string ListId, string EntryId)> Ids => _ids.AsSpan(0, Count);

    /// <summary>8 KiB on a line of the cache. Valid while the block is referenced.</summary>
    public sbyte* Tile(int tile) => _tiles + (tile * TileBytes);

    /// <summary>What a step of high is worth, for the 16 templates of a tile.</summary>
    public ReadOnlySpan<float> ScalesOf(int tile) => _scales.AsSpan(tile * TileRows, TileRows);

    /// <summary>The lengths of what high leaves out of the 16 templates of a tile.</summary>
    public ReadOnlySpan<float> ResidualsOf(int tile) => _residuals.AsSpan(tile * TileRows, TileRows);

    public void Add((string, string) id, ReadOnlySpan<float> template)
    {
        Span<sbyte> high = stackalloc sbyte[FaceIndex.Dimension];
        (float scale, float residual) = FaceQuantiser.Encode(template, high, LowOf(Count));
        Append(id, high, scale * FaceQuantiser.HighStep, residual);
    }

    public void Add(FaceBlock from, int row)
    {
        Span<sbyte> high = stackalloc sbyte[FaceIndex.Dimension];
        from.CopyHigh(row, high);
        from.LowOf(row).CopyTo(LowOf(Count));
        Append(from._ids[row], high, from._scales[row], from._residuals[row]);
    }

    /// <summary>The exact product of a stored template's numbers with a query's, times the template's scale.</summary>
    /// <param name="query">512 whole numbers of at most 2²⁶ in size: no sum overflows.</param>
    public double Product(int row, ReadOnlySpan<int> query)
    {
        Span<sbyte> high = stackalloc sbyte[FaceIndex.Dimension];
        CopyHigh(row, high);
        Span<byte> low = LowOf(row);
        Span<byte> last = low[FaceIndex.Dimension..];
        query = query[..FaceIndex.Dimension];
        long sum = 0;
        for (int i = 0; i < query.Length; i++)
        {
            int number = (high[i] * FaceQuantiser.HighStep) + ((sbyte)low[i] * 2) + ((last[i >> 3] >> (i & 7)) & 1);
            sum += (long)number * query[i];
        }
        return sum * (double)_scales[row] / FaceQuantiser.HighStep;
    }

    private void Append((string, string) id, ReadOnlySpan<sbyte> high, float highScale, float residual)
    {
        int row = Count++;
        ReadOnlySpan<int> steps = MemoryMarshal.Cast<sbyte, int>(high);
        int* to = LaneOf(row);
        for (int step = 0; step < steps.Length; step++)
            to[step * TileRows] = steps[step];
        _scales[row] = highScale;
        _residuals[row] = residual;
        _ids[row] = id;
    }

    private void CopyHigh(int row, Span<sbyte> high)
    {
        Span<int> steps = MemoryMarshal.Cast<sbyte, int>(high);
        int* from = LaneOf(row);
        for (int step = 0; step < steps.Length; step++)
            steps[step] = from[step * TileRows];
    }

    private int* LaneOf(int row) => (int*)Tile(row / TileRows) + (row % TileRows);

    private Span<byte> LowOf(int row) => _low.AsSpan(row * FaceQuantiser.LowBytes, FaceQuantiser.LowBytes);
}
