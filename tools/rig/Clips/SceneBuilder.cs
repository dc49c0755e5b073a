using System.Globalization;

namespace EdgeAgent.Rig.Clips;

/// <summary>Draws the things of a cast and sets them on their ways.</summary>
internal sealed class SceneBuilder(Cast cast, ClipOptions options, HanGlyphs han)
{
    // A slot starts when the one before it is nearly gone.
    private const float Overlap = 0.6f;
    private const float ShortestSeconds = 1.5f;

    private readonly VehicleDrawing vehicles = new(new PlateDrawing(han));

    /// <param name="camera">1..7.</param>
    public async Task<Scene> CaptureAsync(int camera, CancellationToken stop)
    {
        int seed = HashCode(options.Seed, camera);
        var random = new Random(seed);
        float scale = options.Width / 1920f;
        // The roof camera sees wider and from higher up.
        Lens lens = camera == 1 ? new(1750 * scale, 1.9f, 420 * scale, 1 / 250f) : new(2200 * scale, 1.3f, 470 * scale, 1 / 250f);
        Frame420 street = Scenery.Street(options.Width, options.Height, lens.HorizonY, random);
        var actors = new List<Actor>();
        float start = 0;
        foreach (Slot slot in cast.Of(camera))
        {
            float seconds = Math.Min(slot.Seconds, options.LoopSeconds - start);
            if (seconds < ShortestSeconds)
                break;
            string id = string.Create(CultureInfo.InvariantCulture, $"cam{camera}-{actors.Count + 1}");
            actors.Add(slot.Vehicle is { } vehicle ? Vehicle(id, vehicle, slot, start, seconds, random) : await WalkAsync(id, slot, start, seconds, random, stop));
            start += seconds - Overlap;
        }
        return new Scene(street, lens, actors, seed);
    }

    public async Task<Scene> CabAsync(CancellationToken stop)
    {
        int seed = HashCode(options.Seed, 8);
        var random = new Random(seed);
        Frame420 inside = Scenery.Cab(options.Width, options.Height, random);
        var actors = new List<Actor>();
        if (cast.InCab is { } person)
        {
            // Sitting 0.9 m from the camera, at the height of the seat, swaying with the car.
            var path = Enumerable.Range(0, (int)options.LoopSeconds + 2).Select(i => new Waypoint(i, -0.18f + 0.03f * MathF.Sin(i * 1.3f), 0.95f + 0.02f * MathF.Cos(i))).ToArray();
            actors.Add(new Actor
            {
                Id = "cab-1",
                Kind = TargetKind.Face,
                Name = person.Id,
                Listed = person.Listed,
                Sprite = PersonDrawing.Draw(await Ffmpeg.LoadPictureAsync(person.ShownPicture, 1024, stop), person.Face, random),
                Path = path,
            });
        }
        float scale = options.Width / 1920f;
        return new Scene(inside, new Lens(1100 * scale, 1.62f, 430 * scale, 1 / 50f), actors, seed);
    }

    private Actor Vehicle(string id, VehicleRole role, Slot slot, float start, float seconds, Random random) => new()
    {
        Id = id,
        Kind = TargetKind.Plate,
        Name = role.Plate.Text,
        PlateClass = role.Plate.ClassName,
        Listed = role.Listed,
        Hard = role.Hard,
        Sprite = vehicles.Draw(role.Plate, role.Shape, role.End, role.Body, random),
        Path = Fit(Courses.Vehicle(slot.Course), start, seconds, mirrored: random.Next(2) == 0),
        Squeeze = 0.86f + 0.14f * random.NextSingle(),
        Slope = 0.1f * random.NextSingle() - 0.05f,
        Smear = role.Hard ? 3 : 1,
    };

    private static async Task<Actor> WalkAsync(string id, Slot slot, float start, float seconds, Random random, CancellationToken stop)
    {
        Person person = slot.Person!;
        Raster portrait = await Ffmpeg.LoadPictureAsync(person.ShownPicture, 1024, stop);
        return new Actor
        {
            Id = id,
            Kind = TargetKind.Face,
            Name = person.Id,
            Listed = person.Listed,
            Sprite = PersonDrawing.Draw(portrait, person.Face, random),
            Path = Fit(Courses.Person(slot.Course), start, seconds, mirrored: random.Next(2) == 0),
            BobMetres = 0.02f,
        };
    }

    /// <summary>A way that begins at an instant; one that has too little time is driven faster, not cut off.</summary>
    private static Waypoint[] Fit(Waypoint[] way, float start, float seconds, bool mirrored)
    {
        float stretch = Math.Min(1, seconds / way[^1].Seconds);
        return [.. way.Select(w => new Waypoint(start + w.Seconds * stretch, mirrored ? -w.X : w.X, w.Z))];
    }

    /// <summary>A seed for one camera that depends on nothing but the numbers given.</summary>
    private static int HashCode(int seed, int camera) => unchecked((seed * 486187739 + camera) * 16777619) & int.MaxValue;
}
