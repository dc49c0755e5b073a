namespace EdgeAgent.Benchmarks.Reporting;

/// <summary>A measured share with the bounds that the true one lies within, 19 times of 20.</summary>
/// <param name="Value">Hits of tries, 0 … 1.</param>
/// <param name="Low">Lower bound.</param>
/// <param name="High">Upper bound.</param>
/// <param name="Count">Tries.</param>
internal readonly record struct Interval(double Value, double Low, double High, int Count)
{
    /// <summary>The normal distribution's 97.5 % point.</summary>
    private const double Z = 1.959964;

    /// <summary>
    /// Wilson's score interval (1927): unlike value ± 1.96 σ it stays within 0 … 1 and holds for few tries and for shares near the
    /// ends. No tries: anything is possible.
    /// </summary>
    public static Interval Wilson(int hits, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, count);
        if (count == 0)
            return new Interval(0, 0, 1, 0);
        double share = (double)hits / count, z2 = Z * Z / count;
        double middle = (share + z2 / 2) / (1 + z2);
        double half = Z / (1 + z2) * Math.Sqrt((share * (1 - share) + z2 / 4) / count);
        // At the ends the formula gives exactly 0 and 1, but for rounding.
        return new Interval(share, hits == 0 ? 0 : middle - half, hits == count ? 1 : middle + half, count);
    }

    /// <summary>For figures that are no share of independent tries: bounds from a resampling, 2.5 % of which lie beyond each.</summary>
    /// <param name="value">The figure itself.</param>
    /// <param name="resampled">The same figure of each resampling; sorted in place.</param>
    /// <param name="count">How many things were resampled.</param>
    public static Interval Bootstrap(double value, double[] resampled, int count)
    {
        Array.Sort(resampled);
        int beyond = (int)(0.025 * resampled.Length);
        return new Interval(value, resampled[beyond], resampled[^(beyond + 1)], count);
    }

    /// <summary>Low and high, rounded for a JSON line.</summary>
    public double[] Bounds() => [Math.Round(Low, 4), Math.Round(High, 4)];

    public override string ToString() => $"{Value:0.0000} [{Low:0.000}, {High:0.000}], n = {Count}";
}
