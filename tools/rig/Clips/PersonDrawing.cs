using System.Numerics;

namespace EdgeAgent.Rig.Clips;

/// <summary>Draws somebody: the head out of a picture on a simple body, facing the camera. Metres from between the feet, y up.</summary>
internal static class PersonDrawing
{
    private const float PixelsPerMetre = 1100;
    // Width of a detector's face box on an adult.
    private const float FaceMetres = 0.155f;
    private const float FaceCentreY = 1.60f;

    public static Sprite Draw(Raster portrait, FaceIn face, Random random)
    {
        var pen = new MetrePen(0.8f, 1.9f, PixelsPerMetre);
        Colour coat = Wardrobe(random);
        Colour trousers = Colour.Grey(random.Next(28, 70)).Mix(new Colour(40, 50, 90), 0.4f);
        Legs(pen, trousers);
        Colour skin = Skin(portrait, face);
        Torso(pen, coat, skin);
        Neck(pen, skin);
        Head(pen, portrait, face);
        Collar(pen, coat);

        Vector2 corner = pen.Pixel(-FaceMetres / 2, FaceCentreY + FaceMetres * 0.62f);
        return new Sprite(pen.Picture, pen.Pixel(0, 0), PixelsPerMetre, Quad.FromRectangle(corner.X, corner.Y, FaceMetres * PixelsPerMetre, FaceMetres * 1.24f * PixelsPerMetre));
    }

    private static Colour Wardrobe(Random random)
    {
        Colour[] coats = [new(60, 70, 86), new(118, 44, 40), new(52, 86, 62), new(150, 132, 100), new(40, 40, 44), new(84, 96, 130), new(176, 176, 170)];
        return coats[random.Next(coats.Length)];
    }

    private static void Legs(MetrePen pen, Colour trousers)
    {
        pen.Ellipse(0, 0.02f, 0.3f, 0.03f, new Colour(0, 0, 0, 110));
        foreach (float side in (float[])[-1, 1])
        {
            pen.Polygon([new(side * 0.2f, 0.88f), new(side * 0.005f, 0.88f), new(side * 0.045f, 0.06f), new(side * 0.155f, 0.06f)],
                (x, _) => trousers.Scaled(1.1f - 1.8f * MathF.Abs(MathF.Abs(x) - 0.1f)));
            pen.Rounded(side * 0.1f - 0.06f, 0, 0.12f, 0.08f, 0.03f, Colour.Grey(24));
        }
    }

    private static void Torso(MetrePen pen, Colour coat, Colour skin)
    {
        foreach (float side in (float[])[-1, 1])
        {
            pen.Polygon([new(side * 0.15f, 1.42f), new(side * 0.235f, 1.38f), new(side * 0.28f, 1.2f), new(side * 0.3f, 0.8f), new(side * 0.21f, 0.8f), new(side * 0.17f, 1.2f)],
                (x, _) => coat.Scaled(0.85f - 0.4f * (MathF.Abs(x) - 0.2f)));
            pen.Ellipse(side * 0.255f, 0.77f, 0.045f, 0.06f, skin.Scaled(0.9f));
        }
        pen.Polygon(
            [new(-0.08f, 1.46f), new(-0.19f, 1.42f), new(-0.215f, 1.34f), new(-0.19f, 1.0f), new(-0.21f, 0.8f), new(0.21f, 0.8f), new(0.19f, 1.0f), new(0.215f, 1.34f), new(0.19f, 1.42f), new(0.08f, 1.46f)],
            (x, y) => coat.Scaled(1.1f - 1.6f * MathF.Abs(x) + 0.12f * (y - 1.1f)));
        pen.Rectangle(-0.004f, 0.8f, 0.008f, 0.6f, coat.Scaled(0.6f));
    }

    private static void Neck(MetrePen pen, Colour skin) =>
        pen.Polygon([new(-0.06f, 1.54f), new(0.06f, 1.54f), new(0.085f, 1.42f), new(-0.085f, 1.42f)], (_, y) => skin.Scaled(0.62f + 2.2f * Math.Max(0, 1.5f - y)));

    private static void Collar(MetrePen pen, Colour coat)
    {
        foreach (float side in (float[])[-1, 1])
            pen.Polygon([new(side * 0.1f, 1.475f), new(side * 0.055f, 1.47f), new(side * 0.002f, 1.36f), new(side * 0.05f, 1.33f), new(side * 0.12f, 1.42f)], coat.Scaled(0.8f));
    }

    /// <summary>Face and hair inside a soft egg around the face, so that little of the picture's own background comes along.</summary>
    private static void Head(MetrePen pen, Raster portrait, FaceIn face)
    {
        float pictureScale = FaceMetres * PixelsPerMetre / (face.Width * portrait.Width);
        Vector2 centre = pen.Pixel(0, FaceCentreY);
        float faceWidth = FaceMetres * PixelsPerMetre;
        Vector2 pictureCentre = new(face.CentreX * portrait.Width, face.CentreY * portrait.Height);
        int reach = (int)(faceWidth * 1.2f);
        for (int y = -reach; y < reach; y++)
        {
            for (int x = -reach; x < reach; x++)
            {
                float share = HeadShare(x / faceWidth, y / faceWidth);
                Vector2 from = pictureCentre + new Vector2(x, y) / pictureScale;
                int column = (int)centre.X + x;
                int row = (int)centre.Y + y;
                if (share > 0 && row >= 0 && row < pen.Picture.Height && column >= 0 && column < pen.Picture.Width && Sample(portrait, from) is { } colour)
                    pen.Picture.Blend(column, row, colour, share);
            }
        }
    }

    /// <summary>1 inside, 0 outside, soft between. In face widths from the middle of the face; y down. Taller above, for hair.</summary>
    private static float HeadShare(float x, float y)
    {
        float radiusY = y < 0 ? 0.98f : 0.72f;
        float radiusX = y < 0 ? 0.74f : 0.62f;
        float distance = MathF.Sqrt(x / radiusX * (x / radiusX) + y / radiusY * (y / radiusY));
        return Math.Clamp((1 - distance) / 0.1f, 0, 1);
    }

    private static Colour? Sample(Raster picture, Vector2 at)
    {
        int x = (int)MathF.Floor(at.X - 0.5f);
        int y = (int)MathF.Floor(at.Y - 0.5f);
        if (x < 0 || y < 0 || x + 1 >= picture.Width || y + 1 >= picture.Height)
            return null;
        float alongX = at.X - 0.5f - x;
        float alongY = at.Y - 0.5f - y;
        Colour upper = Pixel(picture, x, y).Mix(Pixel(picture, x + 1, y), alongX);
        Colour lower = Pixel(picture, x, y + 1).Mix(Pixel(picture, x + 1, y + 1), alongX);
        return upper.Mix(lower, alongY);
    }

    private static Colour Pixel(Raster picture, int x, int y)
    {
        ReadOnlySpan<byte> bgra = picture.Pixels.AsSpan((y * picture.Width + x) * 4, 4);
        return new Colour(bgra[2], bgra[1], bgra[0]);
    }

    /// <summary>Mean of both cheeks.</summary>
    private static Colour Skin(Raster portrait, FaceIn face)
    {
        int red = 0, green = 0, blue = 0, count = 0;
        float width = face.Width * portrait.Width;
        for (int i = 0; i < 200; i++)
        {
            float side = i % 2 == 0 ? -0.25f : 0.25f;
            var at = new Vector2(face.CentreX * portrait.Width + (side + (i / 2 % 10 - 5) * 0.01f) * width, face.CentreY * portrait.Height + (0.12f + i / 20 * 0.01f) * width);
            if (Sample(portrait, at) is not { } colour)
                continue;
            red += colour.Red;
            green += colour.Green;
            blue += colour.Blue;
            count++;
        }
        return count == 0 ? new Colour(196, 152, 128) : new Colour((byte)(red / count), (byte)(green / count), (byte)(blue / count));
    }
}
