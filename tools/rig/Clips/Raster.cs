using System.Numerics;

namespace EdgeAgent.Rig.Clips;

/// <summary>A colour, not premultiplied.</summary>
internal readonly record struct Colour(byte Red, byte Green, byte Blue, byte Alpha = 255)
{
    public static Colour Grey(int level) => new((byte)level, (byte)level, (byte)level);

    public Colour Scaled(float factor) => new(Clamp(Red * factor), Clamp(Green * factor), Clamp(Blue * factor), Alpha);

    public Colour Mix(Colour other, float share) => new(
        Clamp(Red + (other.Red - Red) * share), Clamp(Green + (other.Green - Green) * share),
        Clamp(Blue + (other.Blue - Blue) * share), Clamp(Alpha + (other.Alpha - Alpha) * share));

    public Colour WithAlpha(int alpha) => this with { Alpha = (byte)alpha };

    private static byte Clamp(float value) => (byte)Math.Clamp(value + 0.5f, 0, 255);
}

/// <summary>The colour of a pixel of a shape.</summary>
internal delegate Colour Paint(int x, int y);

/// <summary>A picture to draw on: BGRA, premultiplied, 4 bytes a pixel, rows packed. Shapes have smooth edges.</summary>
internal sealed class Raster
{
    private const int SubScanlines = 4;
    private const int RoundSegments = 24;

    private readonly float[] coverage;
    private readonly List<(float X, int Direction)> crossings = [];

    public Raster(int width, int height)
    {
        Width = width;
        Height = height;
        Pixels = new byte[width * height * 4];
        coverage = new float[width];
    }

    public int Width { get; }

    public int Height { get; }

    public byte[] Pixels { get; }

    public void FillRectangle(float x, float y, float width, float height, Colour colour) =>
        FillPolygon([new(x, y), new(x + width, y), new(x + width, y + height), new(x, y + height)], colour);

    public void FillPolygon(Vector2[] corners, Colour colour) => Fill([corners], (_, _) => colour);

    public void FillPolygon(Vector2[] corners, Paint paint) => Fill([corners], paint);

    public void FillEllipse(float centreX, float centreY, float radiusX, float radiusY, Colour colour) =>
        Fill([Ellipse(centreX, centreY, radiusX, radiusY)], (_, _) => colour);

    public void FillRounded(float x, float y, float width, float height, float radius, Paint paint)
    {
        var outline = new List<Vector2>();
        void Corner(float centreX, float centreY, int quarter)
        {
            for (int i = 0; i <= RoundSegments / 4; i++)
            {
                (float sin, float cos) = MathF.SinCos((quarter + 4f * i / RoundSegments) * MathF.PI / 2);
                outline.Add(new Vector2(centreX + radius * cos, centreY + radius * sin));
            }
        }
        Corner(x + width - radius, y + height - radius, 0);
        Corner(x + radius, y + height - radius, 1);
        Corner(x + radius, y + radius, 2);
        Corner(x + width - radius, y + radius, 3);
        Fill([[.. outline]], paint);
    }

    /// <summary>A line with round joints and ends.</summary>
    public void Stroke(IReadOnlyList<Vector2> line, float width, Colour colour) => Fill(StrokeOutline(line, width), (_, _) => colour);

    /// <summary>Contours that together cover a line; all turn the same way, so that overlaps count once.</summary>
    public static List<Vector2[]> StrokeOutline(IReadOnlyList<Vector2> line, float width)
    {
        var contours = new List<Vector2[]>();
        for (int i = 0; i < line.Count; i++)
        {
            contours.Add(Ellipse(line[i].X, line[i].Y, width / 2, width / 2));
            if (i + 1 == line.Count || line[i] == line[i + 1])
                continue;
            Vector2 along = Vector2.Normalize(line[i + 1] - line[i]) * (width / 2);
            var across = new Vector2(-along.Y, along.X);
            contours.Add([line[i] - across, line[i + 1] - across, line[i + 1] + across, line[i] + across]);
        }
        return contours;
    }

    /// <summary>Fills what the contours wind around, left to right in each of four sub-scanlines a row.</summary>
    public void Fill(IReadOnlyList<Vector2[]> contours, Paint paint)
    {
        int top = Math.Clamp((int)MathF.Floor(contours.Min(c => c.Min(p => p.Y))), 0, Height);
        int bottom = Math.Clamp((int)MathF.Ceiling(contours.Max(c => c.Max(p => p.Y))), 0, Height);
        for (int y = top; y < bottom; y++)
        {
            Array.Clear(coverage);
            for (int s = 0; s < SubScanlines; s++)
                CoverSubScanline(contours, y + (s + 0.5f) / SubScanlines);
            for (int x = 0; x < Width; x++)
            {
                if (coverage[x] > 1 / 512f)
                    Blend(x, y, paint(x, y), Math.Min(coverage[x], 1));
            }
        }
    }

    public void Blend(int x, int y, Colour colour, float share)
    {
        float alpha = colour.Alpha / 255f * share;
        Span<byte> pixel = Pixels.AsSpan((y * Width + x) * 4, 4);
        pixel[0] = Over(colour.Blue, alpha, pixel[0]);
        pixel[1] = Over(colour.Green, alpha, pixel[1]);
        pixel[2] = Over(colour.Red, alpha, pixel[2]);
        pixel[3] = Over(255, alpha, pixel[3]);
    }

    /// <summary>Draws another picture with its top left corner at (x, y), pixel by pixel.</summary>
    public void Draw(Raster other, int atX, int atY)
    {
        for (int y = Math.Max(0, -atY); y < Math.Min(other.Height, Height - atY); y++)
        {
            for (int x = Math.Max(0, -atX); x < Math.Min(other.Width, Width - atX); x++)
            {
                ReadOnlySpan<byte> from = other.Pixels.AsSpan((y * other.Width + x) * 4, 4);
                Span<byte> to = Pixels.AsSpan(((y + atY) * Width + x + atX) * 4, 4);
                for (int c = 0; c < 4; c++)
                    to[c] = (byte)(from[c] + (to[c] * (255 - from[3]) + 127) / 255);
            }
        }
    }

    /// <summary>Less light: colours scaled, transparency as it was.</summary>
    public void Dim(float factor)
    {
        for (int i = 0; i < Pixels.Length; i++)
        {
            if (i % 4 != 3)
                Pixels[i] = (byte)(Pixels[i] * factor + 0.5f);
        }
    }

    private static byte Over(byte source, float alpha, byte under) => (byte)(source * alpha + under * (1 - alpha) + 0.5f);

    private static Vector2[] Ellipse(float centreX, float centreY, float radiusX, float radiusY)
    {
        var outline = new Vector2[RoundSegments];
        for (int i = 0; i < RoundSegments; i++)
        {
            (float sin, float cos) = MathF.SinCos(2 * MathF.PI * i / RoundSegments);
            outline[i] = new Vector2(centreX + radiusX * cos, centreY + radiusY * sin);
        }
        return outline;
    }

    private void CoverSubScanline(IReadOnlyList<Vector2[]> contours, float y)
    {
        crossings.Clear();
        foreach (Vector2[] contour in contours)
        {
            Vector2 from = contour[^1];
            foreach (Vector2 to in contour)
            {
                if (from.Y <= y != to.Y <= y)
                    crossings.Add((from.X + (y - from.Y) / (to.Y - from.Y) * (to.X - from.X), from.Y <= y ? 1 : -1));
                from = to;
            }
        }
        crossings.Sort(static (a, b) => a.X.CompareTo(b.X));
        int winding = 0;
        for (int i = 0; i + 1 < crossings.Count; i++)
        {
            winding += crossings[i].Direction;
            if (winding != 0)
                CoverSpan(crossings[i].X, crossings[i + 1].X);
        }
    }

    private void CoverSpan(float from, float to)
    {
        from = Math.Clamp(from, 0, Width);
        to = Math.Clamp(to, 0, Width);
        int first = (int)from;
        int last = (int)to;
        const float weight = 1f / SubScanlines;
        if (first == last)
        {
            if (first < Width)
                coverage[first] += (to - from) * weight;
            return;
        }
        coverage[first] += (first + 1 - from) * weight;
        for (int x = first + 1; x < last; x++)
            coverage[x] += weight;
        if (last < Width)
            coverage[last] += (to - last) * weight;
    }
}
