using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Rig.Drives;

/// <summary>An encounter and when it begins, seconds of the clip.</summary>
internal sealed record Scheduled(Encounter Encounter, float StartSeconds);

/// <summary>
/// Draws encounters at random until each width has its share, and packs them into a clip so that no vehicle hides another's plate.
/// </summary>
internal sealed class Traffic(DriveSetting setting, Random random)
{
    /// <summary>Nothing comes by so long: who begins to look meanwhile misses nothing.</summary>
    public const float LeadInSeconds = 4;

    /// <summary>The last has gone this long before the loop begins again.</summary>
    private const float TailSeconds = 1.5f;

    private const float LeastCountedSeconds = 0.6f;
    private const double FollowingShare = 0.35;
    private const float NearestMetres = 2.4f;
    private const float FarthestWidthPx = 36;
    private const int MostAtOnce = 5;
    private const float LongestSeconds = 6;
    private const int MostMissed = 40;
    private const int Draws = 4000;

    /// <summary>Greatest plate width, pixels of 1920, and how many encounters of that kind make a round.</summary>
    private static readonly (float From, float To, int Count)[] Widths = [(48, 62, 3), (65, 79, 7), (81, 109, 6), (111, 158, 5), (161, 225, 4)];

    private static readonly (PlateClass Class, int Weight)[] Classes =
    [
        (PlateClass.Blue, 40), (PlateClass.Green, 20), (PlateClass.GreenBig, 6), (PlateClass.Yellow, 10), (PlateClass.YellowTwoRow, 8), (PlateClass.White, 8), (PlateClass.Black, 8),
    ];

    private static readonly Colour[] Bodies =
        [new(226, 228, 230), new(40, 42, 46), new(128, 132, 138), new(150, 28, 30), new(36, 62, 116), new(92, 84, 72), new(196, 198, 200), new(236, 196, 60)];

    private readonly HashSet<string> taken = [];

    public List<Scheduled> Fill(float clipSeconds)
    {
        var scheduled = new List<Scheduled>();
        var tried = new float[Widths.Length];
        for (int missed = 0; missed < MostMissed;)
        {
            // The width that has had least of its share; a vain try counts as well, or one that this camera never sees would block all.
            int width = Enumerable.Range(0, Widths.Length).MinBy(w => tried[w] / Widths[w].Count);
            tried[width]++;
            if (Draw(Widths[width].From, Widths[width].To) is { } encounter && Place(encounter, scheduled, clipSeconds - TailSeconds) is { } placed)
            {
                scheduled.Add(placed);
                missed = 0;
            }
            else
            {
                tried[width] -= 0.5f;
                missed++;
            }
        }
        return scheduled;
    }

    private static Scheduled? Place(Encounter encounter, List<Scheduled> scheduled, float endSeconds)
    {
        for (float start = LeadInSeconds; start + encounter.Seconds <= endSeconds; start += 0.2f)
        {
            float begin = start;
            Scheduled[] meanwhile = [.. scheduled.Where(s => s.StartSeconds < begin + encounter.Seconds && s.StartSeconds + s.Encounter.Seconds > begin)];
            if (meanwhile.Length < MostAtOnce && !meanwhile.Any(s => encounter.Covers(s.Encounter, s.StartSeconds - begin)))
                return new Scheduled(encounter, start);
        }
        return null;
    }

    /// <summary>An encounter whose plate grows to such a width and stays long enough; null when this camera sees none such.</summary>
    private Encounter? Draw(float fromPx, float toPx)
    {
        bool follows = random.NextDouble() < FollowingShare;
        for (int draw = 0; draw < Draws; draw++)
        {
            if ((follows ? Following() : GoingBy()) is not { } encounter)
                continue;
            (float most, float seconds) = encounter.Seen(Math.Min(DriveVisit.CountedWidthPx, fromPx));
            if (most >= fromPx && most <= toPx && seconds >= LeastCountedSeconds && taken.Add(encounter.Plate.Text))
                return encounter;
        }
        return null;
    }

    private Encounter? GoingBy()
    {
        // Who stands passes nothing that is parked.
        DriveCourse course = (DriveCourse)random.Next(setting.OwnKmh > 0 ? 0 : 1, 3);
        float towards = setting.Astern ? -1 : 1;
        return course switch
        {
            DriveCourse.Parked => Straight(course, towards * setting.OwnMetresPerSecond, Between(2.3f, 6) * (random.NextDouble() < 0.8 ? 1 : -1)),
            DriveCourse.Overtaking => Straight(course, Between(1.2f, 7) * Sign(), Between(2.6f, 4) * Sign()),
            _ => Straight(course, setting.OwnKmh > 0 ? towards * (setting.OwnMetresPerSecond + Between(4, 12)) : Between(3, 14) * Sign(), Between(2.8f, 7.5f) * Sign()),
        };
    }

    /// <param name="closing">Metres a second towards us.</param>
    /// <param name="across">Metres to the right of our own way.</param>
    private Encounter? Straight(DriveCourse course, float closing, float across)
    {
        (float sin, float cos) = MathF.SinCos(setting.MountDegrees * MathF.PI / 180);
        float aheadSeconds = 40 / MathF.Abs(closing);
        var path = new List<Waypoint>();
        for (float t = -aheadSeconds; t <= aheadSeconds; t += 0.1f)
        {
            float ahead = -closing * t;
            var at = new Waypoint(t, across * cos - ahead * sin, across * sin + ahead * cos);
            if (IsNearView(at))
                path.Add(at with { Seconds = path.Count * 0.1f });
            else if (path.Count > 0)
                break;
        }
        if (path.Count < 3 || path.Count > LongestSeconds * 10)
            return null;
        float heading = setting.MountDegrees + Between(-8, 8);
        return New(course, [.. path], heading, MathF.Abs(closing) * 3.6f);
    }

    private Encounter Following()
    {
        float distance = Between(4, 17), sway = Between(0, 0.25f), seconds = Between(2.2f, 3.8f), period = Between(3, 6), side = Sign();
        bool stands = random.Next(3) == 0;
        var path = new List<Waypoint>();
        for (float t = 0; t <= seconds; t += 0.1f)
        {
            float z = distance * (1 + (stands ? 0 : sway * MathF.Sin(2 * MathF.PI * t / period)));
            float away = Math.Max(0, Math.Max(1 - t, t - seconds + 1));
            // In from one side, out at the other: quickly at first, then settled.
            float x = MathF.Pow(away, 1.5f) * (0.5f * z + 2) * side * (t < seconds / 2 ? -1 : 1);
            path.Add(new Waypoint(t, x, z));
        }
        return New(DriveCourse.Following, [.. path], Between(-12, 12) + (MathF.Abs(setting.MountDegrees) > 0 ? setting.MountDegrees * Between(0.3f, 1.3f) : 0), stands ? 0 : distance * sway * 2 * MathF.PI / period * 3.6f);
    }

    private Encounter New(DriveCourse course, Waypoint[] path, float yaw, float kmh)
    {
        PlateClass kind = Weighted();
        bool big = kind is PlateClass.Yellow or PlateClass.YellowTwoRow or PlateClass.GreenBig;
        VehicleEnd end = random.Next(2) == 0 && kind != PlateClass.YellowTwoRow ? VehicleEnd.Front : VehicleEnd.Rear;
        return new Encounter(
            Plate.Random(kind, random), big ? VehicleShape.Van : VehicleShape.Car, end, Bodies[random.Next(Bodies.Length)],
            course, path, Math.Clamp(yaw, -45, 45), Between(-3, 3), kmh);
    }

    /// <summary>While any of the plate is in the picture: the rest of the vehicle need not be drawn after that.</summary>
    private static bool IsNearView(in Waypoint at) =>
        at.Z >= NearestMetres && DriveSetting.FocalPx * 0.44f / at.Z >= FarthestWidthPx && MathF.Abs(at.X) - 0.5f < 960 / DriveSetting.FocalPx * at.Z;

    private PlateClass Weighted()
    {
        int at = random.Next(Classes.Sum(c => c.Weight));
        return Classes.First(c => (at -= c.Weight) < 0).Class;
    }

    private float Between(float low, float high) => low + (high - low) * random.NextSingle();

    private float Sign() => random.Next(2) * 2 - 1;
}
