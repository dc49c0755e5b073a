namespace EdgeAgent.CommandCentre.Identity;

/// <summary>
/// Slows down guessing: after five failures within ten minutes a name waits a minute, and twice as long with each further one.
/// Bounded; the oldest names are forgotten first.
/// </summary>
internal sealed class AttemptLimit(TimeProvider time)
{
    public const int Free = 5;
    private const int MostNames = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private readonly Dictionary<string, (int Failures, long Last)> failed = [];
    private readonly Lock gate = new();

    /// <summary>Null: go on. Else how long this name still has to wait.</summary>
    /// <param name="name">Who or what tries.</param>
    /// <param name="free">Failures before it waits.</param>
    public TimeSpan? BlockedFor(string name, int free = Free)
    {
        lock (gate)
        {
            if (!failed.TryGetValue(name, out var entry) || entry.Failures < free)
                return null;
            var left = WaitAfter(entry.Failures - free + Free) - time.GetElapsedTime(entry.Last);
            return left > TimeSpan.Zero ? left : null;
        }
    }

    public void Failed(string name)
    {
        lock (gate)
        {
            var known = failed.TryGetValue(name, out var entry) && time.GetElapsedTime(entry.Last) < Window + WaitAfter(entry.Failures);
            var failures = known ? entry.Failures : 0;
            if (failed.Count >= MostNames && !failed.ContainsKey(name))
                _ = failed.Remove(failed.MinBy(pair => pair.Value.Last).Key);
            failed[name] = (failures + 1, time.GetTimestamp());
        }
    }

    public void Succeeded(string name)
    {
        lock (gate)
            _ = failed.Remove(name);
    }

    private static TimeSpan WaitAfter(int failures)
    {
        if (failures < Free)
            return TimeSpan.Zero;
        var wait = FirstWait * Math.Pow(2, Math.Min(failures - Free, 10));
        return wait < LongestWait ? wait : LongestWait;
    }
}
