using System.Numerics;

namespace EdgeAgent.Rig.Clips;

internal enum PlateClass
{
    Blue,
    Yellow,
    Green,
}

/// <param name="Text">As printed, without separator: 浙A12345.</param>
internal sealed record Plate(string Text, PlateClass Class)
{
    /// <summary>The name that lists use: blue, yellow, green.</summary>
    public string ClassName => Class.ToString().ToLowerInvariant();

    public float WidthMm => Class == PlateClass.Green ? 480 : 440;

    public const float HeightMm = 140;
}

/// <summary>Draws number plates in the proportions of GA 36.</summary>
internal sealed class PlateDrawing(HanGlyphs han)
{
    private const float StrokeMm = 11;
    private const float CharacterTopMm = 25;
    private const float FirstCharacterMm = 15.5f;

    /// <summary>The plate alone, filling the picture.</summary>
    public Raster Draw(Plate plate, float pixelsPerMm)
    {
        var picture = new Raster((int)MathF.Round(plate.WidthMm * pixelsPerMm), (int)MathF.Round(Plate.HeightMm * pixelsPerMm));
        (Paint ground, Colour ink) = Colours(plate.Class, picture.Height);
        picture.FillPolygon([new(0, 0), new(picture.Width, 0), new(picture.Width, picture.Height), new(0, picture.Height)], ground);
        Border(picture, ink, pixelsPerMm);
        Bolts(picture, plate, pixelsPerMm);

        foreach ((char character, float x, float width) in Layout(plate))
        {
            if (HanGlyphs.Provinces.Contains(character, StringComparison.Ordinal))
                DrawMask(picture, han[character], x * pixelsPerMm, CharacterTopMm * pixelsPerMm, width * pixelsPerMm, StrokeGlyphs.BoxHeight * pixelsPerMm, ink);
            else
                DrawStrokes(picture, character, x * pixelsPerMm, width / StrokeGlyphs.BoxWidth * pixelsPerMm, pixelsPerMm, ink);
        }
        if (plate.Class == PlateClass.Green)
            picture.FillEllipse(136 * pixelsPerMm, 70 * pixelsPerMm, 12 * pixelsPerMm, 12 * pixelsPerMm, new Colour(70, 150, 130));
        else
            picture.FillEllipse(134.5f * pixelsPerMm, 70 * pixelsPerMm, 5 * pixelsPerMm, 5 * pixelsPerMm, ink);
        return picture;
    }

    /// <summary>Left edge and width of each character, in millimetres.</summary>
    private static IEnumerable<(char Character, float X, float Width)> Layout(Plate plate)
    {
        bool green = plate.Class == PlateClass.Green;
        yield return (plate.Text[0], FirstCharacterMm, 45);
        yield return green ? (plate.Text[1], FirstCharacterMm + 54, 43) : (plate.Text[1], FirstCharacterMm + 57, 45);
        for (int i = 2; i < plate.Text.Length; i++)
            yield return green ? (plate.Text[i], 161.5f + (i - 2) * 52, 43) : (plate.Text[i], 151.5f + (i - 2) * 57, 45);
    }

    private static (Paint Ground, Colour Ink) Colours(PlateClass kind, int height)
    {
        var white = new Colour(240, 242, 245);
        var dark = new Colour(22, 22, 24);
        return kind switch
        {
            PlateClass.Blue => ((_, _) => new Colour(24, 74, 168), white),
            PlateClass.Yellow => ((_, _) => new Colour(232, 178, 30), dark),
            _ => ((_, y) => new Colour(222, 240, 226).Mix(new Colour(78, 190, 118), Math.Clamp(1.25f * y / height - 0.2f, 0, 1)), dark),
        };
    }

    private static void Border(Raster picture, Colour ink, float scale)
    {
        const float inset = 4;
        float width = picture.Width - inset * scale * 2;
        float height = picture.Height - inset * scale * 2;
        float line = 2.2f * scale;
        picture.FillRectangle(inset * scale, inset * scale, width, line, ink);
        picture.FillRectangle(inset * scale, inset * scale + height - line, width, line, ink);
        picture.FillRectangle(inset * scale, inset * scale, line, height, ink);
        picture.FillRectangle(inset * scale + width - line, inset * scale, line, height, ink);
    }

    private static void Bolts(Raster picture, Plate plate, float scale)
    {
        foreach (float x in (float[])[110, plate.WidthMm - 110])
        {
            foreach (float y in (float[])[13, Plate.HeightMm - 13])
                picture.FillEllipse(x * scale, y * scale, 5 * scale, 5 * scale, Colour.Grey(150));
        }
    }

    private static void DrawStrokes(Raster picture, char character, float left, float scaleX, float scaleY, Colour ink)
    {
        float top = CharacterTopMm * scaleY;
        var box = new Raster((int)MathF.Ceiling(StrokeGlyphs.BoxWidth * scaleX), (int)MathF.Ceiling(StrokeGlyphs.BoxHeight * scaleY));
        foreach (Vector2[] line in StrokeGlyphs.Of(character))
            box.Stroke([.. line.Select(p => new Vector2(p.X * scaleX, p.Y * scaleY))], StrokeMm * scaleY, ink);
        // The box cuts the strokes' round ends off: plates have flat ones.
        picture.Draw(box, (int)MathF.Round(left), (int)MathF.Round(top));
    }

    private static void DrawMask(Raster picture, GlyphMask mask, float left, float top, float width, float height, Colour ink)
    {
        int columns = (int)MathF.Round(width);
        int rows = (int)MathF.Round(height);
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
                picture.Blend((int)MathF.Round(left) + x, (int)MathF.Round(top) + y, ink, Average(mask, x, y, columns, rows));
        }
    }

    /// <summary>The mask is several times larger than the plate: 4 × 4 samples a pixel.</summary>
    private static float Average(GlyphMask mask, int x, int y, int columns, int rows)
    {
        const int samples = 4;
        float sum = 0;
        for (int i = 0; i < samples * samples; i++)
            sum += mask.At((x + (i % samples + 0.5f) / samples) / columns, (y + (i / samples + 0.5f) / samples) / rows);
        return sum / (samples * samples);
    }
}
