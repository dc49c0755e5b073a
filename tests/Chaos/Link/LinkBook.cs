using System.Collections.Concurrent;
using System.Globalization;
using Dapper;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Rig.Network;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Chaos.Link;

/// <summary>What both ends said during a run, and the figures that follow from it.</summary>
internal sealed class LinkBook
{
    private const int AfterBackMs = 2000;
    private readonly ConcurrentQueue<(Guid Id, string Priority, long At, long Bytes)> appended = new();
    private readonly ConcurrentQueue<(string Phase, long At)> phases = new();
    private readonly ConcurrentQueue<(long At, long Seen)> live = new();
    private readonly ConcurrentQueue<(LinkFault Fault, long At)> faults = new();
    private readonly TaskCompletionSource up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource enrolled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource simulated = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The car has its identity and waits for the network to go.</summary>
    public Task Enrolled => enrolled.Task;

    /// <summary>The simulated time without a network is over.</summary>
    public Task Simulated => simulated.Task;

    /// <summary>The centre listens.</summary>
    public Task Ready => ready.Task;

    /// <summary>The first session stands.</summary>
    public Task Up => up.Task;

    public long EventsLeft { get; private set; } = -1;

    public long AttachmentsLeft { get; private set; } = -1;

    public void Happened(LinkFault fault, long atUnixMs) => faults.Enqueue((fault, atUnixMs));

    public void CarSaid(string line)
    {
        string[] words = line.Split(' ');
        switch (words[0])
        {
            case "appended":
                appended.Enqueue((Guid.Parse(words[1]), words[2].ToLowerInvariant(), Number(words[3]), Number(words[4]) + Number(words[5])));
                break;
            case "phase":
                phases.Enqueue((words[1], Number(words[2])));
                if (words[1] == "Up")
                    _ = up.TrySetResult();
                break;
            case "enrolled":
                _ = enrolled.TrySetResult();
                break;
            case "simulated":
                _ = simulated.TrySetResult();
                break;
            case "left":
                (EventsLeft, AttachmentsLeft) = (Number(words[1]), Number(words[2]));
                break;
        }
    }

    public void CentreSaid(string line)
    {
        string[] words = line.Split(' ');
        if (words[0] == "live")
            live.Enqueue((Number(words[1]), Number(words[2])));
        else if (words[0] == "ready")
            _ = ready.TrySetResult();
    }

    /// <param name="profile">What was played.</param>
    /// <param name="seed">Of it.</param>
    /// <param name="centreData">The stopped centre's folder.</param>
    /// <param name="unit">The car.</param>
    /// <param name="wire">What the link carried, up and down.</param>
    /// <param name="drain">How long the rest took.</param>
    public LinkFigures Figures(LinkProfile profile, int seed, string centreData, string unit, (LinkCounters Up, LinkCounters Down) wire, TimeSpan drain)
    {
        var folder = new DataFolder(centreData);
        CentreDatabase database = CentreDatabase.Open(folder.Database);
        using Sealing sealing = CentreKeys.LoadSealing(folder);
        UnitLedger books = new EventLedger(database, sealing).Units(unit, withIds: false, withDecisions: false).Single();
        Dictionary<Guid, long> received = database.Read(c => c.Query<(byte[] Id, long At)>("SELECT event_id, received_at FROM events"))
            .ToDictionary(row => Contract.Uuid7.ToGuid(row.Id), row => row.At);
        var mine = appended.ToArray();
        return new LinkFigures
        {
            Profile = profile.Name,
            Seed = seed,
            Seconds = profile.Seconds,
            DrainSeconds = Math.Round(drain.TotalSeconds, 1),
            Appended = mine.Length,
            Lost = mine.Count(e => !received.ContainsKey(e.Id)),
            Twice = books.Events - books.DistinctIds,
            Missing = books.MissingNumbers,
            Refused = books.RefusedEvents,
            AttachmentsLeft = AttachmentsLeft,
            Latency = new SortedDictionary<string, Latency>(mine.Where(e => received.ContainsKey(e.Id)).GroupBy(e => e.Priority)
                .ToDictionary(p => p.Key, p => Of([.. p.Select(e => (double)(received[e.Id] - e.At))]))),
            UrgentAfterBackMs = [.. AfterBack(mine, received)],
            DetectedMs = [.. faults.Where(f => f.Fault == LinkFault.Forgotten).Select(Detected)],
            LivePosition = Of([.. live.Where(p => !InGap(p.At)).Select(p => (double)(p.Seen - p.At))]),
            Sessions = phases.Count(p => p.Phase == "Up"),
            PayloadBytes = mine.Sum(e => e.Bytes),
            WireUpBytes = wire.Up.Bytes,
            WireDownBytes = wire.Down.Bytes,
        };
    }

    private IEnumerable<long> AfterBack((Guid Id, string Priority, long At, long Bytes)[] mine, Dictionary<Guid, long> received)
    {
        (LinkFault Fault, long At)[] all = [.. faults];
        for (int at = 1; at < all.Length; at++)
        {
            if (all[at].Fault != LinkFault.Back)
                continue;
            // Where the network went again before it was of use, nothing can be asked of anybody.
            long next = at + 1 < all.Length ? all[at + 1].At : long.MaxValue;
            long[] waited = [.. mine.Where(e => e.Priority == "urgent" && e.At >= all[at - 1].At && e.At < all[at].At && received.ContainsKey(e.Id)).Select(e => received[e.Id] - all[at].At)];
            if (waited.Length > 0 && next - all[at].At >= AfterBackMs)
                yield return waited.Max();
        }
    }

    private long Detected((LinkFault Fault, long At) forgotten) =>
        phases.Where(p => p.Phase != "Up" && p.At >= forgotten.At).Select(p => p.At - forgotten.At).DefaultIfEmpty(long.MaxValue).Min();

    private bool InGap(long at)
    {
        (LinkFault Fault, long At) last = faults.LastOrDefault(f => f.At <= at + AfterBackMs);
        return last.At > 0 && (last.Fault is LinkFault.Dark or LinkFault.Unplugged || at - last.At < (last.Fault == LinkFault.Forgotten ? 12_000 : AfterBackMs));
    }

    private static Latency Of(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return new Latency(sorted.Length, RunReport.Percentile(sorted, 0.5), RunReport.Percentile(sorted, 0.95), RunReport.Percentile(sorted, 1));
    }

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
