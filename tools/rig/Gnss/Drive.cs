using System.Numerics;

namespace EdgeAgent.Rig.Gnss;

/// <summary>Where the car is at an instant of its drive.</summary>
/// <param name="Latitude">Degrees, WGS 84.</param>
/// <param name="Longitude">Degrees, WGS 84.</param>
/// <param name="HeadingDegrees">Clockwise from north; keeps its value while the car stands.</param>
internal readonly record struct DrivePoint(double Latitude, double Longitude, double SpeedMps, double HeadingDegrees)
{
    private const double MetresPerDegree = 111_320;

    /// <summary>The same, moved by metres.</summary>
    public DrivePoint Moved(double eastMetres, double northMetres) => this with
    {
        Latitude = Latitude + northMetres / MetresPerDegree,
        Longitude = Longitude + eastMetres / (MetresPerDegree * Math.Cos(Latitude * Math.PI / 180)),
    };
}

/// <summary>
/// A patrol around some blocks of Hangzhou, about ten minutes, then again: 50 km/h at most, slower around corners, stops at
/// lights, accelerations of town traffic. One position a second, all computed from the street corners below.
/// </summary>
internal sealed class Drive
{
    private const double CruiseMps = 13.5;
    private const double CornerMps = 5;
    private const double Acceleration = 1.3;
    private const double Deceleration = 1.8;
    private const double CornerRadiusMetres = 14;
    private const double StepSeconds = 0.1;
    private const int StepsASecond = 10;

    private static readonly DrivePoint Start = new(30.2741, 120.1551, 0, 0);

    /// <summary>Metres east and north of the start; back to the first at the end.</summary>
    private static readonly Vector2[] Corners =
    [
        new(0, 0), new(0, 620), new(540, 640), new(560, 1240), new(1320, 1260), new(1340, 520), new(1900, 500), new(1880, -260), new(980, -280), new(960, -20),
    ];

    /// <summary>Red lights: which corner, and for how long in seconds.</summary>
    private static readonly Dictionary<int, double> Lights = new() { [2] = 28, [4] = 42, [6] = 18, [8] = 35 };

    private readonly List<DrivePoint> seconds = [];

    public Drive()
    {
        List<(Vector2 At, double LimitMps, double HoldSeconds)> track = Track();
        Limit(track);
        Simulate(track);
    }

    public TimeSpan Length => TimeSpan.FromSeconds(seconds.Count);

    /// <param name="second">From the start of the first round.</param>
    public DrivePoint At(long second) => seconds[(int)(second % seconds.Count)];

    /// <summary>A point a metre, with the speed that may be driven there. Corners are rounded.</summary>
    private static List<(Vector2 At, double LimitMps, double HoldSeconds)> Track()
    {
        var track = new List<(Vector2, double, double)>();
        for (int i = 0; i < Corners.Length; i++)
        {
            Vector2 corner = Corners[i];
            Vector2 before = Vector2.Normalize(Corners[(i + Corners.Length - 1) % Corners.Length] - corner);
            Vector2 next = Corners[(i + 1) % Corners.Length];
            Vector2 after = Vector2.Normalize(next - corner);
            float radius = (float)CornerRadiusMetres;
            for (int step = 0; step <= 20; step++)
            {
                float t = step / 20f;
                // A quadratic curve from one street into the other.
                Vector2 at = (1 - t) * (1 - t) * (corner + before * radius) + 2 * t * (1 - t) * corner + t * t * (corner + after * radius);
                track.Add((at, CornerMps, step == 0 ? Lights.GetValueOrDefault(i) : 0));
            }
            float length = (next - corner).Length() - radius;
            for (float along = radius + 1; along < length; along += 1)
                track.Add((corner + after * along, CruiseMps, 0));
        }
        return track;
    }

    /// <summary>Brakes in time for whatever comes, in one pass from the end.</summary>
    private static void Limit(List<(Vector2 At, double LimitMps, double HoldSeconds)> track)
    {
        for (int i = track.Count - 1; i >= 0; i--)
        {
            (Vector2 at, double limit, double hold) = track[i];
            (Vector2 nextAt, double nextLimit, double nextHold) = track[(i + 1) % track.Count];
            double distance = (nextAt - at).Length();
            double nextSpeed = nextHold > 0 ? 0 : nextLimit;
            track[i] = (at, Math.Min(limit, Math.Sqrt(nextSpeed * nextSpeed + 2 * Deceleration * distance)), hold);
        }
    }

    private void Simulate(List<(Vector2 At, double LimitMps, double HoldSeconds)> track)
    {
        double speed = 0, along = 0, held = 0, heading = 0;
        int index = 0;
        for (int step = 0; index < track.Count - 1; step++)
        {
            (Vector2 at, double limit, double hold) = track[index];
            Vector2 way = track[index + 1].At - at;
            if (way.LengthSquared() > 1e-6)
                heading = (Math.Atan2(way.X, way.Y) * 180 / Math.PI + 360) % 360;
            if (step % StepsASecond == 0)
            {
                Vector2 now = at + way * (float)(way.Length() > 0 ? along / way.Length() : 0);
                seconds.Add(Start.Moved(now.X, now.Y) with { SpeedMps = speed, HeadingDegrees = heading });
            }
            if (hold > held)
            {
                speed = 0;
                held += StepSeconds;
                continue;
            }
            speed = Math.Min(speed + Acceleration * StepSeconds, Math.Max(limit, 0.5));
            along += speed * StepSeconds;
            while (index < track.Count - 1 && along >= (track[index + 1].At - track[index].At).Length())
            {
                along -= (track[index + 1].At - track[index].At).Length();
                index++;
                held = 0;
                if (track[index].HoldSeconds > 0)
                    along = 0;
            }
        }
    }
}
