using System.Text.Json.Nodes;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Rig.Live;

/// <summary>What the dispatcher's page showed and when: lines of live.mjs, added up.</summary>
internal sealed class LiveSamples
{
    /// <summary>A picture that stands longer than this is a stall.</summary>
    private const double StallMs = 500;

    /// <summary>Of the window's beginning and end that the drift compares.</summary>
    private const double DriftSeconds = 30;

    private readonly Lock gate = new();
    private readonly List<(double AtMs, double LatencyMs)> shown = [];
    private readonly List<double> arrived = [];
    private readonly SortedDictionary<string, int> levels = [];
    private int unreadable;

    public int Shown
    {
        get { lock (gate) return shown.Count; }
    }

    /// <summary>What the view said last that the link carries: main, sub or keys.</summary>
    public string Level { get; private set; } = "";

    /// <summary>One line of live.mjs; what is no line of samples says nothing here.</summary>
    public void Take(string line)
    {
        JsonNode? samples = JsonNode.Parse(line);
        if (samples?["shown"] is not JsonArray pictures)
            return;
        lock (gate)
        {
            foreach (JsonNode? picture in pictures)
                shown.Add(((double)picture![0]!, (double)picture[1]!));
            arrived.AddRange(samples["arrived"]!.AsArray().Select(a => (double)a!));
            unreadable += (int)samples["unreadable"]!;
            if ((string?)samples["level"] is { Length: > 0 } level)
            {
                levels[level] = levels.GetValueOrDefault(level) + 1;
                Level = level;
            }
        }
    }

    /// <summary>Forgets everything: the window begins.</summary>
    public void Begin()
    {
        lock (gate)
        {
            shown.Clear();
            arrived.Clear();
            levels.Clear();
            unreadable = 0;
        }
    }

    /// <summary>The figures of the window.</summary>
    public JsonObject Figures()
    {
        lock (gate)
        {
            double[] latencies = [.. shown.Select(s => s.LatencyMs).Order()], waiting = [.. arrived.Order()];
            double[] gaps = [.. shown.Zip(shown.Skip(1), (a, b) => b.AtMs - a.AtMs)];
            return new JsonObject
            {
                ["p50_ms"] = RunReport.Percentile(latencies, 0.50),
                ["p95_ms"] = RunReport.Percentile(latencies, 0.95),
                ["p99_ms"] = RunReport.Percentile(latencies, 0.99),
                ["oldest_ms"] = latencies.LastOrDefault(),
                ["frames"] = latencies.Length,
                ["frames_unreadable"] = unreadable,
                ["drift_ms"] = Drift(),
                ["stalls"] = gaps.Count(g => g > StallMs),
                ["longest_gap_ms"] = gaps.Length == 0 ? null : Math.Round(gaps.Max()),
                // By the stamp that the car put on each fragment: the page's own share is the rest.
                ["arrived_p50_ms"] = RunReport.Percentile(waiting, 0.50),
                ["arrived_p95_ms"] = RunReport.Percentile(waiting, 0.95),
                ["seconds_at"] = new JsonObject([.. levels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))]),
            };
        }
    }

    // Null where the window is too short for two ends.
    private double? Drift()
    {
        if (shown.Count == 0 || shown[^1].AtMs - shown[0].AtMs < 2000 * DriftSeconds * 0.9)
            return null;
        double first = shown[0].AtMs + (1000 * DriftSeconds), last = shown[^1].AtMs - (1000 * DriftSeconds);
        double[] early = [.. shown.Where(s => s.AtMs <= first).Select(s => s.LatencyMs).Order()];
        double[] late = [.. shown.Where(s => s.AtMs >= last).Select(s => s.LatencyMs).Order()];
        return late[late.Length / 2] - early[early.Length / 2];
    }
}
