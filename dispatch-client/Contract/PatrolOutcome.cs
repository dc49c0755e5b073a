using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

public enum PatrolState
{
    /// <summary>Its hours lie outside this shift.</summary>
    None,

    /// <summary>Its time has not come.</summary>
    Later,
    Due,
    Done,
    Missed,
}

/// <summary>What became of one item in one shift, over all cars that the plan was given to.</summary>
/// <param name="Done">How often, or minutes; out of <paramref name="Wanted"/>.</param>
/// <param name="Code">Why it is not done: no_car, no_fix, never_near, outside_hours, too_short, too_few, partly_covered, not_kept; "" where it is, or nothing is wanted.</param>
public sealed record PatrolOutcome(PatrolState State, double Done, double Wanted, string Code)
{
    /// <summary>Judges an item as of now by what each car did. Visits of all cars count together, and so does their time at a post.</summary>
    public static PatrolOutcome Of(PatrolRoute route, PatrolItem item, PatrolShift shift, long nowUnixMs, IReadOnlyCollection<PatrolRecord> cars)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(cars);
        if (PatrolShifts.Window(route, item, shift) is not { } window)
            return new PatrolOutcome(PatrolState.None, 0, 0, "");
        var tallies = cars.SelectMany(car => car.Tallies.Where(tally => tally.ItemId == item.ItemId)).ToList();
        var (done, wanted) = Count(item, tallies);
        if (done >= wanted)
            return new PatrolOutcome(PatrolState.Done, done, wanted, "");
        var state = nowUnixMs < window.FromUnixMs ? PatrolState.Later : nowUnixMs < window.ToUnixMs ? PatrolState.Due : PatrolState.Missed;
        return new PatrolOutcome(state, done, wanted, state == PatrolState.Later ? "" : Why(item, cars, tallies));
    }

    private static (double Done, double Wanted) Count(PatrolItem item, List<PatrolTally> tallies)
    {
        if (item.Kind is PatrolItemKind.Point or PatrolItemKind.Line)
            return (tallies.Sum(tally => tally.Ticks.Count), Math.Max(1, item.Times));
        // Being there is enough: a tick stands for it.
        return item.LeastMinutes == 0
            ? (tallies.Any(tally => tally.Ticks.Count > 0) ? 1 : 0, 1)
            : (Math.Round(tallies.Sum(tally => tally.HeldMs) / 60_000.0, 2), item.LeastMinutes);
    }

    private static string Why(PatrolItem item, IReadOnlyCollection<PatrolRecord> cars, List<PatrolTally> tallies)
    {
        if (cars.All(car => car.Positions == 0))
            return "no_car";
        if (cars.All(car => car.Counting == 0))
            return "no_fix";
        var reach = item.Kind == PatrolItemKind.Beat ? 0 : item.ToleranceMetres;
        if (!tallies.Any(tally => tally.NearestMetres <= reach))
            return tallies.Any(tally => tally.OutsideHours) ? "outside_hours" : "never_near";
        return item.Kind switch
        {
            PatrolItemKind.Point => tallies.Any(tally => tally.Ticks.Count > 0) ? "too_few" : "too_short",
            PatrolItemKind.Line => tallies.Any(tally => tally.Ticks.Count > 0) ? "too_few" : "partly_covered",
            _ => "not_kept",
        };
    }
}
