using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Vision.Preprocess;

/// <summary>What lies beyond the picture's edge.</summary>
internal enum Border
{
    /// <summary>The nearest pixel of the edge.</summary>
    Repeat,

    /// <summary>Black.</summary>
    Black,
}

/// <summary>
/// Pulls a target picture out of a source through a map from target to source pixels (pixel centres at whole numbers, as OpenCV's
/// warps). Where the source is finer than the target, each target pixel averages several samples, which OpenCV does not: without
/// that, thin strokes of a near plate fall between the samples.
/// </summary>
internal static class Warp
{
    /// <summary>Most samples a side of a target pixel: enough for an eightfold reduction with linear sampling.</summary>
    private const int MaxSamples = 4;

    /// <summary>OpenCV's cubic kernel.</summary>
    private const float CubicA = -0.75f;

    /// <summary>A straight-line map (rotation, scale, shift), bilinear.</summary>
    /// <param name="toSource">Takes target pixels to source pixels.</param>
    public static void Affine(BgrView source, BgrImage target, Matrix3x2 toSource, Border border)
    {
        float reduction = MathF.Sqrt(MathF.Abs(toSource.GetDeterminant()));
        int samples = Samples(reduction);
        for (int y = 0; y < target.Height; y++)
        {
            var row = target.Row(y);
            for (int x = 0; x < target.Width; x++)
            {
                var sum = Vector3.Zero;
                for (int s = 0; s < samples * samples; s++)
                    sum += Bilinear(source, Vector2.Transform(SamplePoint(x, y, s, samples), toSource), border);
                Store(sum / (samples * samples), row, x);
            }
        }
    }

    /// <summary>The plate inside <paramref name="corners"/> made upright and spread over the whole target; bicubic, edges repeated.</summary>
    public static void Perspective(BgrView source, BgrImage target, Quad corners)
    {
        var map = Homography.FromRectangle(target.Width, target.Height, corners);
        int across = Samples(corners.Width / target.Width), down = Samples(corners.Height / target.Height);
        int samples = Math.Max(across, down);
        for (int y = 0; y < target.Height; y++)
        {
            var row = target.Row(y);
            for (int x = 0; x < target.Width; x++)
            {
                var sum = Vector3.Zero;
                for (int s = 0; s < samples * samples; s++)
                    sum += Bicubic(source, map.Apply(SamplePoint(x, y, s, samples)));
                Store(sum / (samples * samples), row, x);
            }
        }
    }

    private static int Samples(float reduction) =>
        float.IsFinite(reduction) ? Math.Clamp((int)MathF.Ceiling(reduction - 0.5f), 1, MaxSamples) : 1;

    private static Vector2 SamplePoint(int x, int y, int s, int samples) => samples == 1
        ? new Vector2(x, y)
        : new Vector2(x - 0.5f + (s % samples + 0.5f) / samples, y - 0.5f + (s / samples + 0.5f) / samples);

    private static void Store(Vector3 colour, Span<byte> row, int x)
    {
        colour = Vector3.Clamp(colour + new Vector3(0.5f), Vector3.Zero, new Vector3(255));
        row[3 * x] = (byte)colour.X;
        row[3 * x + 1] = (byte)colour.Y;
        row[3 * x + 2] = (byte)colour.Z;
    }

    private static Vector3 Bilinear(BgrView source, Vector2 at, Border border)
    {
        int x = Floor(at.X), y = Floor(at.Y);
        float fx = at.X - x, fy = at.Y - y;
        if (x >= 0 && y >= 0 && x < source.Width - 2 && y < source.Height - 1)
        {
            ref byte first = ref Unsafe.Add(ref MemoryMarshal.GetReference(source.Bgr), y * source.StrideBytes + 3 * x);
            ref byte second = ref Unsafe.Add(ref first, source.StrideBytes);
            return Vector3.Lerp(
                Vector3.Lerp(Load(ref first), Load(ref Unsafe.Add(ref first, 3)), fx),
                Vector3.Lerp(Load(ref second), Load(ref Unsafe.Add(ref second, 3)), fx), fy);
        }
        var top = Vector3.Lerp(Pixel(source, x, y, border), Pixel(source, x + 1, y, border), fx);
        var bottom = Vector3.Lerp(Pixel(source, x, y + 1, border), Pixel(source, x + 1, y + 1, border), fx);
        return Vector3.Lerp(top, bottom, fy);
    }

    private static Vector3 Bicubic(BgrView source, Vector2 at)
    {
        int x = Floor(at.X), y = Floor(at.Y);
        Vector4 wx = CubicWeights(at.X - x), wy = CubicWeights(at.Y - y);
        var sum = Vector3.Zero;
        if (x >= 1 && y >= 1 && x < source.Width - 3 && y < source.Height - 2)
        {
            ref byte row = ref Unsafe.Add(ref MemoryMarshal.GetReference(source.Bgr), (y - 1) * source.StrideBytes + 3 * (x - 1));
            for (int j = 0; j < 4; j++, row = ref Unsafe.Add(ref row, source.StrideBytes))
                sum += wy[j] * (wx.X * Load(ref row) + wx.Y * Load(ref Unsafe.Add(ref row, 3))
                    + wx.Z * Load(ref Unsafe.Add(ref row, 6)) + wx.W * Load(ref Unsafe.Add(ref row, 9)));
            return sum;
        }
        for (int j = 0; j < 4; j++)
        {
            int v = y - 1 + j;
            sum += wy[j] * (wx.X * Pixel(source, x - 1, v, Border.Repeat) + wx.Y * Pixel(source, x, v, Border.Repeat)
                + wx.Z * Pixel(source, x + 1, v, Border.Repeat) + wx.W * Pixel(source, x + 2, v, Border.Repeat));
        }
        return sum;
    }

    /// <summary>
    /// The three values of a pixel, read as four bytes: the callers keep a pixel's distance from the right edge, so that the fourth
    /// is still in the picture.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector3 Load(ref byte pixel)
    {
        var bytes = Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32()).AsVector3();
    }

    private static Vector4 CubicWeights(float t)
    {
        float a = CubicA, u = 1 - t;
        return new Vector4(
            ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a,
            ((a + 2) * t - (a + 3)) * t * t + 1,
            ((a + 2) * u - (a + 3)) * u * u + 1,
            ((a * (u + 1) - 5 * a) * (u + 1) + 8 * a) * (u + 1) - 4 * a);
    }

    /// <summary>Floor that keeps wild coordinates within an int.</summary>
    private static int Floor(float value) => (int)MathF.Floor(Math.Clamp(value, -1e6f, 1e6f));

    private static Vector3 Pixel(BgrView source, int x, int y, Border border)
    {
        if ((uint)x >= (uint)source.Width || (uint)y >= (uint)source.Height)
        {
            if (border == Border.Black)
                return Vector3.Zero;
            x = Math.Clamp(x, 0, source.Width - 1);
            y = Math.Clamp(y, 0, source.Height - 1);
        }
        int at = y * source.StrideBytes + 3 * x;
        return new Vector3(source.Bgr[at], source.Bgr[at + 1], source.Bgr[at + 2]);
    }
}
