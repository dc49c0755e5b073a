using System.Numerics;

namespace EdgeAgent.Rig.Clips;

internal enum VehicleShape
{
    Car,
    Van,
}

/// <summary>Which end of the vehicle the camera sees.</summary>
internal enum VehicleEnd
{
    Rear,
    Front,
}

/// <summary>How a vehicle is lit, as shares of daylight.</summary>
/// <param name="Body">Sheet metal and glass.</param>
/// <param name="Plate">The plate throws headlights back, and has a lamp of its own behind.</param>
/// <param name="Lamps">0: off; 1: so bright that they bloom.</param>
internal readonly record struct VehicleLight(float Body, float Plate, float Lamps)
{
    public static readonly VehicleLight Day = new(1, 1, 0);
}

/// <summary>Draws the end of a plain vehicle with its plate, in metres from the middle of its ground line, y up.</summary>
internal sealed class VehicleDrawing(PlateDrawing plates)
{
    private const float PixelsPerMetre = 750;

    public Sprite Draw(Plate plate, VehicleShape shape, VehicleEnd end, Colour body, Random random) => Draw(plate, shape, end, body, random, VehicleLight.Day);

    public Sprite Draw(Plate plate, VehicleShape shape, VehicleEnd end, Colour body, Random random, VehicleLight light)
    {
        var size = shape == VehicleShape.Car ? new Vector2(1.8f, 1.46f) : new Vector2(1.95f, 2.1f);
        var pen = new MetrePen(size.X + 0.3f, size.Y + 0.1f, PixelsPerMetre);
        Underneath(pen, size);
        Body(pen, size, shape, body);
        Window(pen, size, shape, body, random);
        float plateY = end == VehicleEnd.Rear && shape == VehicleShape.Car ? 0.72f : 0.48f;
        if (end == VehicleEnd.Front)
            Grille(pen, plateY, body);
        Lights(pen, size, end);
        Bumper(pen, size, end, body);

        Raster drawn = plates.Draw(plate, PixelsPerMetre / 1000);
        Vector2 corner = pen.Pixel(-plate.WidthMm / 2000, plateY + plate.HeightMm / 2000);
        pen.Rectangle(-plate.WidthMm / 2000 - 0.05f, plateY - plate.HeightMm / 2000 - 0.03f, plate.WidthMm / 1000 + 0.1f, plate.HeightMm / 1000 + 0.06f, body.Scaled(0.45f));
        if (light != VehicleLight.Day)
        {
            pen.Picture.Dim(light.Body);
            drawn.Dim(light.Plate);
        }
        var at = new Vector2(MathF.Round(corner.X), MathF.Round(corner.Y));
        pen.Picture.Draw(drawn, (int)at.X, (int)at.Y);
        if (light.Lamps > 0)
            Shine(pen, size, end, light.Lamps);
        return new Sprite(pen.Picture, pen.Pixel(0, 0), PixelsPerMetre, Quad.FromRectangle(at.X, at.Y, drawn.Width, drawn.Height));
    }

    /// <summary>Lamps bloom: rings of light over whatever is near them, the plate too.</summary>
    private static void Shine(MetrePen pen, Vector2 size, VehicleEnd end, float strength)
    {
        const int rings = 12;
        float reach = (end == VehicleEnd.Front ? 0.42f : 0.2f) * strength;
        Colour light = end == VehicleEnd.Front ? new Colour(255, 252, 240) : new Colour(250, 40, 30);
        foreach (float side in (float[])[-1, 1])
        {
            float x = side * (size.X / 2 - 0.18f);
            for (int ring = 0; ring < rings; ring++)
                pen.Ellipse(x, 0.8f, reach * (rings - ring) / rings, reach * (rings - ring) / rings, light.WithAlpha(10 + 5 * ring));
            pen.Ellipse(x, 0.8f, 0.07f, 0.06f, light);
        }
    }

    private static void Underneath(MetrePen pen, Vector2 size)
    {
        pen.Ellipse(0, 0.05f, size.X * 0.52f, 0.05f, new Colour(0, 0, 0, 130));
        foreach (float side in (float[])[-1, 1])
            pen.Rounded(side * (size.X / 2 - 0.16f) - 0.11f, 0, 0.22f, 0.4f, 0.06f, Colour.Grey(18));
        pen.Rectangle(-size.X / 2 + 0.2f, 0.16f, size.X - 0.4f, 0.2f, Colour.Grey(24));
    }

    private static void Body(MetrePen pen, Vector2 size, VehicleShape shape, Colour body)
    {
        float half = size.X / 2;
        float roof = shape == VehicleShape.Car ? 0.6f : 0.93f;
        float waist = shape == VehicleShape.Car ? 0.98f : 1.1f;
        float shoulder = shape == VehicleShape.Car ? 0.1f : 0.03f;
        Vector2[] outline =
        [
            new(-half + 0.04f, 0.24f), new(-half, 0.5f), new(-half + 0.02f, waist - 0.08f), new(-half + shoulder, waist), new(-half * roof - 0.03f, size.Y - 0.08f),
            new(-half * roof + 0.08f, size.Y), new(half * roof - 0.08f, size.Y), new(half * roof + 0.03f, size.Y - 0.08f), new(half - shoulder, waist), new(half - 0.02f, waist - 0.08f),
            new(half, 0.5f), new(half - 0.04f, 0.24f),
        ];
        // Sky above, road below: sheet metal mirrors both.
        pen.Polygon(outline, (_, y) => body.Scaled(Math.Clamp(1.18f - 0.5f * MathF.Abs(y - 0.95f) - (y < 0.5f ? 0.25f : 0), 0.4f, 1.2f)));
        pen.Rectangle(-half + 0.02f, waist - 0.1f, size.X - 0.04f, 0.012f, body.Scaled(0.55f));
    }

    private static void Window(MetrePen pen, Vector2 size, VehicleShape shape, Colour body, Random random)
    {
        float half = size.X / 2;
        float bottom = shape == VehicleShape.Car ? 1.0f : 1.2f;
        float topHalf = half * (shape == VehicleShape.Car ? 0.56f : 0.84f);
        float rim = shape == VehicleShape.Car ? 0.2f : 0.12f;
        Vector2[] glass = [new(-half + rim, bottom), new(-topHalf, size.Y - 0.08f), new(topHalf, size.Y - 0.08f), new(half - rim, bottom)];
        float gleam = (float)random.NextDouble() * 0.8f - 0.4f;
        pen.Polygon(glass, (x, y) => new Colour(38, 46, 54).Mix(new Colour(140, 160, 176), Math.Clamp((y - bottom) * 0.9f + (MathF.Abs(x - gleam - (y - bottom) * 0.5f) < 0.12f ? 0.25f : 0), 0, 0.7f)));
        foreach (float side in (float[])[-1, 1])
            pen.Ellipse(side * 0.32f, bottom + 0.07f, 0.11f, 0.13f, new Colour(22, 24, 28, 160));
        pen.Rectangle(-half + rim, bottom - 0.015f, size.X - 2 * rim, 0.015f, body.Scaled(0.4f));
    }

    private static void Grille(MetrePen pen, float plateY, Colour body)
    {
        float bottom = plateY + 0.14f;
        pen.Rounded(-0.48f, bottom, 0.96f, 0.2f, 0.05f, Colour.Grey(22));
        for (int bar = 0; bar < 4; bar++)
            pen.Rectangle(-0.46f, bottom + 0.03f + bar * 0.045f, 0.92f, 0.014f, Colour.Grey(120));
        pen.Ellipse(0, bottom + 0.1f, 0.06f, 0.06f, Colour.Grey(190));
        pen.Rectangle(-0.7f, bottom + 0.24f, 1.4f, 0.01f, body.Scaled(0.6f));
    }

    private static void Lights(MetrePen pen, Vector2 size, VehicleEnd end)
    {
        float half = size.X / 2;
        foreach (float side in (float[])[-1, 1])
        {
            float outer = side * (half - 0.03f);
            Vector2[] lamp = [new(outer, 0.7f), new(outer, 0.9f), new(outer - side * 0.3f, 0.87f), new(outer - side * 0.26f, 0.74f)];
            if (end == VehicleEnd.Rear)
            {
                pen.Polygon(lamp, (_, y) => new Colour(170, 16, 20).Mix(new Colour(235, 70, 60), Math.Clamp((y - 0.72f) * 6, 0, 1)));
                pen.Ellipse(outer - side * 0.2f, 0.8f, 0.045f, 0.035f, new Colour(250, 220, 190));
                continue;
            }
            pen.Polygon(lamp, (_, y) => Colour.Grey(150).Mix(Colour.Grey(240), Math.Clamp((y - 0.72f) * 6, 0, 1)));
            pen.Ellipse(outer - side * 0.14f, 0.8f, 0.06f, 0.06f, new Colour(252, 252, 244));
        }
    }

    private static void Bumper(MetrePen pen, Vector2 size, VehicleEnd end, Colour body)
    {
        float half = size.X / 2;
        pen.Rounded(-half + 0.01f, 0.26f, size.X - 0.02f, 0.32f, 0.08f, body.Scaled(0.82f));
        pen.Rounded(-half + 0.14f, 0.26f, size.X - 0.28f, 0.13f, 0.04f, Colour.Grey(34));
        if (end != VehicleEnd.Rear)
            return;
        foreach (float side in (float[])[-1, 1])
            pen.Rounded(side * (half - 0.24f) - 0.09f, 0.42f, 0.18f, 0.05f, 0.02f, new Colour(130, 20, 20));
    }
}
