using System.Text.Json;
using EdgeAgent.Edgectl.Box;
using EdgeAgent.Edgectl.Support;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Edgectl.Difference;

/// <summary>What of a running unit can be compared with others.</summary>
internal static class Snapshot
{
    // Where a car keeps things and what its cameras are belongs to each car.
    private static readonly string[] Own = ["DataDirectory", "IdentityDirectory", "Cameras"];

    private static readonly string[] Thresholds = ["Alerts.", "AlertLapseSeconds", "Lists."];

    public static UnitSnapshot Of(RunningAgent agent, TimeProvider time)
    {
        var snapshot = new UnitSnapshot { UnitId = agent.UnitId, TakenAtUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds() };
        void Add(FactSection section, string key, string value) => snapshot.Facts.Add(new UnitFact { Section = section, Key = key, Value = value });
        Add(FactSection.Software, "agent", agent.SoftwareVersion);
        Add(FactSection.Software, "edgectl", BundleSources.Version);
        Add(FactSection.Software, "kernel", File.ReadAllText("/proc/sys/kernel/osrelease").Trim());
        foreach (var model in agent.Models)
        {
            Add(FactSection.Models, model.Name, model.Sha256);
            foreach (var (name, value) in model.Thresholds)
                Add(FactSection.Thresholds, $"model.{model.Name}.{name}", JsonSerializer.Serialize(value));
        }
        foreach (var list in agent.Lists.Where(l => l.State == "loaded"))
            Add(FactSection.Lists, list.ListId, $"{list.Version}");
        foreach (var (key, value) in agent.Settings.Where(s => !Own.Any(own => s.Key == own || s.Key.StartsWith(own + "[", StringComparison.Ordinal))))
            Add(Thresholds.Any(t => key.StartsWith(t, StringComparison.Ordinal)) ? FactSection.Thresholds : FactSection.Settings, key, value.GetRawText());
        Add(FactSection.Settings, "Cameras.Count", $"{agent.Settings.Keys.Count(k => k.StartsWith("Cameras[", StringComparison.Ordinal) && k.EndsWith(".Id", StringComparison.Ordinal))}");
        UnitFact[] ordered = [.. snapshot.Facts.OrderBy(f => f.Section).ThenBy(f => f.Key, StringComparer.Ordinal)];
        snapshot.Facts.Clear();
        snapshot.Facts.AddRange(ordered);
        return snapshot;
    }
}
