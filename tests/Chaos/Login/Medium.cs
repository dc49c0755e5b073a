using System.Numerics;

namespace EdgeAgent.Chaos.Login;

/// <summary>How a flat thing is held before the camera at one instant.</summary>
/// <param name="TiltDegrees">About its upright axis.</param>
internal readonly record struct Hold(Vector2 Shift, float RollDegrees, float TiltDegrees, float Scale);

/// <summary>
/// A picture or a clip of somebody, seen once more by a camera: a hand holds it, it has an edge, light falls on it, and it is made of dots.
/// </summary>
internal abstract class Medium
{
    /// <summary>From the camera to what is held, pixels of the frame: about eight faces.</summary>
    private const float Distance = 800;

    private readonly Vector2 place, half, glareAt;
    private readonly float border, glare, glareRadius, bend;
    private readonly Vector3 edge, wall, floor;

    protected Medium(Random random, Vector2 place, float faceWidth, Vector3 edge, float bend)
    {
        (this.place, this.edge, this.bend) = (place, edge, bend);
        // From one cut close around the head to one that fills the frame, so that its edge is not always in sight.
        float reach = 0.95f + 1.6f * random.NextSingle();
        half = new Vector2(reach * faceWidth, 1.3f * reach * faceWidth);
        border = faceWidth * (0.05f + 0.25f * random.NextSingle());
        glare = random.NextDouble() < 0.6 ? 40 + 130 * random.NextSingle() : 0;
        glareRadius = faceWidth * (0.15f + 0.4f * random.NextSingle());
        glareAt = place + new Vector2((random.NextSingle() - 0.5f) * 2.2f, (random.NextSingle() - 0.5f) * 2.4f) * faceWidth;
        wall = new Vector3(60 + 60 * random.NextSingle(), 55 + 60 * random.NextSingle(), 50 + 60 * random.NextSingle());
        floor = wall * (0.35f + 0.4f * random.NextSingle());
    }

    /// <summary>What the camera sees there.</summary>
    /// <param name="content">What is shown, in pixels of a frame that it would fill.</param>
    /// <param name="seconds">Since the beginning.</param>
    public Vector3 At(Vector2 target, in Hold hold, float seconds, Func<Vector2, Vector3> content)
    {
        Vector2 on = OnPlane(target, hold);
        Vector2 off = Vector2.Abs(on - place) - half;
        Vector3 seen;
        if (off.X <= 0 && off.Y <= 0)
            seen = Shown(content(on), on, target, seconds);
        else if (off.X <= border && off.Y <= border)
            seen = edge;
        else
            return Vector3.Lerp(wall, floor, target.Y / CabLens.Height);
        float far = (target - glareAt).LengthSquared() / (glareRadius * glareRadius);
        return seen + new Vector3(glare * MathF.Exp(-far / 2));
    }

    /// <summary>A colour as this medium gives it back.</summary>
    /// <param name="on">Where on the medium, content pixels.</param>
    /// <param name="target">Where in the camera's picture.</param>
    protected abstract Vector3 Shown(Vector3 colour, Vector2 on, Vector2 target, float seconds);

    private Vector2 OnPlane(Vector2 target, in Hold hold)
    {
        Vector2 off = target - place - hold.Shift;
        float roll = -hold.RollDegrees * MathF.PI / 180, tilt = hold.TiltDegrees * MathF.PI / 180;
        float x = (off.X * MathF.Cos(roll) - off.Y * MathF.Sin(roll)) / hold.Scale, y = (off.X * MathF.Sin(roll) + off.Y * MathF.Cos(roll)) / hold.Scale;
        float sin = MathF.Sin(tilt), cos = MathF.Cos(tilt);
        float across = x / (cos - x * sin / Distance);
        y *= 1 + across * sin / Distance;
        if (bend <= 0)
            return place + new Vector2(across, y);
        // Round an upright axis: the edges lie farther back than the middle.
        float radius = half.X / bend, angle = Math.Clamp(x / radius, -1.3f, 1.3f);
        for (int step = 0; step < 4; step++)
        {
            float error = radius * (MathF.Sin(angle) * cos + (MathF.Cos(angle) - 1) * sin) - x;
            angle = Math.Clamp(angle - error / (radius * Math.Max(0.2f, MathF.Cos(angle) * cos - MathF.Sin(angle) * sin)), -1.5f, 1.5f);
        }
        return place + new Vector2(radius * angle, y);
    }
}

/// <summary>Ink on paper: fewer colours, no deep black, a halftone that beats with the camera's pixels, the grain of paper, a white edge.</summary>
internal sealed class Print : Medium
{
    private readonly float black, white, grey, dots, grain, cos, sin, frequency;

    public Print(Random random, Vector2 place, float faceWidth, float bend)
        : base(random, place, faceWidth, new Vector3(215 + 30 * random.NextSingle()), bend)
    {
        (black, white) = (18 + 30 * random.NextSingle(), 215 + 30 * random.NextSingle());
        grey = 0.05f + 0.2f * random.NextSingle();
        dots = 0.02f + 0.09f * random.NextSingle();
        grain = 1 + 4 * random.NextSingle();
        float angle = 0.2f + random.NextSingle();
        (cos, sin) = (MathF.Cos(angle), MathF.Sin(angle));
        frequency = 2 * MathF.PI * (0.6f + random.NextSingle());
    }

    protected override Vector3 Shown(Vector3 colour, Vector2 on, Vector2 target, float seconds)
    {
        Vector3 ink = Vector3.Lerp(colour, new Vector3((colour.X + colour.Y + colour.Z) / 3), grey) * ((white - black) / 255) + new Vector3(black);
        float u = (on.X * cos - on.Y * sin) * frequency, v = (on.X * sin + on.Y * cos) * frequency;
        float raster = dots * MathF.Cos(u) * MathF.Cos(v);
        int cell = ((int)(on.X * 2) * 73856093) ^ ((int)(on.Y * 2) * 19349663);
        float speck = grain * (((cell * 1103515245 + 12345) >> 16 & 255) / 255f - 0.5f);
        return ink * (1 + raster) + new Vector3(speck);
    }
}

/// <summary>A screen: coloured strips that beat with the camera's pixels (moiré), its own light, a dark edge, and bands where it is drawn anew.</summary>
internal sealed class Screen : Medium
{
    private readonly float pitch, strips, bands, bandRate, black, gamma, blue;

    public Screen(Random random, Vector2 place, float faceWidth)
        : base(random, place, faceWidth, new Vector3(8 + 20 * random.NextSingle()), 0)
    {
        pitch = 0.35f + 0.75f * random.NextSingle();
        strips = 0.05f + 0.18f * random.NextSingle();
        bands = 0.035f * random.NextSingle();
        bandRate = 0.5f + 4 * random.NextSingle();
        black = 6 + 20 * random.NextSingle();
        gamma = 0.85f + 0.35f * random.NextSingle();
        blue = 1 + 0.18f * random.NextSingle();
    }

    protected override Vector3 Shown(Vector3 colour, Vector2 on, Vector2 target, float seconds)
    {
        float u = 2 * MathF.PI * on.X / pitch, v = 2 * MathF.PI * on.Y / pitch;
        float rows = 1 + strips / 2 * MathF.Cos(v), band = 1 + bands * MathF.Sin(2 * MathF.PI * (target.Y / 210 + bandRate * seconds));
        var light = new Vector3(Tone(colour.X) * blue, Tone(colour.Y), Tone(colour.Z) / blue) * (rows * band);
        return light * new Vector3(1 + strips * MathF.Cos(u), 1 + strips * MathF.Cos(u + 2.094f), 1 + strips * MathF.Cos(u + 4.189f)) + new Vector3(black);
    }

    private float Tone(float value) => 245 * MathF.Pow(Math.Clamp(value / 255, 0, 1), gamma);
}
