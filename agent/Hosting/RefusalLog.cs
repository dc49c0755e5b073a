using System.Collections.Concurrent;

namespace EdgeAgent.Agent.Hosting;

/// <summary>Repeated faults become one counted line a minute. Reasons are codes of ours, never content.</summary>
internal sealed partial class RefusalLog(string from, TimeProvider time, ILogger log)
{
    private static readonly long NeverMs = long.MinValue / 2;

    private readonly ConcurrentDictionary<string, long> counts = new();
    private readonly Lock gate = new();
    private long toldMs = NeverMs, total, told;

    public long Total => Interlocked.Read(ref total);

    public IReadOnlyDictionary<string, long> Counts => counts;

    public void Count(string reason)
    {
        _ = counts.AddOrUpdate(reason, 1, (_, n) => n + 1);
        _ = Interlocked.Increment(ref total);
        long nowMs = time.GetTimestamp() * 1000 / time.TimestampFrequency;
        lock (gate)
        {
            if (nowMs - toldMs < 60_000)
                return;
            toldMs = nowMs;
            string reasons = string.Join(", ", counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}"));
            LogRefused(log, from, total - told, reasons);
            told = total;
        }
    }

    [LoggerMessage(4050, LogLevel.Warning, "Refused from {From}: {New} new. All since start: {Reasons}.")]
    private static partial void LogRefused(ILogger log, string from, long @new, string reasons);
}
