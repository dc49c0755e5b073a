using System.Numerics;

namespace EdgeAgent.Rig.Clips;

/// <summary>A pinhole camera that looks along the street.</summary>
/// <param name="FocalPx">Focal length in pixels of the main stream.</param>
/// <param name="HeightMetres">Of the lens above the road.</param>
/// <param name="HorizonY">Row of the horizon.</param>
/// <param name="ShutterSeconds">Exposure: what moves smears that long.</param>
internal readonly record struct Lens(float FocalPx, float HeightMetres, float HorizonY, float ShutterSeconds);

/// <summary>Where something is at an instant: metres to the right, metres ahead.</summary>
internal readonly record struct Waypoint(float Seconds, float X, float Z);

internal enum TargetKind
{
    Plate,
    Face,
}

/// <summary>A thing that comes, is seen, and goes, once a loop.</summary>
internal sealed class Actor
{
    /// <summary>Where plates are, for the slope of one that is seen from the side.</summary>
    private const float TargetHeightMetres = 0.6f;

    public required string Id { get; init; }

    public required TargetKind Kind { get; init; }

    /// <summary>The plate's text, or the person's id.</summary>
    public required string Name { get; init; }

    /// <summary>blue, yellow or green; null for a face.</summary>
    public string? PlateClass { get; init; }

    public required bool Listed { get; init; }

    /// <summary>Small, far or smeared: a miss is no surprise.</summary>
    public bool Hard { get; init; }

    public required Sprite Sprite { get; init; }

    /// <summary>In clip time, at least two, in order.</summary>
    public required IReadOnlyList<Waypoint> Path { get; init; }

    /// <summary>Width of the sprite as seen, 0..1: turned away from the camera.</summary>
    public float Squeeze { get; init; } = 1;

    /// <summary>Rows down a column right: the slope of a road, a camera not level.</summary>
    public float Slope { get; init; }

    /// <summary>Turned about the vertical: its right side is the farther one.</summary>
    public float YawDegrees { get; init; }

    /// <summary>Tilted, clockwise as seen.</summary>
    public float RollDegrees { get; init; }

    /// <summary>Metres up and down twice a second: a walk.</summary>
    public float BobMetres { get; init; }

    /// <summary>Times the camera's exposure.</summary>
    public float Smear { get; init; } = 1;

    public bool IsThereAt(float seconds) => seconds >= Path[0].Seconds && seconds <= Path[^1].Seconds;

    public float DistanceAt(float seconds) => At(seconds).Z;

    /// <summary>From sprite pixels to frame pixels.</summary>
    public Matrix3x2 PlaceAt(float seconds, Lens lens, float frameWidth)
    {
        Waypoint at = At(seconds);
        float pixelsPerMetre = lens.FocalPx / at.Z;
        float scale = pixelsPerMetre / Sprite.PixelsPerMetre;
        float up = BobMetres * MathF.Abs(MathF.Sin(2 * MathF.PI * seconds));
        var ground = new Vector2(frameWidth / 2 + pixelsPerMetre * at.X, lens.HorizonY + pixelsPerMetre * (lens.HeightMetres - up));
        (float sin, float cos) = MathF.SinCos(YawDegrees * MathF.PI / 180);
        // What is farther stands nearer to the horizon: lines below the lens rise towards the far side.
        float slope = Slope - sin * (lens.HeightMetres - TargetHeightMetres) / at.Z;
        return Matrix3x2.CreateTranslation(-Sprite.Ground)
            * new Matrix3x2(scale * Squeeze * cos, scale * slope, 0, scale, 0, 0)
            * Matrix3x2.CreateRotation(RollDegrees * MathF.PI / 180)
            * Matrix3x2.CreateTranslation(ground);
    }

    private Waypoint At(float seconds)
    {
        int next = 1;
        while (next < Path.Count - 1 && Path[next].Seconds < seconds)
            next++;
        (Waypoint from, Waypoint to) = (Path[next - 1], Path[next]);
        float along = (seconds - from.Seconds) / (to.Seconds - from.Seconds);
        return new Waypoint(seconds, from.X + (to.X - from.X) * along, from.Z + (to.Z - from.Z) * along);
    }
}

/// <summary>What a camera adds to what it sees.</summary>
internal sealed record SceneLook
{
    /// <summary>The sensor's noise, in steps of luma. Default 1.6: a bright day on a small sensor.</summary>
    public float NoiseSigma { get; init; } = 1.6f;

    /// <summary>Copies that make up a smear, at most. Default 15; a smear much longer than that shows its copies.</summary>
    public int MaxBlurTaps { get; init; } = 15;
}

/// <summary>Everything that one clip shows.</summary>
internal sealed class Scene(IBackdrop background, Lens lens, IReadOnlyList<Actor> actors, int noiseSeed, SceneLook look)
{
    private readonly Compositor compositor = new(look.MaxBlurTaps);
    private readonly Random noiseOffsets = new(noiseSeed);
    private readonly sbyte[] noise = NoiseTable(noiseSeed, look.NoiseSigma);

    public Scene(Frame420 background, Lens lens, IReadOnlyList<Actor> actors, int noiseSeed)
        : this(new StillBackdrop(background), lens, actors, noiseSeed, new SceneLook())
    {
    }

    public int Width => background.Width;

    public int Height => background.Height;

    public IReadOnlyList<Actor> Actors => actors;

    public void Render(float seconds, Frame420 frame)
    {
        background.Show(seconds, frame);
        foreach (Actor actor in Visible(seconds))
        {
            Vector2 motion = TargetAt(actor, seconds + lens.ShutterSeconds / 2).Centre - TargetAt(actor, seconds - lens.ShutterSeconds / 2).Centre;
            compositor.Draw(frame, actor.Sprite, actor.PlaceAt(seconds, lens, Width), motion * actor.Smear);
        }
        frame.AddNoise(noise, noiseOffsets.Next(noise.Length));
    }

    /// <summary>Where the plate or face of an actor is in the frame, seen or not.</summary>
    public Quad TargetAt(Actor actor, float seconds) => actor.Sprite.Target.Transform(actor.PlaceAt(seconds, lens, Width));

    /// <summary>The whole plate or face is in the picture and nothing nearer covers it.</summary>
    public bool IsSeen(Actor actor, float seconds)
    {
        if (!actor.IsThereAt(seconds))
            return false;
        (Vector2 min, Vector2 max) = TargetAt(actor, seconds).Bounds;
        if (min.X < 2 || min.Y < 2 || max.X > Width - 2 || max.Y > Height - 2)
            return false;
        float distance = actor.DistanceAt(seconds);
        foreach (Actor other in actors)
        {
            if (other == actor || !other.IsThereAt(seconds) || other.DistanceAt(seconds) >= distance)
                continue;
            (Vector2 otherMin, Vector2 otherMax) = Quad.FromRectangle(0, 0, other.Sprite.Width, other.Sprite.Height).Transform(other.PlaceAt(seconds, lens, Width)).Bounds;
            if (otherMin.X < max.X && otherMax.X > min.X && otherMin.Y < max.Y && otherMax.Y > min.Y)
                return false;
        }
        return true;
    }

    /// <summary>Farthest first.</summary>
    private IEnumerable<Actor> Visible(float seconds) =>
        actors.Where(a => a.IsThereAt(seconds)).OrderByDescending(a => a.DistanceAt(seconds));

    private static sbyte[] NoiseTable(int seed, float sigma)
    {
        var random = new Random(seed);
        var table = new sbyte[1 << 20];
        for (int i = 0; i < table.Length; i++)
        {
            // Sum of uniforms: near enough to a normal distribution.
            float sum = random.NextSingle() + random.NextSingle() + random.NextSingle() + random.NextSingle() - 2;
            table[i] = (sbyte)MathF.Round(sum * 1.732f * sigma);
        }
        return table;
    }
}
