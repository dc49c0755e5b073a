using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>Watches one item of a plan while positions come in the order of their times.</summary>
internal abstract class PatrolWatch(PatrolItem item, PatrolShift window)
{
    private readonly List<PatrolTick> ticks = [];

    protected PatrolItem Item { get; } = item;

    protected double NearestMetres { get; set; } = double.PositiveInfinity;

    protected long LongestMs { get; set; }

    protected long HeldMs { get; set; }

    protected virtual double CoveredShare => 0;

    protected virtual long StayedMs => 0;

    private long? since, leftAt;
    private bool outsideHours;

    /// <summary>A position that counts; <paramref name="sinceMs"/> is what has passed since the one before, 0 after a gap.</summary>
    public void Take(PatrolFix fix, PatrolFix before, long sinceMs)
    {
        // Time before the window's start is not time within it.
        if (window.Has(fix.AtUnixMs))
            Look(fix, before, Math.Min(sinceMs, fix.AtUnixMs - window.FromUnixMs));
        else
            outsideHours |= IsAt(fix);
    }

    public PatrolTally Tally() => new()
    {
        ItemId = Item.ItemId,
        Ticks = [.. ticks],
        NearestMetres = double.IsFinite(NearestMetres) ? Math.Round(NearestMetres, 1) : null,
        LongestMs = LongestMs,
        HeldMs = HeldMs,
        CoveredShare = CoveredShare,
        SinceUnixMs = since,
        LeftAtUnixMs = leftAt,
        StayedMs = StayedMs,
        OutsideHours = outsideHours,
    };

    /// <summary>Whether it is there, of what can be outside its hours.</summary>
    protected virtual bool IsAt(PatrolFix fix) => false;

    protected void Is(bool there, PatrolFix fix)
    {
        if (there)
            since ??= fix.AtUnixMs;
        else if (since is not null)
            (since, leftAt) = (null, fix.AtUnixMs);
    }

    protected abstract void Look(PatrolFix fix, PatrolFix before, long sinceMs);

    /// <summary>Ticks beyond what is asked for are counted up to a bound: a car that stands beside a point all shift fills no memory.</summary>
    protected void Tick(PatrolFix fix)
    {
        if (ticks.Count < PatrolRules.MostTicks)
            ticks.Add(new PatrolTick(fix.AtUnixMs, fix.OfficerId));
    }

    public static PatrolWatch Of(PatrolItem item, PatrolShift window) => item.Kind switch
    {
        PatrolItemKind.Point => new PointWatch(item, window),
        PatrolItemKind.Line => new LineWatch(item, window),
        _ => new StayWatch(item, window),
    };
}

/// <summary>A visit: within the tolerance without leaving it, for the dwell. The next one begins when the car has been seen outside.</summary>
internal sealed class PointWatch(PatrolItem item, PatrolShift window) : PatrolWatch(item, window)
{
    private readonly LocalPlane plane = LocalPlane.Around(item.Shape[0]);
    private bool within, counted;
    private long stayedMs;

    protected override long StayedMs => stayedMs;

    protected override void Look(PatrolFix fix, PatrolFix before, long sinceMs)
    {
        var metres = plane.Of(fix.LatitudeDegrees, fix.LongitudeDegrees).Length;
        NearestMetres = Math.Min(NearestMetres, metres);
        Is(metres <= Item.ToleranceMetres, fix);
        if (metres > Item.ToleranceMetres)
        {
            (within, counted, stayedMs) = (false, false, 0);
            return;
        }
        // Over a gap nothing is known: the visit may go on, its time does not.
        stayedMs = within ? stayedMs + sinceMs : 0;
        within = true;
        LongestMs = Math.Max(LongestMs, stayedMs);
        if (counted || stayedMs < Item.DwellSeconds * 1000L)
            return;
        counted = true;
        Tick(fix);
    }
}

/// <summary>Time within a beat, or at a standing post: added up, whoever left and came back.</summary>
internal sealed class StayWatch : PatrolWatch
{
    private readonly LocalPlane plane;
    private readonly PlanePoint[] ring;
    private bool within, ticked;

    public StayWatch(PatrolItem item, PatrolShift window)
        : base(item, window)
    {
        plane = LocalPlane.Around(item.Shape[0]);
        ring = [.. item.Shape.Select(plane.Of)];
    }

    protected override void Look(PatrolFix fix, PatrolFix before, long sinceMs)
    {
        var at = plane.Of(fix.LatitudeDegrees, fix.LongitudeDegrees);
        var metres = Metres(at);
        NearestMetres = Math.Min(NearestMetres, metres);
        var stays = metres <= (Item.Kind == PatrolItemKind.Post ? Item.ToleranceMetres : 0);
        Is(stays, fix);
        if (stays && within)
            HeldMs += sinceMs;
        within = stays;
        if (ticked || !stays || HeldMs < Item.LeastMinutes * 60_000L)
            return;
        ticked = true;
        Tick(fix);
    }

    protected override bool IsAt(PatrolFix fix) =>
        Item.Kind == PatrolItemKind.Post && plane.Of(fix.LatitudeDegrees, fix.LongitudeDegrees).Length <= Item.ToleranceMetres;

    private double Metres(PlanePoint at)
    {
        if (Item.Kind == PatrolItemKind.Post)
            return at.Length;
        return at.IsWithin(ring) ? 0 : Enumerable.Range(0, ring.Length).Min(n => at.MetresToPiece(ring[n], ring[(n + 1) % ring.Length]));
    }
}

/// <summary>
/// A line in pieces of at most 25 m. A piece is covered when its middle lay within the tolerance of the way between two positions that
/// count and are no gap apart; the line when nine tenths of its length are. Then it begins anew.
/// </summary>
internal sealed class LineWatch : PatrolWatch
{
    private const double PieceMetres = 25;
    private readonly LocalPlane plane;
    private readonly PlanePoint[] middles;
    private readonly bool[] covered;
    private int done;
    private double best;

    public LineWatch(PatrolItem item, PatrolShift window)
        : base(item, window)
    {
        plane = LocalPlane.Around(item.Shape[0]);
        middles = [.. Middles([.. item.Shape.Select(plane.Of)])];
        covered = new bool[middles.Length];
    }

    protected override double CoveredShare => best;

    protected override void Look(PatrolFix fix, PatrolFix before, long sinceMs)
    {
        var to = plane.Of(fix.LatitudeDegrees, fix.LongitudeDegrees);
        var from = sinceMs > 0 ? plane.Of(before.LatitudeDegrees, before.LongitudeDegrees) : to;
        for (var at = 0; at < middles.Length; at++)
        {
            var metres = middles[at].MetresToPiece(from, to);
            NearestMetres = Math.Min(NearestMetres, metres);
            if (covered[at] || metres > Item.ToleranceMetres)
                continue;
            covered[at] = true;
            done++;
        }
        best = Math.Max(best, (double)done / middles.Length);
        if (done < Math.Ceiling(middles.Length * PatrolRules.LineCoveredShare))
            return;
        Tick(fix);
        Array.Clear(covered);
        done = 0;
    }

    private static IEnumerable<PlanePoint> Middles(PlanePoint[] way)
    {
        for (var at = 0; at + 1 < way.Length; at++)
        {
            var pieces = Math.Max(1, (int)Math.Ceiling((way[at + 1] - way[at]).Length / PieceMetres));
            for (var n = 0; n < pieces; n++)
                yield return way[at].Towards(way[at + 1], (n + 0.5) / pieces);
        }
    }
}
