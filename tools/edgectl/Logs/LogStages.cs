namespace EdgeAgent.Edgectl.Logs;

/// <summary>Which types log for which stage of the agent's table: a folder is a stage, so by the beginning of their names.</summary>
internal static class LogStages
{
    private const string Agent = "EdgeAgent.Agent.";

    private static readonly Dictionary<string, string[]> Beginnings = new()
    {
        ["eyes"] = ["EdgeAgent.Eyes.", "EdgeAgent.Hw.", "EdgeAgent.Vision.", Agent + "Hosting.EyesChild"],
        ["eyes-link"] = [Agent + "Hosting.EyesServer", Agent + "Hosting.EyesFacts", Agent + "Hosting.VisitGate"],
        ["matching"] = [Agent + "Alerts.Match"],
        ["alerts"] = [Agent + "Alerts."],
        ["clips"] = [Agent + "Alerts.Clip", Agent + "Live.Clip"],
        ["lists"] = [Agent + "Watchlists."],
        ["link"] = ["EdgeAgent.DispatchClient.", Agent + "Dispatches."],
        ["live"] = [Agent + "Live."],
        ["asked-clips"] = [Agent + "Live.ClipDesk"],
        ["gnss"] = [Agent + "Positions.", "EdgeAgent.Hw.Gnss"],
        ["scenes"] = [Agent + "Scenes."],
        ["recordings"] = [Agent + "Calls."],
        ["releases"] = [Agent + "Releases."],
        ["terminal"] = [Agent + "Terminal.", "Microsoft.AspNetCore."],
        ["audit"] = [Agent + "Audit."],
        ["receipts"] = [Agent + "Audit.Receipt"],
        ["assist"] = [Agent + "Assist."],
        ["look-ups"] = [Agent + "LookUps."],
        ["retention"] = [Agent + "Retention."],
        ["screens"] = [Agent + "Officers."],
        ["hazards"] = [Agent + "Hazards."],
        ["sos-key"] = [Agent + "Emergencies."],
        ["voice"] = [Agent + "Voice."],
        ["privacy"] = [Agent + "Privacy."],
        ["power"] = [Agent + "Box.Power", "EdgeAgent.Hw.Power"],
        ["box"] = [Agent + "Box.Box", "EdgeAgent.Hw.Machine", "EdgeAgent.Hw.Modem"],
        ["health"] = [Agent + "Box.Health"],
        ["install"] = [Agent + "Releases.Install", Agent + "Releases.ReleaseInstaller", Agent + "Releases.SlotNews"],
        ["technician"] = [Agent + "Hosting.Technician"],
    };

    public static IEnumerable<string> Names => Beginnings.Keys;

    /// <summary>What the stage's own types said, and what its supervisor said of it.</summary>
    public static bool IsOf(LogLine line, string stage) =>
        Beginnings[stage].Any(b => line.Category.StartsWith(b, StringComparison.Ordinal)) || line.Message.StartsWith($"Stage {stage} ", StringComparison.Ordinal);
}
