using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>Where a car was, as far as it may be believed.</summary>
/// <param name="Counts">False: no fix, repeated after the fix was lost, or suspected of a jump; such a position ticks nothing.</param>
public readonly record struct PatrolFix(long AtUnixMs, double LatitudeDegrees, double LongitudeDegrees, bool Counts, string OfficerId)
{
    public static PatrolFix Of(Position position)
    {
        ArgumentNullException.ThrowIfNull(position);
        var counts = position is { Stale: false, Suspect: false, Fix: GnssFix._2D or GnssFix._3D or GnssFix.DeadReckoning }
            && Math.Abs(position.LatitudeDegrees) <= 90 && Math.Abs(position.LongitudeDegrees) <= 180;
        return new PatrolFix(position.AtUnixMs, position.LatitudeDegrees, position.LongitudeDegrees, counts, position.OfficerId);
    }
}

/// <summary>That an item was done: when, and by which officer on duty ("" for none signed in).</summary>
public sealed record PatrolTick(long AtUnixMs, string OfficerId);

/// <summary>How far one car got with one item in one shift.</summary>
public sealed record PatrolTally
{
    public required string ItemId { get; init; }

    /// <summary>Point: visits; line: times covered; post and beat: when the least time was reached.</summary>
    public required IReadOnlyList<PatrolTick> Ticks { get; init; }

    /// <summary>Null: no position that counts.</summary>
    public double? NearestMetres { get; init; }

    /// <summary>Point: the longest stay.</summary>
    public long LongestMs { get; init; }

    /// <summary>Post and beat: the time there.</summary>
    public long HeldMs { get; init; }

    /// <summary>Point, post and beat: there since, at the newest position that counts; null: it is elsewhere.</summary>
    public long? SinceUnixMs { get; init; }

    /// <summary>When it left last.</summary>
    public long? LeftAtUnixMs { get; init; }

    /// <summary>Point: how long the present stay has lasted.</summary>
    public long StayedMs { get; init; }

    /// <summary>Post: somebody was there, but not within its hours.</summary>
    public bool OutsideHours { get; init; }

    /// <summary>Line: the most of it that was covered at one go, 0 to 1.</summary>
    public double CoveredShare { get; init; }
}

/// <summary>One car in one shift.</summary>
public sealed record PatrolRecord
{
    /// <summary>Positions of the shift, and those of them that count.</summary>
    public long Positions { get; init; }

    public long Counting { get; init; }

    public required IReadOnlyList<PatrolTally> Tallies { get; init; }
}

/// <summary>
/// Decides what of a plan one car has done in one shift: visited, covered, kept. Pure: the same positions give the same answer, in the
/// car without a link and at the centre. Positions come in the order of their times; one that is not newer is left out. Between two that
/// are more than <see cref="LongestGapMs"/> apart nothing is assumed.
/// </summary>
public sealed class PatrolRules
{
    /// <summary>Longer than this between two positions is a gap.</summary>
    public const long LongestGapMs = 10_000;

    /// <summary>A must-patrol line is covered when this share of its length is.</summary>
    public const double LineCoveredShare = 0.9;

    /// <summary>Ticks kept for an item of a car and shift.</summary>
    public const int MostTicks = 100;

    private readonly PatrolShift shift;
    private readonly PatrolWatch[] watches;
    private PatrolFix before;
    private bool any;
    private long positions, counting;

    public PatrolRules(PatrolRoute route, PatrolShift shift)
    {
        ArgumentNullException.ThrowIfNull(route);
        this.shift = shift;
        // An item whose hours lie outside this shift stays in the record, with nothing to count.
        watches = [.. route.Items.Select(item => PatrolWatch.Of(item, PatrolShifts.Window(route, item, shift) ?? default))];
    }

    /// <summary>Time of the newest position taken, counting or not; 0 before the first.</summary>
    public long LastAtUnixMs { get; private set; }

    public void Take(PatrolFix fix)
    {
        if (!shift.Has(fix.AtUnixMs) || fix.AtUnixMs <= LastAtUnixMs)
            return;
        LastAtUnixMs = fix.AtUnixMs;
        positions++;
        if (!fix.Counts)
            return;
        counting++;
        var since = any ? fix.AtUnixMs - before.AtUnixMs : 0;
        since = since <= LongestGapMs ? since : 0;
        foreach (var watch in watches)
            watch.Take(fix, before, since);
        (before, any) = (fix, true);
    }

    public PatrolRecord Record() => new() { Positions = positions, Counting = counting, Tallies = [.. watches.Select(watch => watch.Tally())] };
}
