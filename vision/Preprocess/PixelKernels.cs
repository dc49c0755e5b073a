using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Vision.Preprocess;

/// <summary>The loops that touch every pixel of a frame.</summary>
internal static class PixelKernels
{
    // Where the 16 values of one channel lie in 48 interleaved bytes: a shuffle for each 16, 255 for "not here".
    private static readonly Vector128<byte>[][] Gather =
        [.. Enumerable.Range(0, 3).Select(channel => Enumerable.Range(0, 3).Select(part => GatherMask(channel, part)).ToArray())];

    /// <summary>sum += weight · row, for as many samples as <paramref name="sum"/> has.</summary>
    public static void AddWeighted(ReadOnlySpan<byte> row, float weight, Span<float> sum)
    {
        row = row[..sum.Length];
        ref byte from = ref MemoryMarshal.GetReference(row);
        ref float to = ref MemoryMarshal.GetReference(sum);
        var w = new Vector<float>(weight);
        int step = Vector<float>.Count, i = 0;
        for (; i <= sum.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref from, (nuint)i), out var low, out var high);
            Vector.Widen(low, out var a, out var b);
            Vector.Widen(high, out var c, out var d);
            Add(a, ref to, i);
            Add(b, ref to, i + step);
            Add(c, ref to, i + 2 * step);
            Add(d, ref to, i + 3 * step);
        }
        for (; i < sum.Length; i++)
            sum[i] += weight * row[i];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Add(Vector<uint> values, ref float target, int at)
        {
            var old = Vector.LoadUnsafe(ref target, (nuint)at);
            (Vector.ConvertToSingle(Vector.AsVectorInt32(values)) * w + old).StoreUnsafe(ref target, (nuint)at);
        }
    }

    /// <summary>
    /// Spreads a picture into three planes of <paramref name="planeWidth"/> × <paramref name="planeHeight"/>, from the top left, as
    /// <c>(value − mean) · scale</c>. What the picture does not cover is set to <paramref name="padding"/>.
    /// </summary>
    /// <param name="planes">3 · planeWidth · planeHeight values.</param>
    /// <param name="redFirst">Planes in the order red, green, blue instead of blue, green, red.</param>
    public static void ToPlanes(
        BgrView picture, Span<float> planes, int planeWidth, int planeHeight, float mean, float scale, bool redFirst, float padding = 0)
    {
        int plane = planeWidth * planeHeight;
        if (planes.Length != 3 * plane || picture.Width > planeWidth || picture.Height > planeHeight)
            throw new ArgumentException($"{picture.Width}x{picture.Height} does not fit planes of {planeWidth}x{planeHeight}", nameof(planes));
        if (picture.Width < planeWidth || picture.Height < planeHeight)
            planes.Fill(padding);
        for (int channel = 0; channel < 3; channel++)
        {
            var target = planes.Slice((redFirst ? 2 - channel : channel) * plane, plane);
            for (int y = 0; y < picture.Height; y++)
                SpreadRow(picture.Row(y), channel, target.Slice(y * planeWidth, picture.Width), mean, scale);
        }
    }

    private static void SpreadRow(ReadOnlySpan<byte> row, int channel, Span<float> target, float mean, float scale)
    {
        var masks = Gather[channel];
        Vector128<byte> m0 = masks[0], m1 = masks[1], m2 = masks[2];
        var offset = Vector128.Create(-mean * scale);
        var factor = Vector128.Create(scale);
        ref byte from = ref MemoryMarshal.GetReference(row);
        ref float to = ref MemoryMarshal.GetReference(target);
        int x = 0;
        for (; x <= target.Length - 16; x += 16)
        {
            nuint at = (nuint)(3 * x);
            var values = Vector128.Shuffle(Vector128.LoadUnsafe(ref from, at), m0)
                | Vector128.Shuffle(Vector128.LoadUnsafe(ref from, at + 16), m1)
                | Vector128.Shuffle(Vector128.LoadUnsafe(ref from, at + 32), m2);
            var (low, high) = Vector128.Widen(values);
            var (a, b) = Vector128.Widen(low);
            var (c, d) = Vector128.Widen(high);
            Vector128.FusedMultiplyAdd(Vector128.ConvertToSingle(a.AsInt32()), factor, offset).StoreUnsafe(ref to, (nuint)x);
            Vector128.FusedMultiplyAdd(Vector128.ConvertToSingle(b.AsInt32()), factor, offset).StoreUnsafe(ref to, (nuint)x + 4);
            Vector128.FusedMultiplyAdd(Vector128.ConvertToSingle(c.AsInt32()), factor, offset).StoreUnsafe(ref to, (nuint)x + 8);
            Vector128.FusedMultiplyAdd(Vector128.ConvertToSingle(d.AsInt32()), factor, offset).StoreUnsafe(ref to, (nuint)x + 12);
        }
        for (; x < target.Length; x++)
            target[x] = (row[3 * x + channel] - mean) * scale;
    }

    private static Vector128<byte> GatherMask(int channel, int part)
    {
        var mask = new byte[16];
        for (int x = 0; x < 16; x++)
        {
            int at = 3 * x + channel - 16 * part;
            mask[x] = at is >= 0 and < 16 ? (byte)at : (byte)255;
        }
        return Vector128.Create(mask);
    }
}
