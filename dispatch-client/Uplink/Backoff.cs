namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>Doubling waits with jitter, so that a thousand cars do not come back in the same instant.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private TimeSpan? doubled;

    public void Reset() => doubled = null;

    /// <summary>Between half of the present wait and all of it.</summary>
    public TimeSpan Next()
    {
        var wait = doubled ?? first;
        doubled = wait * 2 < longest ? wait * 2 : longest;
        return wait * (0.5 + (random.NextDouble() / 2));
    }
}
