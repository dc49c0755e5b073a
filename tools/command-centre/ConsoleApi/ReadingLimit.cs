namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>
/// So many searches of entries a person within ten minutes: enough for a case, too few to copy a list. Of this run of the server; the
/// audit has them all. Bounded: accounts are few, and of each only the newest searches are kept.
/// </summary>
internal sealed class ReadingLimit(TimeProvider time)
{
    public const int Most = 30;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private readonly Dictionary<string, Queue<long>> searches = [];
    private readonly Lock gate = new();

    /// <summary>Null: go on, and it counts. Else how long this person still has to wait.</summary>
    public TimeSpan? Take(string account)
    {
        lock (gate)
        {
            if (!searches.TryGetValue(account, out var own))
                searches[account] = own = new Queue<long>(Most);
            while (own.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= Window)
                _ = own.Dequeue();
            if (own.Count >= Most)
                return Window - time.GetElapsedTime(own.Peek());
            own.Enqueue(time.GetTimestamp());
            return null;
        }
    }
}
