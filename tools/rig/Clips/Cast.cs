namespace EdgeAgent.Rig.Clips;

/// <summary>A vehicle's role: which plate, and whether a list holds it.</summary>
internal sealed record VehicleRole(Plate Plate, VehicleShape Shape, VehicleEnd End, Colour Body, bool Listed, bool Hard);

/// <summary>One thing of a camera's loop, in order.</summary>
/// <param name="Seconds">How long it is there.</param>
internal sealed record Slot(VehicleRole? Vehicle, Person? Person, float Seconds, int Course);

/// <summary>
/// Who plays on which camera: decided once for all cameras from the seed, so that lists and clips agree. Listed plates come on
/// cameras 2, 3, 5 and 7; camera 6 shows one that differs from camera 2's listed plate by one character, a trap.
/// </summary>
internal sealed class Cast
{
    public const int CaptureCameras = 7;

    private const int VehiclesACamera = 4;
    private const int DecoyPlates = 25;
    private const int TrapCamera = 6;

    private static readonly int[] ListedPlateCameras = [2, 3, 5, 7];
    private static readonly int[] ListedHardCameras = [4];
    private static readonly int[] ListedFaceFirstCameras = [2, 4, 6];

    private readonly List<List<Slot>> slots = [];

    public Cast(int seed, IReadOnlyList<Person> persons)
    {
        var random = new Random(seed);
        Persons = persons;
        var plates = new HashSet<string>();
        var vehicles = new List<VehicleRole>();
        for (int camera = 1; camera <= CaptureCameras; camera++)
        {
            for (int i = 0; i < VehiclesACamera; i++)
                vehicles.Add(Vehicle(camera, i, plates, random));
        }
        SetTrap(vehicles);
        ListedPlates = [.. vehicles.Where(v => v.Listed).Select(v => v.Plate), .. Enumerable.Range(0, DecoyPlates).Select(_ => NewPlate(plates, random))];

        for (int camera = 1; camera <= CaptureCameras; camera++)
            slots.Add(Loop(camera, vehicles.GetRange((camera - 1) * VehiclesACamera, VehiclesACamera)));
    }

    public IReadOnlyList<Person> Persons { get; }

    /// <summary>All that a plate list is to hold: those to be seen, and others.</summary>
    public IReadOnlyList<Plate> ListedPlates { get; }

    /// <param name="camera">1..7.</param>
    public IReadOnlyList<Slot> Of(int camera) => slots[camera - 1];

    /// <summary>Somebody in the cab: never one of the listed, where there is a choice.</summary>
    public Person? InCab => Persons.LastOrDefault(p => !p.Listed) ?? (Persons.Count > 0 ? Persons[^1] : null);

    private static VehicleRole Vehicle(int camera, int index, HashSet<string> taken, Random random)
    {
        Colour[] bodies = [new(226, 228, 230), new(40, 42, 46), new(128, 132, 138), new(150, 28, 30), new(36, 62, 116), new(92, 84, 72), new(196, 198, 200)];
        bool hard = index == VehiclesACamera - 1;
        Plate plate = NewPlate(taken, random);
        VehicleShape shape = plate.Class == PlateClass.Yellow ? VehicleShape.Van : VehicleShape.Car;
        // Cameras 4 to 6 look back: they see what follows.
        VehicleEnd end = camera is >= 4 and <= 6 && index != 2 ? VehicleEnd.Front : VehicleEnd.Rear;
        bool listed = (index == 0 && ListedPlateCameras.Contains(camera)) || (hard && ListedHardCameras.Contains(camera));
        return new VehicleRole(plate, shape, end, bodies[random.Next(bodies.Length)], listed, hard);
    }

    private static Plate NewPlate(HashSet<string> taken, Random random)
    {
        while (true)
        {
            double kind = random.NextDouble();
            // A car of Zhejiang is more likely than the others: the bench drives in Hangzhou.
            char province = random.NextDouble() < 0.5 ? '浙' : HanGlyphs.Provinces[random.Next(HanGlyphs.Provinces.Length)];
            string head = $"{province}{Plate.CityLetters[random.Next(Plate.CityLetters.Length)]}";
            Plate plate = kind < 0.58 ? new Plate(head + Plate.Serial(5, 0.3, random), PlateClass.Blue)
                : kind < 0.86 ? new Plate(head + "DF"[random.Next(2)] + Plate.Serial(5, 0, random), PlateClass.Green)
                : new Plate(head + Plate.Serial(5, 0.2, random), PlateClass.Yellow);
            if (taken.Add(plate.Text))
                return plate;
        }
    }

    private static void SetTrap(List<VehicleRole> vehicles)
    {
        VehicleRole listed = vehicles[VehiclesACamera];
        int at = (TrapCamera - 1) * VehiclesACamera;
        char last = listed.Plate.Text[^1];
        char other = last == '4' ? '7' : '4';
        vehicles[at] = vehicles[at] with { Plate = listed.Plate with { Text = listed.Plate.Text[..^1] + other }, Shape = listed.Shape, Listed = false };
    }

    private List<Slot> Loop(int camera, List<VehicleRole> vehicles)
    {
        Person[] listed = [.. Persons.Where(p => p.Listed)];
        Person[] others = [.. Persons.Where(p => !p.Listed)];
        bool listedFirst = ListedFaceFirstCameras.Contains(camera);
        Person? first = Pick(listedFirst ? listed : others, camera / 2);
        Person? second = Pick(listedFirst ? others : camera % 4 == 3 ? listed : others, camera);
        Slot?[] loop =
        [
            new(vehicles[0], null, 4.8f, camera % 4),
            first is null ? null : new(null, first, 4.4f, camera % 3),
            new(vehicles[1], null, 4.6f, (camera + 1) % 4),
            new(vehicles[2], null, 4.6f, (camera + 2) % 4),
            second is null ? null : new(null, second, 4.2f, (camera + 1) % 3),
            new(vehicles[3], null, 3.6f, 4),
        ];
        return [.. loop.OfType<Slot>()];
    }

    private static Person? Pick(Person[] from, int index) => from.Length == 0 ? null : from[index % from.Length];
}
