namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// How long to wait before trying a lost camera again. The first try is at once; the cap is one second, because a replugged camera
/// must show frames within three. Jitter keeps seven cameras on one switch from asking in step.
/// </summary>
internal sealed class Backoff(int seed)
{
    private const double FirstMs = 150;
    private const double CapMs = 1000;
    private readonly Random _random = new(seed);
    private int _failures;

    /// <summary>Tries that failed since the last success.</summary>
    public int Failures => _failures;

    public void Succeeded() => _failures = 0;

    /// <summary>Counts a failure and says how long to wait before the next try.</summary>
    public TimeSpan Next()
    {
        if (_failures++ == 0)
            return TimeSpan.Zero;
        double milliseconds = Math.Min(CapMs, FirstMs * Math.Pow(2, Math.Min(_failures - 2, 10)));
        return TimeSpan.FromMilliseconds(milliseconds * (0.75 + 0.5 * _random.NextDouble()));
    }
}
