using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeAgent.Rig.Clips;

/// <summary>Four corners in picture pixels.</summary>
internal readonly record struct Quad(Vector2 TopLeft, Vector2 TopRight, Vector2 BottomRight, Vector2 BottomLeft)
{
    public static Quad FromRectangle(float x, float y, float width, float height) =>
        new(new(x, y), new(x + width, y), new(x + width, y + height), new(x, y + height));

    /// <summary>Mean length of top and bottom edge.</summary>
    public float Width => ((TopRight - TopLeft).Length() + (BottomRight - BottomLeft).Length()) / 2;

    public Vector2 Centre => (TopLeft + TopRight + BottomRight + BottomLeft) / 4;

    public (Vector2 Min, Vector2 Max) Bounds => (
        Vector2.Min(Vector2.Min(TopLeft, TopRight), Vector2.Min(BottomRight, BottomLeft)),
        Vector2.Max(Vector2.Max(TopLeft, TopRight), Vector2.Max(BottomRight, BottomLeft)));

    public Quad Transform(Matrix3x2 by) => new(
        Vector2.Transform(TopLeft, by), Vector2.Transform(TopRight, by), Vector2.Transform(BottomRight, by), Vector2.Transform(BottomLeft, by));
}

/// <summary>A drawn thing, ready to be placed into frames many times: premultiplied Y, U, V, A a pixel, at halving sizes.</summary>
internal sealed class Sprite
{
    private readonly List<Level> levels = [];

    /// <param name="ground">The point that stands on the ground, in pixels.</param>
    /// <param name="pixelsPerMetre">Size of what is drawn.</param>
    /// <param name="target">Where the plate or face is, in pixels.</param>
    public Sprite(Raster picture, Vector2 ground, float pixelsPerMetre, Quad target)
    {
        Ground = ground;
        PixelsPerMetre = pixelsPerMetre;
        Target = target;
        levels.Add(ToYuva(picture));
        while (levels[^1].Width > 32 && levels[^1].Height > 32)
            levels.Add(Halve(levels[^1]));
    }

    public Vector2 Ground { get; }

    public float PixelsPerMetre { get; }

    public Quad Target { get; }

    public int Width => levels[0].Width;

    public int Height => levels[0].Height;

    /// <summary>The picture to sample when it is drawn at this scale, and its own scale (1, ½, ¼ …).</summary>
    public (Level Level, float Scale) At(float scale)
    {
        int index = Math.Clamp((int)MathF.Round(MathF.Log2(1 / scale) - 0.3f), 0, levels.Count - 1);
        return (levels[index], 1f / (1 << index));
    }

    /// <summary>BT.709, limited range. The conversion is linear, so it may follow premultiplication.</summary>
    public static (float Y, float U, float V) Convert(float red, float green, float blue, float alpha)
    {
        float y = 0.1826f * red + 0.6142f * green + 0.0620f * blue + 16 * alpha;
        float u = -0.1006f * red - 0.3386f * green + 0.4392f * blue + 128 * alpha;
        float v = 0.4392f * red - 0.3989f * green - 0.0403f * blue + 128 * alpha;
        return (y, u, v);
    }

    private static Level ToYuva(Raster picture)
    {
        var pixels = new uint[picture.Width * picture.Height];
        Span<byte> to = MemoryMarshal.AsBytes(pixels.AsSpan());
        ReadOnlySpan<byte> from = picture.Pixels;
        for (int i = 0; i < to.Length; i += 4)
        {
            if (from[i + 3] == 0)
                continue;
            (float y, float u, float v) = Convert(from[i + 2], from[i + 1], from[i], from[i + 3] / 255f);
            to[i] = (byte)(y + 0.5f);
            to[i + 1] = (byte)(u + 0.5f);
            to[i + 2] = (byte)(v + 0.5f);
            to[i + 3] = from[i + 3];
        }
        return new Level(picture.Width, picture.Height, pixels);
    }

    private static Level Halve(Level from)
    {
        int width = from.Width / 2;
        int height = from.Height / 2;
        var pixels = new uint[width * height];
        ReadOnlySpan<byte> source = MemoryMarshal.AsBytes(from.Pixels.AsSpan());
        Span<byte> to = MemoryMarshal.AsBytes(pixels.AsSpan());
        int stride = from.Width * 4;
        for (int y = 0; y < height; y++)
        {
            for (int i = 0; i < width * 4; i++)
            {
                int at = 2 * y * stride + (i >> 2) * 8 + (i & 3);
                to[y * width * 4 + i] = (byte)((source[at] + source[at + 4] + source[at + stride] + source[at + stride + 4] + 2) >> 2);
            }
        }
        return new Level(width, height, pixels);
    }

    /// <summary>Pixels of one size: Y in the lowest byte, then U, V, A.</summary>
    internal sealed record Level(int Width, int Height, uint[] Pixels);
}
