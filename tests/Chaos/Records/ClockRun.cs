using System.Collections.Concurrent;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.Chaos.Link;
using EdgeAgent.Chaos.Power;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Records;

/// <summary>
/// Lives of a list in a car whose clocks lie: set back and forward by years, batteries dead, machines off for days, satellites forged,
/// the saved time damaged, the program started anew, its validity moved by deltas and a delta lost from the disk. Beside them runs the true time, which alone says when the list ends. Not played,
/// since nothing in a car could tell: a satellite time that is forged to lie between the last that the centre said and the truth.
/// </summary>
internal sealed class ClockRun(int seed, string folder, TextWriter progress, bool believesWall = false)
{
    private const string Unit = "PB-0001";
    private const int MostShown = 5;
    private const long FirstDays = 60;
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 8, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentDictionary<string, int> incidents = new();
    private readonly ConcurrentBag<string> first = [];
    private long looks, matching, suspended;
    private int matchedAfterEnd, matchedOutOfContact, deletedEarly, revived, left;

    public ClockFigures Run(int count, CancellationToken stop)
    {
        string centre = Path.Combine(folder, "centre");
        _ = NewCentre.Make(centre, Unit, new SimulatedTime(Start));
        var keys = new DataFolder(centre);
        CarBooks.Enrol(Path.Combine(folder, "car"), keys, Unit);
        using UnitIdentity unit = UnitIdentity.Load(Path.Combine(folder, "car", "identity"));
        int done = 0;
        _ = Parallel.For(0, count, new ParallelOptions { CancellationToken = stop }, life =>
        {
            string data = Directory.CreateDirectory(Path.Combine(folder, $"life-{life}")).FullName;
            Live(new Random(unchecked((seed * 7919) + life)), life, data, unit, keys);
            Directory.Delete(data, recursive: true);
            if (Interlocked.Increment(ref done) % 200 == 0)
                progress.WriteLine($"  {done} of {count} lives");
        });
        return new ClockFigures(
            seed, count, new SortedDictionary<string, int>(incidents), looks, matching, suspended, matchedAfterEnd, matchedOutOfContact, deletedEarly, revived, left,
            [.. first.Order().Take(MostShown)]);
    }

    private void Live(Random random, int number, string data, UnitIdentity unit, DataFolder keys)
    {
        var clocks = new CarClocks(Start.ToUnixTimeMilliseconds() + random.NextInt64(1000L * 3600 * 24 * FirstDays));
        bool faces = random.Next(2) == 0;
        long ends = clocks.TrueUnixMs + Logarithmic(random, 60_000, Life.Longest(faces));
        byte[] envelope = ListIssuing.Sign(keys, faces ? ScenarioList.Faces(clocks.TrueUnixMs, ends) : ScenarioList.Plates(clocks.TrueUnixMs, ends)).ToByteArray();
        var life = new Life(number, data, unit, clocks, ends, faces, believesWall);
        try
        {
            life.Car.Clock.CentreSaid(clocks.TrueUnixMs);
            life.Contact();
            if (life.Car.Lists.Take(envelope, ScenarioList.ListId, 1).List is null)
                throw new ScenarioException($"life {number}: the list was refused from the start.");
            for (int i = random.Next(8, 24); i > 0; i--)
            {
                Incident(random, life, keys);
                Look(life);
                life.Run(Logarithmic(random, 1000, 12 * 3_600_000L), () => Look(life));
            }
            End(life, envelope);
        }
        finally
        {
            life.Car.Dispose();
        }
    }

    private void Incident(Random random, Life life, DataFolder keys)
    {
        CarClocks clocks = life.Clocks;
        long jump = Logarithmic(random, 1000, 10L * 365 * 24 * 3_600_000);
        string kind = ((string[])["set_back", "set_forward", "off_and_on", "dead_battery", "restart", "centre", "satellite", "satellite_past", "satellite_future", "saved_time_damaged", "delta", "delta_lost"])[random.Next(12)];
        bool played = true;
        switch (kind)
        {
            case "set_back":
                clocks.SetWall(clocks.WallUnixMs - jump);
                break;
            case "set_forward":
                clocks.SetWall(clocks.WallUnixMs + jump);
                break;
            case "off_and_on":
            case "dead_battery":
                life.Restart(() => clocks.SwitchOffAndOn(Logarithmic(random, 1000, 5 * 24 * 3_600_000L), kind == "dead_battery" ? random.Next(2) * 946_684_800_000L : null));
                break;
            case "restart":
                life.Restart(() => { }, killed: random.Next(2) == 0);
                break;
            case "centre":
                life.Car.Clock.CentreSaid(clocks.TrueUnixMs);
                life.Contact();
                break;
            case "satellite":
                life.Car.Clock.GnssSaid(clocks.TrueUnixMs);
                break;
            case "satellite_past":
                life.Car.Clock.GnssSaid(life.Car.Clock.EarliestUnixMs - 5001 - jump);
                break;
            case "satellite_future":
                life.Car.Clock.GnssSaid(clocks.TrueUnixMs + jump);
                break;
            case "delta":
                played = life.Patch(random, keys, Logarithmic(random, 60_000, life.LongestMs));
                break;
            case "delta_lost":
                life.Restart(() => played = life.LoseDelta());
                break;
            default:
                life.Restart(() => life.DamageSavedTime(random));
                break;
        }
        if (played)
            _ = incidents.AddOrUpdate(kind, 1, (_, n) => n + 1);
    }

    private void Look(Life life)
    {
        life.Car.Lists.Tick();
        _ = Interlocked.Increment(ref looks);
        bool over = life.Clocks.TrueUnixMs >= life.EndsUnixMs, holds = life.Car.Holds(ScenarioList.ListId), matches = life.Car.Matches(ScenarioList.ListId);
        if (matches && over)
            Wrong(ref matchedAfterEnd, life, "matched after its end");
        else if (matches && life.IsOutOfContact)
            Wrong(ref matchedOutOfContact, life, "matched while the centre had been out of contact for too long");
        else if (matches && life.HasLostDelta)
            Wrong(ref revived, life, "matched without its delta");
        else if (matches)
            _ = Interlocked.Increment(ref matching);
        else if (holds && !over)
            _ = Interlocked.Increment(ref suspended);
        if (!holds && !over && !life.MayBeGone && !life.SaidGone)
        {
            life.SaidGone = true;
            Wrong(ref deletedEarly, life, "deleted before its end");
        }
    }

    /// <summary>The centre tells a time after its end: it goes, with its key, and nothing brings it back.</summary>
    private void End(Life life, byte[] envelope)
    {
        life.Clocks.Run(Math.Max(1000, life.EndsUnixMs - life.Clocks.TrueUnixMs + 1000));
        life.Car.Clock.CentreSaid(life.Clocks.TrueUnixMs);
        Look(life);
        if (life.Car.Holds(ScenarioList.ListId) || life.ListFilesLeft > 0)
            Wrong(ref left, life, "left behind");
        life.Clocks.SetWall(life.Clocks.WallUnixMs - (365L * 24 * 3_600_000));
        if (life.Car.Lists.Take(envelope, ScenarioList.ListId, 1).List is not null)
            Wrong(ref revived, life, "taken again");
        life.Restart(() => { });
        if (life.Car.Holds(ScenarioList.ListId))
            Wrong(ref revived, life, "back after a restart");
    }

    private void Wrong(ref int counter, Life life, string what)
    {
        _ = Interlocked.Increment(ref counter);
        first.Add($"life {life.Number}: {what}");
    }

    /// <summary>Between the two, each power of ten as likely as the next.</summary>
    private static long Logarithmic(Random random, long from, long to) => (long)(from * Math.Pow((double)to / from, random.NextDouble()));

    /// <summary>One car with one list.</summary>
    private sealed class Life
    {
        private const int StepsOfARun = 6;
        private readonly UnitIdentity unit;
        private readonly string data;
        private readonly bool believesWall;
        private readonly bool faces;
        private ulong version = 1;
        private long ranSinceContactMs, contactUnixMs;

        public Life(int number, string data, UnitIdentity unit, CarClocks clocks, long endsUnixMs, bool faces, bool believesWall)
        {
            (Number, this.data, this.unit, Clocks, EndsUnixMs) = (number, data, unit, clocks, endsUnixMs);
            this.faces = faces;
            AfterContact = faces ? ListCar.Options.FacesAfterContact : ListCar.Options.PlatesAfterContact;
            this.believesWall = believesWall;
            Car = new ListCar(data, unit, ScenarioList.Model, clocks, believesWall);
        }

        public int Number { get; }

        public ListCar Car { get; private set; }

        public CarClocks Clocks { get; }

        /// <summary>Of the newest version that the car took.</summary>
        public long EndsUnixMs { get; private set; }

        public long LongestMs => Longest(faces);

        /// <summary>Without it the car knows an older version than it held, and may match neither.</summary>
        public bool HasLostDelta { get; private set; }

        public bool SaidGone { get; set; }

        /// <summary>Whom nobody could reach for so long of running, nobody could tell of a revocation.</summary>
        public bool MayBeGone { get; private set; }

        /// <summary>By the true time. Satellites may be off by the five seconds that the car's clock allows them.</summary>
        public bool IsOutOfContact => Clocks.TrueUnixMs - contactUnixMs >= (long)AfterContact.TotalMilliseconds + 5000;

        public int ListFilesLeft => Directory.GetFiles(Path.Combine(data, "lists"), "*.key").Length + Directory.GetFiles(Path.Combine(data, "lists"), "*.list").Length
            + Directory.GetFiles(Path.Combine(data, "lists"), "*.delta").Length;

        public static long Longest(bool faces) => (faces ? 23 : 200) * 3_600_000L;

        private TimeSpan AfterContact { get; }

        public void Contact() => (ranSinceContactMs, contactUnixMs) = (0, Clocks.TrueUnixMs);

        /// <summary>The centre sends what leads to a version that ends so long from now.</summary>
        /// <returns>False when it is over, or nothing is held to build on.</returns>
        public bool Patch(Random random, DataFolder keys, long validMs)
        {
            if (!Car.Holds(ScenarioList.ListId) || Clocks.TrueUnixMs >= EndsUnixMs)
                return false;
            Car.Clock.CentreSaid(Clocks.TrueUnixMs);
            Contact();
            long ends = Clocks.TrueUnixMs + validMs;
            Watchlist delta = faces ? ScenarioList.Faces(Clocks.TrueUnixMs, ends) : ScenarioList.Plates(Clocks.TrueUnixMs, ends);
            (delta.Version, delta.DeltaFromVersion, delta.EntriesAfter) = (version + 1, version, faces ? 1U : 2U);
            // What is looked for stays, what stands beside it changes.
            delta.Faces.Clear();
            if (!faces)
                delta.Plates.RemoveAt(0);
            foreach (PlateEntry plate in delta.Plates)
                plate.Plate = $"京B{random.Next(100_000):00000}";
            if (Car.Lists.Take(ListIssuing.Sign(keys, delta).ToByteArray(), ScenarioList.ListId, delta.Version, asDelta: true) is { List: null } refused)
                throw new ScenarioException($"life {Number}: a delta was refused ({refused.Code}).");
            (version, EndsUnixMs) = (delta.Version, ends);
            return true;
        }

        /// <returns>False when there is none to lose.</returns>
        public bool LoseDelta()
        {
            if (Directory.GetFiles(Path.Combine(data, "lists"), "*.delta").Order().LastOrDefault() is not { } newest)
                return false;
            File.Delete(newest);
            HasLostDelta = MayBeGone = true;
            return true;
        }

        public void Run(long ms, Action look)
        {
            for (int step = 0; step < StepsOfARun; step++)
            {
                Clocks.Run(ms / StepsOfARun);
                ranSinceContactMs += ms / StepsOfARun;
                MayBeGone |= ranSinceContactMs >= (long)AfterContact.TotalMilliseconds;
                Car.Clock.Tick();
                look();
            }
        }

        public void Restart(Action meanwhile, bool killed = false)
        {
            if (!killed)
                Car.Clock.Save();
            Car.Dispose();
            meanwhile();
            Car = new ListCar(data, unit, ScenarioList.Model, Clocks, believesWall);
        }

        public void DamageSavedTime(Random random)
        {
            string file = Path.Combine(data, "time.json");
            byte[] bytes = File.ReadAllBytes(file);
            File.WriteAllBytes(file, bytes[..random.Next(bytes.Length)]);
        }
    }
}
