namespace EdgeAgent.Hw.Frames;

/// <summary>A rectangle of a picture, pixels; may reach beyond it.</summary>
public readonly record struct MosaicBox(float X, float Y, float Width, float Height);

/// <summary>
/// Makes rectangles of a picture unrecognisable: each becomes a few flat tiles of the mean colour under them. What is left of a face is at
/// most four by four colours; nothing brings the rest back, as a deblurring of a blur might.
/// </summary>
public static class Mosaic
{
    public const int FaceTiles = 4;

    /// <summary>A plate becomes one flat colour: a few tiles of it would look like characters again.</summary>
    public const int PlateTiles = 1;

    /// <summary>A detector's box ends at the skin and the plate's rim; this much more of its size is taken on each side.</summary>
    public const float Margin = 0.2f;

    /// <param name="bgr">Rows of blue, green and red.</param>
    /// <param name="width">Of the picture.</param>
    /// <param name="height">Of the picture.</param>
    /// <param name="strideBytes">From one row to the next.</param>
    /// <param name="box">What is covered; one that is no number or lies outside covers nothing.</param>
    /// <param name="margin">So much more of its size on each side.</param>
    /// <param name="mostTiles">Along its longer side.</param>
    public static void Cover(Span<byte> bgr, int width, int height, int strideBytes, MosaicBox box, float margin, int mostTiles = FaceTiles)
    {
        var (left, right) = Clamped(box.X - (box.Width * margin), box.X + (box.Width * (1 + margin)), width);
        var (top, bottom) = Clamped(box.Y - (box.Height * margin), box.Y + (box.Height * (1 + margin)), height);
        if (right <= left || bottom <= top)
            return;
        var side = Math.Max(8, (Math.Max(right - left, bottom - top) + mostTiles - 1) / mostTiles);
        for (var y = top; y < bottom; y += side)
        {
            for (var x = left; x < right; x += side)
                Fill(bgr, strideBytes, x, y, Math.Min(right, x + side), Math.Min(bottom, y + side));
        }
    }

    private static (int From, int To) Clamped(float from, float to, int size) =>
        ((int)Math.Clamp(MathF.Floor(from), 0, size), (int)Math.Clamp(MathF.Ceiling(to), 0, size));

    private static void Fill(Span<byte> bgr, int strideBytes, int left, int top, int right, int bottom)
    {
        long blue = 0, green = 0, red = 0;
        for (var y = top; y < bottom; y++)
        {
            var row = bgr.Slice((y * strideBytes) + (3 * left), 3 * (right - left));
            for (var at = 0; at < row.Length; at += 3)
                (blue, green, red) = (blue + row[at], green + row[at + 1], red + row[at + 2]);
        }
        var pixels = (right - left) * (bottom - top);
        var (b, g, r) = ((byte)(blue / pixels), (byte)(green / pixels), (byte)(red / pixels));
        for (var y = top; y < bottom; y++)
        {
            var row = bgr.Slice((y * strideBytes) + (3 * left), 3 * (right - left));
            for (var at = 0; at < row.Length; at += 3)
                (row[at], row[at + 1], row[at + 2]) = (b, g, r);
        }
    }
}
