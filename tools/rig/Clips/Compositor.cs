using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeAgent.Rig.Clips;

/// <summary>
/// Places sprites into frames: bilinear from the nearest size, smeared along the way that the thing moved while the shutter was
/// open, blended in Y, U, V. Touches only what is covered. Used by one thread; reuses its buffers.
/// </summary>
internal sealed class Compositor(int maxBlurTaps = 15)
{
    private uint[] sharp = [];
    private ushort[] summed = [];

    /// <param name="toFrame">From sprite pixels to frame pixels.</param>
    /// <param name="motion">Pixels travelled while the shutter was open.</param>
    public void Draw(Frame420 frame, Sprite sprite, Matrix3x2 toFrame, Vector2 motion)
    {
        int taps = Math.Clamp((int)MathF.Ceiling(Math.Max(MathF.Abs(motion.X), MathF.Abs(motion.Y))), 1, maxBlurTaps);
        Area area = AreaOf(frame, sprite, toFrame, motion);
        if (area.IsEmpty)
            return;
        int size = area.Width * area.Height;
        if (sharp.Length < size)
        {
            sharp = new uint[size];
            summed = new ushort[size * 4];
        }
        Span<uint> pixels = sharp.AsSpan(0, size);
        Sample(sprite, toFrame, area, pixels);
        if (taps > 1)
            Smear(pixels, area, motion, taps);
        BlendLuma(frame, pixels, area);
        BlendColour(frame, pixels, area);
    }

    /// <summary>Even on all sides, since colour is at half size.</summary>
    private readonly record struct Area(int X, int Y, int Width, int Height)
    {
        public bool IsEmpty => Width <= 0 || Height <= 0;
    }

    private static Area AreaOf(Frame420 frame, Sprite sprite, Matrix3x2 toFrame, Vector2 motion)
    {
        (Vector2 min, Vector2 max) = Quad.FromRectangle(0, 0, sprite.Width, sprite.Height).Transform(toFrame).Bounds;
        Vector2 margin = Vector2.Abs(motion) + new Vector2(2);
        int left = Math.Max(0, (int)(min.X - margin.X)) & ~1;
        int top = Math.Max(0, (int)(min.Y - margin.Y)) & ~1;
        int right = (Math.Min(frame.Width, (int)(max.X + margin.X)) + 1) & ~1;
        int bottom = (Math.Min(frame.Height, (int)(max.Y + margin.Y)) + 1) & ~1;
        return new Area(left, top, right - left, bottom - top);
    }

    private static void Sample(Sprite sprite, Matrix3x2 toFrame, Area area, Span<uint> pixels)
    {
        float scale = MathF.Sqrt(MathF.Abs(toFrame.GetDeterminant()));
        (Sprite.Level level, float levelScale) = sprite.At(scale);
        if (!Matrix3x2.Invert(toFrame * Matrix3x2.CreateTranslation(-area.X, -area.Y), out Matrix3x2 toSprite))
            return;
        toSprite *= Matrix3x2.CreateScale(levelScale);

        // 16.16 fixed point along a row.
        int stepX = (int)(toSprite.M11 * 65536);
        int stepY = (int)(toSprite.M12 * 65536);
        for (int y = 0; y < area.Height; y++)
        {
            Vector2 start = Vector2.Transform(new Vector2(0.5f, y + 0.5f), toSprite) - new Vector2(0.5f);
            int u = (int)(start.X * 65536);
            int v = (int)(start.Y * 65536);
            Span<uint> row = pixels.Slice(y * area.Width, area.Width);
            for (int x = 0; x < row.Length; x++, u += stepX, v += stepY)
                row[x] = Bilinear(level, u, v);
        }
    }

    /// <summary>Outside is transparent. Two channels are weighed at once in the halves of a 32-bit word.</summary>
    private static uint Bilinear(Sprite.Level level, int u, int v)
    {
        int column = u >> 16;
        int row = v >> 16;
        if ((uint)column >= (uint)(level.Width - 1) || (uint)row >= (uint)(level.Height - 1))
            return 0;
        uint right = (uint)(u >> 8) & 0xFF;
        uint low = (uint)(v >> 8) & 0xFF;
        uint weight11 = (right * low) >> 8;
        uint weight10 = right - weight11;
        uint weight01 = low - weight11;
        uint weight00 = 256 - right - low + weight11;
        int at = row * level.Width + column;
        uint[] source = level.Pixels;
        uint p00 = source[at], p10 = source[at + 1], p01 = source[at + level.Width], p11 = source[at + level.Width + 1];
        if ((p00 | p10 | p01 | p11) == 0)
            return 0;
        const uint even = 0x00FF00FF;
        uint evens = (p00 & even) * weight00 + (p10 & even) * weight10 + (p01 & even) * weight01 + (p11 & even) * weight11;
        uint odds = ((p00 >> 8) & even) * weight00 + ((p10 >> 8) & even) * weight10 + ((p01 >> 8) & even) * weight01 + ((p11 >> 8) & even) * weight11;
        return ((evens >> 8) & even) | (odds & ~even);
    }

    /// <summary>The mean of copies shifted along the motion, around the middle of the exposure.</summary>
    private void Smear(Span<uint> pixels, Area area, Vector2 motion, int taps)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(pixels);
        Span<ushort> sums = summed.AsSpan(0, bytes.Length);
        sums.Clear();
        for (int tap = 0; tap < taps; tap++)
        {
            float along = (tap + 0.5f) / taps - 0.5f;
            AddShifted(bytes, sums, area, (int)MathF.Round(motion.X * along), (int)MathF.Round(motion.Y * along));
        }
        uint reciprocal = (65536 + (uint)taps - 1) / (uint)taps;
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)Math.Min(255, (sums[i] * reciprocal) >> 16);
    }

    /// <summary>Adds the pixels so many columns to the right and rows down; what leaves the area is lost, at the picture's edge too.</summary>
    private static void AddShifted(ReadOnlySpan<byte> bytes, Span<ushort> sums, Area area, int columns, int rows)
    {
        int stride = area.Width * 4;
        int length = (area.Width - Math.Abs(columns)) * 4;
        if (length <= 0)
            return;
        int fromX = Math.Max(0, -columns) * 4, toX = Math.Max(0, columns) * 4;
        for (int y = Math.Max(0, -rows); y < area.Height - Math.Max(0, rows); y++)
            Add(bytes.Slice(y * stride + fromX, length), sums.Slice((y + rows) * stride + toX, length));
    }

    private static void Add(ReadOnlySpan<byte> from, Span<ushort> to)
    {
        int i = 0;
        for (; i <= from.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(from[i..]), out Vector<ushort> low, out Vector<ushort> high);
            (new Vector<ushort>(to[i..]) + low).CopyTo(to[i..]);
            (new Vector<ushort>(to[(i + Vector<ushort>.Count)..]) + high).CopyTo(to[(i + Vector<ushort>.Count)..]);
        }
        for (; i < from.Length; i++)
            to[i] += from[i];
    }

    private static void BlendLuma(Frame420 frame, ReadOnlySpan<uint> pixels, Area area)
    {
        for (int y = 0; y < area.Height; y++)
        {
            ReadOnlySpan<uint> from = pixels.Slice(y * area.Width, area.Width);
            Span<byte> to = frame.Luma.Slice((area.Y + y) * frame.Width + area.X, area.Width);
            for (int x = 0; x < from.Length; x++)
            {
                uint pixel = from[x];
                if (pixel != 0)
                    to[x] = Over(pixel & 0xFF, pixel >> 24, to[x]);
            }
        }
    }

    private static void BlendColour(Frame420 frame, ReadOnlySpan<uint> pixels, Area area)
    {
        for (int y = 0; y < area.Height; y += 2)
        {
            ReadOnlySpan<uint> upper = pixels.Slice(y * area.Width, area.Width);
            ReadOnlySpan<uint> lower = pixels.Slice((y + 1) * area.Width, area.Width);
            int at = (area.Y + y) / 2 * (frame.Width / 2) + area.X / 2;
            Span<byte> blueness = frame.Blueness.Slice(at, area.Width / 2);
            Span<byte> redness = frame.Redness.Slice(at, area.Width / 2);
            for (int x = 0; x < area.Width; x += 2)
            {
                uint a = upper[x], b = upper[x + 1], c = lower[x], d = lower[x + 1];
                if ((a | b | c | d) == 0)
                    continue;
                uint alpha = ((a >> 24) + (b >> 24) + (c >> 24) + (d >> 24) + 2) >> 2;
                uint u = ((a >> 8 & 0xFF) + (b >> 8 & 0xFF) + (c >> 8 & 0xFF) + (d >> 8 & 0xFF) + 2) >> 2;
                uint v = ((a >> 16 & 0xFF) + (b >> 16 & 0xFF) + (c >> 16 & 0xFF) + (d >> 16 & 0xFF) + 2) >> 2;
                blueness[x / 2] = Over(u, alpha, blueness[x / 2]);
                redness[x / 2] = Over(v, alpha, redness[x / 2]);
            }
        }
    }

    private static byte Over(uint source, uint alpha, byte under) => (byte)Math.Min(255, source + (under * (255 - alpha) + 127) / 255);
}
