using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Track events as a car's coder makes them: ten seconds a segment, one position a second.</summary>
internal sealed class TrackOfCar(long startUnixMs)
{
    public const double Latitude = 39.9, Longitude = 116.4;
    public static readonly LocalPlane Plane = new(Latitude, Longitude);
    private ulong number;

    public long Now { get; private set; } = startUnixMs;

    /// <summary>Segments over these seconds, going where it is told (metres east and north of 39.9, 116.4).</summary>
    public IReadOnlyList<Event> Drive(int seconds, Func<int, (double East, double North)> where, Action<Position>? change = null)
    {
        var events = new List<Event>();
        for (var done = 0; done < seconds; done += 10)
        {
            var points = Enumerable.Range(done, Math.Min(10, seconds - done)).Select(n => Plane.Back(new PlanePoint(where(n).East, where(n).North))).ToList();
            var segment = new TrackSegment
            {
                Base = new Position { AtUnixMs = Now, Fix = GnssFix._3D, LatitudeDegrees = points[0].LatitudeDegrees, LongitudeDegrees = points[0].LongitudeDegrees, OfficerId = "010001" },
            };
            change?.Invoke(segment.Base);
            var (latitude, longitude) = (points[0].LatitudeDegrees, points[0].LongitudeDegrees);
            foreach (var point in points.Skip(1))
            {
                segment.TimeDelta.Add(10);
                var (north, east) = ((int)Math.Round((point.LatitudeDegrees - latitude) / 1e-6), (int)Math.Round((point.LongitudeDegrees - longitude) / 1e-6));
                segment.LatitudeDelta.Add(north);
                segment.LongitudeDelta.Add(east);
                segment.SpeedDelta.Add(0);
                segment.HeadingDelta.Add(0);
                (latitude, longitude) = (latitude + (north * 1e-6), longitude + (east * 1e-6));
            }
            var made = RawCar.Event(Lane.Positions, ++number, e => e.Track = segment);
            (made.CapturedAtUnixMs, made.TimeTrust) = (Now + (points.Count * 1000L), TimeTrust.Gnss);
            Now += points.Count * 1000L;
            events.Add(made);
        }
        return events;
    }

    public void Wait(int seconds) => Now += seconds * 1000L;

    public static CarMessage Live(double east, double north, Action<LivePosition>? change = null)
    {
        var place = Plane.Back(new PlanePoint(east, north));
        var live = new LivePosition
        {
            Position = new Position { AtUnixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), Fix = GnssFix._3D, LatitudeDegrees = place.LatitudeDegrees, LongitudeDegrees = place.LongitudeDegrees },
        };
        change?.Invoke(live);
        return new CarMessage { Position = live };
    }
}
