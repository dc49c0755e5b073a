using System.Text.Json.Nodes;
using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Edgectl.Acceptance;

internal sealed class SettingsCheck : ICheck
{
    public const string Name = "settings";

    public CheckTitle Title { get; } = new(Name, "设置文件", "Settings");

    public IReadOnlyList<string> Needs => [];

    public Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        foreach (string problem in unit.Problems)
            outcome.Found("settings_wrong", detail: problem);
        return Task.CompletedTask;
    }
}

/// <summary>Whether the agent runs and all of its parts work.</summary>
internal sealed class AgentCheck : ICheck
{
    public const string Name = "agent";

    /// <summary>A box that was just switched on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public CheckTitle Title { get; } = new(Name, "车载程序", "Agent");

    public IReadOnlyList<string> Needs => [SettingsCheck.Name];

    public async Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        long began = unit.Time.GetTimestamp();
        JsonNode? health, said;
        do
        {
            (health, said) = (await unit.AskAsync("/api/health", stop), await unit.AskAsync("/api/unit", stop));
            if (said is null || (bool?)health?["well"] != true)
                await Task.Delay(TimeSpan.FromSeconds(1), unit.Time, stop);
        }
        while ((said is null || (bool?)health?["well"] != true) && unit.Time.GetElapsedTime(began) < Patience);
        unit.Agent = said;
        if (said?["state"] is not { } state)
        {
            outcome.Found("agent_down");
            return;
        }
        outcome.Measured("软件版本", "Software", (string?)state["softwareVersion"] ?? "");
        string[] ill = [.. health?["ill"]?.AsArray().Select(name => (string)name!) ?? []];
        foreach (JsonNode? stage in state["stages"]!.AsArray())
        {
            var (name, condition, detail) = ((string)stage!["name"]!, (string)stage["state"]!, (string)stage["detail"]!);
            if (ill.Contains(name))
                outcome.Found("agent_ill", name, detail.Length > 0 ? detail : condition);
            else if (condition == "degraded" && !IsNamedElsewhere(name))
                outcome.Found("agent_hampered", name, detail);
        }
    }

    /// <summary>What cameras, receiver and link have is named by checks of their own.</summary>
    private static bool IsNamedElsewhere(string stage) => stage is "gnss" or "link" or "position" or "positions" || stage.StartsWith("camera", StringComparison.Ordinal);
}

internal sealed class ListsCheck : ICheck
{
    public CheckTitle Title { get; } = new("lists", "名单", "Watchlists");

    public IReadOnlyList<string> Needs => [AgentCheck.Name];

    public Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        var lists = unit.Agent!["state"]!["lists"]!.AsArray();
        foreach (JsonNode? list in lists)
        {
            string id = $"{(string)list!["listId"]!} v{(long)list["version"]!}";
            string detail = (string)list["detailEn"]!;
            switch ((string)list["state"]!)
            {
                case "refused":
                    outcome.Found("list_refused", id, detail);
                    break;
                case "expired":
                    outcome.Found("list_expired", id, detail);
                    break;
                case "loaded" or "suspended":
                    outcome.Measured("名单", "List", $"{id}: {(long)list["entries"]!}");
                    break;
            }
        }
        if (lists.All(list => (string)list!["state"]! == "revoked"))
            outcome.Found("no_lists");
        return Task.CompletedTask;
    }
}

internal sealed class OfficersCheck : ICheck
{
    public CheckTitle Title { get; } = new("officers", "警员名册", "Officers");

    public IReadOnlyList<string> Needs => [AgentCheck.Name];

    public Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        int officers = (int)unit.Agent!["officers"]!;
        outcome.Measured("警员", "Officers", $"{officers}");
        if (officers == 0)
            outcome.Found("no_officers");
        return Task.CompletedTask;
    }
}
