using EdgeAgent.Edgectl.Box;

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
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(4);

    public CheckTitle Title { get; } = new(Name, "车载程序", "Agent");

    public IReadOnlyList<string> Needs => [SettingsCheck.Name];

    public async Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        long began = unit.Time.GetTimestamp();
        RunningAgent? said;
        while ((said = await unit.AskAsync(stop)) is not { Health.Well: true } && unit.Time.GetElapsedTime(began) < Patience)
            await Task.Delay(TimeSpan.FromSeconds(1), unit.Time, stop);
        unit.Agent = said;
        if (said is null)
        {
            outcome.Found("agent_down");
            return;
        }
        outcome.Measured("软件版本", "Software", said.SoftwareVersion);
        foreach (var stage in said.Stages.Where(s => said.Health.Ill.Contains(s.Name)))
            outcome.Found("agent_ill", stage.Name, stage.Detail.Length > 0 ? stage.Detail : stage.Condition);
        if (!Hampered(said).Any())
            return;
        // What mends itself within a few seconds is a part at work, not a fault.
        await Task.Delay(SecondLook, unit.Time, stop);
        var still = await unit.AskAsync(stop);
        foreach (var stage in Hampered(said).Where(s => still?.Stages.Any(now => now.Name == s.Name && now.Condition == "degraded") != false))
            outcome.Found("agent_hampered", stage.Name, stage.Detail);
    }

    private static IEnumerable<AgentStage> Hampered(RunningAgent said) =>
        said.Stages.Where(s => s.Condition == "degraded" && !said.Health.Ill.Contains(s.Name) && !IsNamedElsewhere(s.Name));

    /// <summary>What cameras, receiver and link have is named by checks of their own.</summary>
    private static bool IsNamedElsewhere(string stage) => stage is "gnss" or "link" or "position" or "positions" || stage.StartsWith("camera", StringComparison.Ordinal);
}

internal sealed class ListsCheck : ICheck
{
    public CheckTitle Title { get; } = new("lists", "名单", "Watchlists");

    public IReadOnlyList<string> Needs => [AgentCheck.Name];

    public Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        var lists = unit.Agent!.Lists;
        foreach (var list in lists)
        {
            string id = $"{list.ListId} v{list.Version}";
            switch (list.State)
            {
                case "refused":
                    outcome.Found("list_refused", id, list.WhyEn);
                    break;
                case "expired":
                    outcome.Found("list_expired", id, list.WhyEn);
                    break;
                case "loaded":
                    outcome.Measured("名单", "List", $"{id}: {list.Entries}");
                    break;
            }
        }
        if (lists.All(list => list.State == "revoked"))
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
        int officers = unit.Agent!.Outside.Officers;
        outcome.Measured("警员", "Officers", $"{officers}");
        if (officers == 0)
            outcome.Found("no_officers");
        return Task.CompletedTask;
    }
}
