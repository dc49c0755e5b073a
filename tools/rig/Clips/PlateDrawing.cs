using System.Numerics;

namespace EdgeAgent.Rig.Clips;

/// <summary>Draws number plates in the proportions of GA 36.</summary>
internal sealed class PlateDrawing(HanGlyphs han)
{
    private const float StrokeMm = 11;
    private const float CharacterTopMm = 25;
    private const float FirstCharacterMm = 15.5f;

    /// <summary>Where the green of a big vehicle's plate begins.</summary>
    private const float BigGreenFromMm = 133;

    private static readonly Colour Red = new(196, 24, 30);

    /// <summary>The plate alone, filling the picture.</summary>
    public Raster Draw(Plate plate, float pixelsPerMm)
    {
        var picture = new Raster((int)MathF.Round(plate.WidthMm * pixelsPerMm), (int)MathF.Round(plate.HeightMm * pixelsPerMm));
        (Paint ground, Colour ink) = Colours(plate.Class, picture.Width, picture.Height);
        picture.FillPolygon([new(0, 0), new(picture.Width, 0), new(picture.Width, picture.Height), new(0, picture.Height)], ground);
        Border(picture, ink, pixelsPerMm);
        Bolts(picture, plate, pixelsPerMm);

        foreach (Cell cell in Layout(plate))
        {
            Colour colour = cell.Character == '警' ? Red : ink;
            if (HanGlyphs.All.Contains(cell.Character, StringComparison.Ordinal))
                DrawMask(picture, han[cell.Character], cell.X * pixelsPerMm, cell.Y * pixelsPerMm, cell.Width * pixelsPerMm, cell.Height * pixelsPerMm, colour);
            else
                DrawStrokes(picture, cell, pixelsPerMm, colour);
        }
        if (plate.IsGreen)
            picture.FillEllipse(136 * pixelsPerMm, 70 * pixelsPerMm, 12 * pixelsPerMm, 12 * pixelsPerMm, new Colour(70, 150, 130));
        else if (plate.TwoRow)
            picture.FillEllipse(220 * pixelsPerMm, 45 * pixelsPerMm, 5 * pixelsPerMm, 5 * pixelsPerMm, ink);
        else
            picture.FillEllipse(134.5f * pixelsPerMm, 70 * pixelsPerMm, 5 * pixelsPerMm, 5 * pixelsPerMm, ink);
        return picture;
    }

    /// <summary>A character's box, millimetres.</summary>
    private readonly record struct Cell(char Character, float X, float Y, float Width, float Height);

    private static IEnumerable<Cell> Layout(Plate plate)
    {
        for (int i = 0; i < plate.Text.Length; i++)
        {
            char character = plate.Text[i];
            yield return plate.TwoRow
                ? i < 2 ? new Cell(character, 110 + i * 140, 15, 80, 60) : new Cell(character, 27.5f + (i - 2) * 80, 90, 65, 110)
                : plate.IsGreen
                    ? new Cell(character, i == 0 ? FirstCharacterMm : i == 1 ? FirstCharacterMm + 54 : 161.5f + (i - 2) * 52, CharacterTopMm, i == 0 ? 45 : 43, StrokeGlyphs.BoxHeight)
                    : new Cell(character, i < 2 ? FirstCharacterMm + i * 57 : 151.5f + (i - 2) * 57, CharacterTopMm, 45, StrokeGlyphs.BoxHeight);
        }
    }

    private static (Paint Ground, Colour Ink) Colours(PlateClass kind, int width, int height)
    {
        var white = new Colour(240, 242, 245);
        var dark = new Colour(22, 22, 24);
        var yellow = new Colour(232, 178, 30);
        var green = new Colour(78, 190, 118);
        return kind switch
        {
            PlateClass.Blue => ((_, _) => new Colour(24, 74, 168), white),
            PlateClass.Yellow or PlateClass.YellowTwoRow => ((_, _) => yellow, dark),
            PlateClass.White => ((_, _) => white, dark),
            PlateClass.Black => ((_, _) => dark, white),
            PlateClass.GreenBig => ((x, _) => x * 480 < BigGreenFromMm * width ? yellow : green, dark),
            _ => ((_, y) => new Colour(222, 240, 226).Mix(green, Math.Clamp(1.25f * y / height - 0.2f, 0, 1)), dark),
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
            foreach (float y in (float[])[13, plate.HeightMm - 13])
                picture.FillEllipse(x * scale, y * scale, 5 * scale, 5 * scale, Colour.Grey(150));
        }
    }

    private static void DrawStrokes(Raster picture, Cell cell, float pixelsPerMm, Colour ink)
    {
        float scaleX = cell.Width / StrokeGlyphs.BoxWidth * pixelsPerMm;
        float scaleY = cell.Height / StrokeGlyphs.BoxHeight * pixelsPerMm;
        var box = new Raster((int)MathF.Ceiling(StrokeGlyphs.BoxWidth * scaleX), (int)MathF.Ceiling(StrokeGlyphs.BoxHeight * scaleY));
        foreach (Vector2[] line in StrokeGlyphs.Of(cell.Character))
            box.Stroke([.. line.Select(p => new Vector2(p.X * scaleX, p.Y * scaleY))], StrokeMm * Math.Min(1, scaleY / pixelsPerMm) * pixelsPerMm, ink);
        // The box cuts the strokes' round ends off: plates have flat ones.
        picture.Draw(box, (int)MathF.Round(cell.X * pixelsPerMm), (int)MathF.Round(cell.Y * pixelsPerMm));
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
