using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Patrolling;

/// <summary>One route in one shift, as this car has driven it so far. Not thread-safe.</summary>
internal sealed class DutyShift(PatrolRoute route, PatrolShift shift)
{
    private const int MostGaps = 500, MostDrawn = 60;

    private readonly PatrolRules rules = new(route, shift);
    private readonly List<PatrolShift> gaps = [];
    private long knownAt = shift.FromUnixMs;

    public PatrolRoute Route => route;

    public PatrolShift Shift => shift;

    /// <summary>What a map draws of each item, [latitude, longitude]; of a long shape some of its points.</summary>
    public IReadOnlyDictionary<string, double[][]> Shapes { get; } = route.Items.ToDictionary(item => item.ItemId, Drawn);

    public PatrolRecord Record() => rules.Record();

    public void Take(PatrolFix fix)
    {
        if (!shift.Has(fix.AtUnixMs) || fix.AtUnixMs <= rules.LastAtUnixMs)
            return;
        rules.Take(fix);
        if (!fix.Counts)
            return;
        if (fix.AtUnixMs - knownAt > PatrolRules.LongestGapMs && gaps.Count < MostGaps)
            gaps.Add(new PatrolShift(knownAt, fix.AtUnixMs));
        knownAt = fix.AtUnixMs;
    }

    /// <summary>How long nobody knew where the car was, within these hours.</summary>
    public long UnknownMs(PatrolShift within, long nowUnixMs)
    {
        long to = Math.Min(nowUnixMs, shift.ToUnixMs);
        IEnumerable<PatrolShift> all = to - knownAt > PatrolRules.LongestGapMs ? gaps.Append(new PatrolShift(knownAt, to)) : gaps;
        return all.Sum(gap => Math.Max(0, Math.Min(gap.ToUnixMs, within.ToUnixMs) - Math.Max(gap.FromUnixMs, within.FromUnixMs)));
    }

    private static double[][] Drawn(PatrolItem item)
    {
        int step = Math.Max(1, (item.Shape.Count + MostDrawn - 1) / MostDrawn);
        return [.. item.Shape.Where((_, at) => at % step == 0 || at == item.Shape.Count - 1)
            .Select(point => new[] { Math.Round(point.LatitudeDegrees, 6), Math.Round(point.LongitudeDegrees, 6) })];
    }
}
