namespace EdgeAgent.Benchmarks.Reporting;

/// <summary>Readings that stated nearly the same confidence.</summary>
/// <param name="Confidence">What they stated, on average, 0 … 1.</param>
/// <param name="Right">How many of them were right.</param>
internal readonly record struct ReliabilityBin(double Confidence, Interval Right)
{
    public int Count => Right.Count;

    /// <summary>Bins of equal width over 0 … 1; a confidence that is no number counts as 0.</summary>
    public static ReliabilityBin[] Of(IEnumerable<(float Confidence, bool Right)> readings, int bins)
    {
        var sums = new (double Stated, int Right, int Count)[bins];
        foreach (var (confidence, right) in readings)
        {
            double stated = float.IsNaN(confidence) ? 0 : Math.Clamp(confidence, 0, 1);
            ref var sum = ref sums[Math.Min((int)(stated * bins), bins - 1)];
            sum = (sum.Stated + stated, sum.Right + (right ? 1 : 0), sum.Count + 1);
        }
        return [.. sums.Select(s => new ReliabilityBin(s.Count == 0 ? 0 : s.Stated / s.Count, Interval.Wilson(s.Right, s.Count)))];
    }

    /// <summary>Expected calibration error: the distance of stated from right, averaged over all readings.</summary>
    public static double CalibrationError(IReadOnlyList<ReliabilityBin> bins)
    {
        int all = bins.Sum(b => b.Count);
        return all == 0 ? 0 : bins.Sum(b => Math.Abs(b.Confidence - b.Right.Value) * b.Count) / all;
    }
}
