using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Patrolling;

/// <summary>
/// How far this car is with what it is to patrol: its own positions, judged by the rules that the centre judges by. What other cars of the
/// same plan did, only the centre knows. Survives restarts (<see cref="DutyTrail"/>).
/// </summary>
internal sealed class DutyBook
{
    /// <summary>A shift that is over stays for so long, so that what was missed can be explained.</summary>
    private const long ShownAfterMs = 3_600_000;

    private const long LookEveryMs = 5_000;

    private readonly Lock gate = new();
    private readonly PatrolBook plans;
    private readonly DutyTrail trail;
    private readonly TrustedClock clock;
    private List<DutyShift> going = [];
    private long lookAtUnixMs;
    private ulong lookedVersion;

    public DutyBook(PatrolBook plans, PositionBook positions, DutyTrail trail, TrustedClock clock)
    {
        (this.plans, this.trail, this.clock) = (plans, trail, clock);
        positions.Moved += Take;
    }

    /// <summary>Looks at each shift as of now, one after another, while nothing moves.</summary>
    public IReadOnlyList<T> Look<T>(Func<DutyShift, long, IEnumerable<T>> at)
    {
        long now = clock.NowUnixMs;
        lock (gate)
        {
            Follow(now);
            return [.. going.SelectMany(shift => at(shift, now))];
        }
    }

    /// <summary>The item of a shift that is shown; null for any other.</summary>
    public (PatrolRoute Route, PatrolItem Item, PatrolShift Shift)? Find(string planId, string itemId)
    {
        lock (gate)
        {
            Follow(clock.NowUnixMs);
            return going.Find(g => g.Route.PlanId == planId) is { } shift && shift.Route.Items.FirstOrDefault(i => i.ItemId == itemId) is { } item
                ? (shift.Route, item, shift.Shift)
                : null;
        }
    }

    private void Take(Position position)
    {
        PatrolFix fix = PatrolFix.Of(position);
        // When nobody vouches for the time, nobody knows in which shift this was.
        fix = fix with { Counts = fix.Counts && clock.Trust != TimeTrust.Untrusted };
        lock (gate)
        {
            Follow(fix.AtUnixMs);
            foreach (DutyShift shift in going)
                shift.Take(fix);
            if (fix.Counts && going.Count > 0)
                trail.Add(position, going.Min(shift => shift.Shift.FromUnixMs));
        }
    }

    /// <summary>Takes up shifts that begin and plans that change, lets go of what is over. Under the gate.</summary>
    private void Follow(long nowUnixMs)
    {
        PatrolPlan plan = plans.Current;
        if (plan.Version == lookedVersion && nowUnixMs < lookAtUnixMs && nowUnixMs > lookAtUnixMs - (2 * LookEveryMs))
            return;
        (lookedVersion, lookAtUnixMs) = (plan.Version, nowUnixMs + LookEveryMs);
        var wanted = plan.Routes.Select(route => (Route: route, Shift: ShiftOf(route, nowUnixMs))).Where(w => w.Shift is not null).ToList();
        List<DutyShift> next = [.. wanted.Select(w => going.Find(g => g.Route.Equals(w.Route) && g.Shift == w.Shift) ?? new DutyShift(w.Route, w.Shift!.Value))];
        List<DutyShift> begun = [.. next.Except(going)];
        if (begun.Count > 0)
        {
            foreach (PatrolFix fix in trail.Read())
                begun.ForEach(shift => shift.Take(fix));
        }
        going = next;
    }

    /// <summary>The shift that goes on; else the one that has just ended.</summary>
    private static PatrolShift? ShiftOf(PatrolRoute route, long nowUnixMs)
    {
        IReadOnlyList<PatrolShift> shifts = PatrolShifts.Between(route, nowUnixMs - ShownAfterMs, nowUnixMs + 1);
        return shifts.Count > 0 ? shifts[^1] : null;
    }
}
