namespace EdgeAgent.Agent.LookUps;

/// <summary>
/// The car's own limit, that of the centre by default: what would be refused there is not even asked. Counts the last minute and the
/// last hour of running time; officers who have not asked for an hour are forgotten.
/// </summary>
internal sealed class LookUpPace(TimeProvider time)
{
    internal const int PerMinute = 6, PerHour = 30;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Hour = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, List<long>> asked = [];

    /// <summary>Zero: go on, and it counts. Else how long this officer still has to wait.</summary>
    public TimeSpan Take(string officerId)
    {
        lock (gate)
        {
            foreach ((string officer, List<long> times) in asked.ToList())
            {
                _ = times.RemoveAll(at => time.GetElapsedTime(at) >= Hour);
                if (times.Count == 0)
                    _ = asked.Remove(officer);
            }
            List<long> mine = asked.GetValueOrDefault(officerId) ?? [];
            TimeSpan wait = new[] { Left(mine, PerMinute, Minute), Left(mine, PerHour, Hour) }.Max();
            if (wait > TimeSpan.Zero)
                return wait;
            mine.Add(time.GetTimestamp());
            asked[officerId] = mine;
            return TimeSpan.Zero;
        }
    }

    private TimeSpan Left(List<long> times, int most, TimeSpan window) =>
        times.Count < most ? TimeSpan.Zero : window - time.GetElapsedTime(times[^most]);
}
