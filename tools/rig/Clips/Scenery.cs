using System.Numerics;

namespace EdgeAgent.Rig.Clips;

/// <summary>Draws what does not move: a street, or the inside of the car. Opaque, from a seed.</summary>
internal sealed class Scenery(int width, int height, Random random)
{
    private readonly Raster picture = new(width, height);

    public static Frame420 Street(int width, int height, float horizonY, Random random)
    {
        var scenery = new Scenery(width, height, random);
        scenery.Sky(horizonY);
        scenery.Buildings(horizonY);
        scenery.Road(horizonY);
        scenery.Trees(horizonY);
        scenery.Grain(5);
        return Frame420.From(scenery.picture);
    }

    public static Frame420 Cab(int width, int height, Random random)
    {
        var scenery = new Scenery(width, height, random);
        scenery.CabInside();
        scenery.Grain(4);
        return Frame420.From(scenery.picture);
    }

    private void Sky(float horizonY)
    {
        Colour high = new((byte)random.Next(120, 160), (byte)random.Next(160, 185), (byte)random.Next(200, 225));
        Colour low = new((byte)random.Next(205, 225), (byte)random.Next(210, 228), (byte)random.Next(216, 232));
        picture.FillPolygon(Box(0, 0, width, horizonY + 2), (_, y) => high.Mix(low, y / horizonY));
        for (int i = 0; i < 14; i++)
            picture.FillEllipse(random.Next(width), random.Next((int)horizonY / 2), random.Next(80, 260), random.Next(10, 34), new Colour(244, 246, 248, 60));
    }

    private void Buildings(float horizonY)
    {
        float vanishing = width / 2f;
        for (float x = -60; x < width;)
        {
            float span = random.Next(150, 330);
            // Lower towards the end of the street.
            float distance = Math.Clamp(MathF.Abs(x + span / 2 - vanishing) / vanishing, 0.12f, 1);
            float tall = horizonY * (0.25f + 0.85f * distance * (0.7f + 0.3f * (float)random.NextDouble()));
            Building(x, horizonY - tall, span, tall + 30);
            x += span + random.Next(0, 24);
        }
    }

    private void Building(float x, float top, float span, float tall)
    {
        Colour[] walls = [new(176, 160, 146), new(150, 146, 148), new(190, 184, 172), new(140, 116, 104), new(168, 172, 178), new(122, 128, 136)];
        Colour wall = walls[random.Next(walls.Length)].Scaled(0.85f + 0.25f * (float)random.NextDouble());
        picture.FillPolygon(Box(x, top, span, tall), (column, row) => wall.Scaled(1.04f - 0.14f * (column - x) / span - 0.06f * (row - top) / tall));
        picture.FillRectangle(x, top, span, 5, wall.Scaled(0.7f));

        float stepX = random.Next(26, 44);
        float stepY = random.Next(34, 52);
        float glassWidth = stepX * 0.55f;
        float glassHeight = stepY * 0.5f;
        for (float row = top + 16; row < top + tall - 70; row += stepY)
        {
            for (float column = x + 10; column + glassWidth < x + span - 6; column += stepX)
            {
                Colour glass = Colour.Grey(random.Next(52, 110)).Mix(new Colour(130, 160, 190), 0.35f);
                picture.FillRectangle(column, row, glassWidth, glassHeight, glass);
                picture.FillRectangle(column + glassWidth / 2 - 1, row, 2, glassHeight, wall.Scaled(0.75f));
            }
        }
        Shop(x, top + tall - 62, span);
    }

    private void Shop(float x, float top, float span)
    {
        Colour awning = new((byte)random.Next(60, 190), (byte)random.Next(50, 130), (byte)random.Next(40, 120));
        picture.FillRectangle(x + 8, top + 14, span - 16, 44, Colour.Grey(random.Next(44, 80)));
        for (float door = x + 20; door + 30 < x + span - 12; door += 58)
            picture.FillRectangle(door, top + 20, 30, 38, new Colour(120, 132, 140));
        picture.FillPolygon([new(x + 4, top + 16), new(x + 14, top), new(x + span - 14, top), new(x + span - 4, top + 16)], awning);
    }

    private void Road(float horizonY)
    {
        float middle = width / 2f;
        float below = height - horizonY;
        picture.FillPolygon(Box(0, horizonY, width, below), (_, y) => Colour.Grey(142).Mix(new Colour(166, 160, 152), (y - horizonY) / below));
        picture.FillPolygon([new(middle - 12, horizonY), new(middle + 12, horizonY), new(middle + width * 1.15f, height), new(middle - width * 1.15f, height)],
            (_, y) => Colour.Grey(104).Mix(Colour.Grey(84), (y - horizonY) / below));
        // Kerbs and edge lines run to the vanishing point; dashes shrink with distance.
        foreach (float side in (float[])[-1, 1])
        {
            float far = side * width * 1.15f;
            picture.FillPolygon([new(middle + side * 12, horizonY), new(middle + side * 13, horizonY), new(middle + far * 1.03f, height), new(middle + far, height)], Colour.Grey(186));
            picture.FillPolygon([new(middle + side * 10.6f, horizonY), new(middle + side * 11, horizonY), new(middle + far * 0.93f, height), new(middle + far * 0.915f, height)], Colour.Grey(206));
        }
        for (float z = 1.2f; z < 40; z += 3)
        {
            (float near, float end) = (horizonY + below * 1.2f / z, horizonY + below * 1.2f / (z + 1.3f));
            foreach (float lane in (float[])[-0.36f, 0.36f])
            {
                float half = 0.012f;
                picture.FillPolygon([LanePoint(lane - half, near), LanePoint(lane + half, near), LanePoint(lane + half, end), LanePoint(lane - half, end)], Colour.Grey(204));
            }
        }

        Vector2 LanePoint(float share, float y) => new(middle + share * width * 1.15f * (y - horizonY) / below, y);
    }

    private void Trees(float horizonY)
    {
        for (int i = 0; i < 7; i++)
        {
            bool left = i % 2 == 0;
            float share = 0.12f + 0.13f * i * (0.85f + 0.3f * (float)random.NextDouble());
            float x = width / 2f + (left ? -1 : 1) * share * width * 0.6f;
            float size = 40 + 190 * share;
            float foot = horizonY + 8 + 90 * share;
            picture.FillRectangle(x - size * 0.05f, foot - size, size * 0.1f, size, new Colour(84, 70, 58));
            for (int leaf = 0; leaf < 40; leaf++)
            {
                (float dx, float dy) = ((float)random.NextDouble() - 0.5f, (float)random.NextDouble() - 0.5f);
                var green = new Colour((byte)random.Next(44, 92), (byte)random.Next(84, 132), (byte)random.Next(36, 66), 225);
                picture.FillEllipse(x + dx * size * 0.9f, foot - size * 1.15f + dy * size * 0.8f, size * 0.14f, size * 0.11f, green);
            }
        }
    }

    private void CabInside()
    {
        picture.FillPolygon(Box(0, 0, width, height), (_, y) => Colour.Grey(58).Mix(Colour.Grey(34), (float)y / height));
        // Rear window and both side windows of the cabin.
        picture.FillRounded(width * 0.3f, height * 0.12f, width * 0.4f, height * 0.24f, 30, (_, y) => new Colour(200, 212, 222).Mix(new Colour(150, 154, 152), y / (height * 0.36f)));
        foreach (float x in (float[])[0.02f, 0.82f])
            picture.FillRounded(width * x, height * 0.16f, width * 0.16f, height * 0.36f, 24, (_, y) => new Colour(196, 208, 216).Mix(new Colour(120, 128, 116), y / (height * 0.5f)));
        // Seats.
        foreach (float x in (float[])[0.1f, 0.58f])
        {
            picture.FillRounded(width * x, height * 0.46f, width * 0.32f, height * 0.7f, 60, (column, _) => Colour.Grey(44).Mix(Colour.Grey(66), MathF.Sin(MathF.PI * (column - width * x) / (width * 0.32f))));
            picture.FillRounded(width * (x + 0.09f), height * 0.3f, width * 0.14f, height * 0.2f, 40, (_, _) => Colour.Grey(52));
        }
        for (int i = 0; i < 30; i++)
            picture.FillEllipse(random.Next(width), random.Next(height), random.Next(40, 160), random.Next(20, 60), Colour.Grey(random.Next(20, 70)).WithAlpha(14));
    }

    /// <summary>Texture of walls and asphalt: without it everything would be as flat as a drawing.</summary>
    private void Grain(int strength)
    {
        var noise = new byte[width * height];
        random.NextBytes(noise);
        for (int i = 0; i < noise.Length; i++)
        {
            int add = (noise[i] * (2 * strength + 1) >> 8) - strength;
            Span<byte> pixel = picture.Pixels.AsSpan(i * 4, 3);
            for (int c = 0; c < 3; c++)
                pixel[c] = (byte)Math.Clamp(pixel[c] + add, 0, 255);
        }
    }

    private static Vector2[] Box(float x, float y, float boxWidth, float boxHeight) =>
        [new(x, y), new(x + boxWidth, y), new(x + boxWidth, y + boxHeight), new(x, y + boxHeight)];
}
