using System.Diagnostics;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>
/// What <c>bench outbox</c> prints. Rates are durable events a second: synced to disk when the call returned. <c>Ratio</c>: the
/// outbox's rate over bare inserts', the worse of batches and single events. <c>AlertBytes</c>: a decided alert's event with as much
/// picture as it may carry; <c>PositionBytes</c>: a point of the trail with its share of the event, before encryption.
/// </summary>
internal sealed record OutboxFigures(
    double Ratio, double BatchRatio, double SingleRatio, double BatchEventsPerS, double BareBatchEventsPerS, double SingleEventsPerS,
    double BareSingleEventsPerS, double SingleP50Ms, double SingleP99Ms, int EventBytes, int AlertBytes, double PositionBytes, double StoredBytesPerEvent,
    int Events, int Batch, int Seed, string Machine);

/// <summary>
/// The outbox beside a bare SQLite table on the same disk with the same journal, sync and erasing of deleted content: it also numbers,
/// encrypts, indexes and keeps its budget. Both take the same events in turn, so that a machine that slows down slows both.
/// </summary>
internal static class OutboxBench
{
    private const int Rounds = 10, SingleShare = 20, WarmUp = 200;

    /// <param name="folder">On the disk to measure; a folder of its own is made in it and removed.</param>
    /// <exception cref="InputException">The folder is not there, or numbers are out of range.</exception>
    public static async Task<OutboxFigures> RunAsync(int events, int batch, int seed, string folder, TextWriter progress)
    {
        if (batch is < 1 or > 1000 || events < batch * Rounds)
            throw new InputException($"--batch {batch}, --events {events}: a batch has 1 to 1000 events, and there are at least {Rounds} batches.");
        if (!Directory.Exists(folder))
            throw new InputException($"{folder} is not a folder: give one on the disk to measure.");
        string own = Directory.CreateDirectory(Path.Combine(folder, $"bench-outbox-{Guid.NewGuid():N}")).FullName;
        try
        {
            using var bare = new BareTable(Path.Combine(own, "bare.db"));
            await using OutboxStore outbox = OutboxStore.Open(
                new OutboxOptions { Directory = Path.Combine(own, "outbox") }, PayloadSeal.AesGcm(new byte[32]), TimeProvider.System);
            return Measure(outbox, bare, new OutboxBenchEvents(seed), events, batch, progress);
        }
        finally
        {
            Directory.Delete(own, recursive: true);
        }
    }

    private static OutboxFigures Measure(OutboxStore outbox, BareTable bare, OutboxBenchEvents made, int events, int batch, TextWriter progress)
    {
        byte[][] payloads = [.. outbox.AppendMany([.. made.Steps(WarmUp)]).Select(e => e.ToByteArray())];
        bare.Insert(payloads);
        Series ours = new(), theirs = new(), oursSingle = new(), theirsSingle = new();
        int perRound = events / Rounds / batch, singles = Math.Max(20, events / Rounds / SingleShare);
        for (int round = 0; round < Rounds; round++)
        {
            var taken = new List<byte[][]>();
            for (int i = 0; i < perRound; i++)
            {
                EventDraft[] drafts = [.. made.Steps(batch)];
                IReadOnlyList<Event> stored = ours.Time(batch, () => outbox.AppendMany(drafts));
                taken.Add([.. stored.Select(e => e.ToByteArray())]);
            }
            foreach (byte[][] same in taken)
                _ = theirs.Time(batch, () => bare.Insert(same));
            var single = new List<byte[]>();
            foreach (EventDraft draft in made.Steps(singles))
                single.Add(oursSingle.Time(1, () => outbox.Append(draft)).ToByteArray());
            foreach (byte[] same in single)
                _ = theirsSingle.Time(1, () => bare.Insert([same]));
            progress.WriteLine($"  round {round + 1} of {Rounds}: {ours.PerSecond:0} events a second in batches of {batch}, bare {theirs.PerSecond:0}");
        }
        double batchRatio = ours.PerSecond / theirs.PerSecond, singleRatio = oursSingle.PerSecond / theirsSingle.PerSecond;
        OutboxCounts counts = outbox.Counts;
        (double position, int alert) = (made.PositionBytes(outbox), made.AlertBytes(outbox));
        return new OutboxFigures(
            Round(Math.Min(batchRatio, singleRatio)), Round(batchRatio), Round(singleRatio), Round(ours.PerSecond), Round(theirs.PerSecond),
            Round(oursSingle.PerSecond), Round(theirsSingle.PerSecond), Round(Percentiles.Of(oursSingle.Ms, 0.5)), Round(Percentiles.Of(oursSingle.Ms, 0.99)),
            (int)payloads.Average(p => p.Length), alert, Round(position), Round((double)counts.Bytes / counts.Pending),
            ours.Count + oursSingle.Count, batch, made.Seed, Machines.Describe());
    }

    private static double Round(double value) => Math.Round(value, 3);

    /// <summary>Calls of one kind and how long each took.</summary>
    private sealed class Series
    {
        public List<double> Ms { get; } = [];

        public int Count { get; private set; }

        public double PerSecond => Count / (Ms.Sum() / 1000);

        public T Time<T>(int events, Func<T> call)
        {
            long started = Stopwatch.GetTimestamp();
            T result = call();
            Ms.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            Count += events;
            return result;
        }
    }
}
