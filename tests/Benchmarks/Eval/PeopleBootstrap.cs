using EdgeAgent.Benchmarks.Reporting;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>
/// Intervals for figures that come from people: people are drawn again with replacement, with everything that is theirs, since two
/// pictures of one person are not two independent tries.
/// </summary>
internal static class PeopleBootstrap
{
    private const int Times = 1000;
    private const int Seed = 20240607;

    /// <param name="people">How many there are.</param>
    /// <param name="value">The figure itself.</param>
    /// <param name="figure">The same with person i counted as often as the array says.</param>
    /// <param name="count">Tries behind the figure.</param>
    public static Interval Of(int people, double value, int count, Func<int[], double> figure)
    {
        var random = new Random(Seed);
        var weights = new int[people];
        var figures = new double[Times];
        for (int i = 0; i < Times; i++)
        {
            Array.Clear(weights);
            for (int drawn = 0; drawn < people; drawn++)
                weights[random.Next(people)]++;
            figures[i] = figure(weights);
        }
        return Interval.Bootstrap(value, figures, count);
    }
}
