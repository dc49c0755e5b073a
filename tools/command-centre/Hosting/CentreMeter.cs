using System.Diagnostics;
using System.Diagnostics.Metrics;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>What is counted on hot ways. Numbers only: no unit, officer or account is a label.</summary>
internal static class CentreMeter
{
    public const string Name = "EdgeAgent.CommandCentre";
    public static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Events = Meter.CreateCounter<long>("centre.events", "{event}", "Events of cars, by how they were answered.");
    private static readonly Histogram<double> CommitSeconds = Meter.CreateHistogram<double>("centre.commit.duration", "s", "One transaction with its sync.");
    private static readonly Histogram<long> CommitWorks = Meter.CreateHistogram<long>("centre.commit.works", "{work}", "Works that shared a transaction.");
    private static readonly KeyValuePair<string, object?>[] Answers =
        [new("answer", "stored"), new("answer", "duplicate"), new("answer", "refused")];

    /// <summary>
    /// A span of its own: a session lasts for days, and its pieces would all be sampled or none, as the session was.
    /// </summary>
    public static Activity? Begin(string name)
    {
        var session = Activity.Current;
        Activity.Current = null;
        var begun = Source.StartActivity(name);
        if (begun is null)
            Activity.Current = session;
        return begun;
    }

    public static void Answered(EventAcks acks)
    {
        Span<int> counts = stackalloc int[3];
        foreach (var ack in acks.Acks)
            counts[ack.Status switch { AckStatus.Stored => 0, AckStatus.Duplicate => 1, _ => 2 }]++;
        for (var at = 0; at < counts.Length; at++)
        {
            if (counts[at] > 0)
                Events.Add(counts[at], Answers[at]);
        }
    }

    public static void Committed(long startedTimestamp, int works)
    {
        CommitSeconds.Record(Stopwatch.GetElapsedTime(startedTimestamp).TotalSeconds);
        CommitWorks.Record(works);
    }
}
