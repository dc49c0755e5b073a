namespace EdgeAgent.Benchmarks.Bench;

/// <summary>What a share of the measured values stays at or below.</summary>
internal static class Percentiles
{
    /// <param name="share">0 … 1.</param>
    public static double Of(IReadOnlyCollection<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * share) - 1, 0, sorted.Length - 1)];
    }
}
