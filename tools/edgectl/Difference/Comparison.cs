using System.Globalization;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Edgectl.Difference;

/// <summary>Where a unit is another than its reference, in which direction, and whether that matters.</summary>
internal static class Comparison
{
    /// <summary>Thresholds that let more through when they are higher; the words say what of.</summary>
    private static readonly Dictionary<string, (bool LooserWhenHigher, string More)> Thresholds = new()
    {
        ["Alerts.FaceFalseAlertsPer1000Visits"] = (true, "alerts about the wrong people"),
        ["Alerts.FaceStopFalseAlertsPer1000Visits"] = (true, "wrong people to be stopped"),
        ["Alerts.FaceAssistFalseAlertsPer1000Checks"] = (true, "wrong proposals in an Assist"),
        ["Alerts.FaceMinWidthPx"] = (false, "comparisons of faces too small to tell"),
        ["Alerts.DoubtBelow"] = (false, "doubtful readings that count as sure"),
        ["Alerts.RivalFrom"] = (true, "alerts in spite of a rival reading"),
        ["Alerts.OldListHours"] = (true, "old lists that are not called old"),
        ["Lists.FacesAfterContactHours"] = (true, "time that lists of faces outlive the centre's last word"),
        ["Lists.PlatesAfterContactHours"] = (true, "time that lists of plates outlive the centre's last word"),
    };

    // What is seen, matched or shown depends on these; other settings are the box's own affair.
    private static readonly string[] SettingsThatMatter = ["Vision.", "SignIn.", "Privacy.", "Centre", "Terminal.Url", "Cameras.Count"];

    /// <summary>Ordered by section, then key.</summary>
    public static IReadOnlyList<FactDifference> Of(IEnumerable<UnitFact> reference, IEnumerable<UnitFact> unit)
    {
        var (wanted, there) = (ByKey(reference), ByKey(unit));
        return [.. wanted.Keys.Union(there.Keys).OrderBy(k => k.Section).ThenBy(k => k.Key, StringComparer.Ordinal)
            .Where(k => wanted.GetValueOrDefault(k) != there.GetValueOrDefault(k))
            .Select(k => Differing(k.Section, k.Key, wanted.GetValueOrDefault(k), there.GetValueOrDefault(k)))];
    }

    /// <summary>What it means, in a sentence.</summary>
    public static string Sentence(FactDifference d) => $"{Name(d)} {What(d)}{Meaning(d)}.";

    private static FactDifference Differing(FactSection section, string key, string? reference, string? unit) => new()
    {
        Section = section,
        Key = key,
        Reference = reference ?? "",
        Unit = unit ?? "",
        Direction = unit is null ? "missing" : reference is null ? "extra" : Direction(section, reference, unit),
        Matters = section switch
        {
            FactSection.Software => key == "agent",
            FactSection.Settings => SettingsThatMatter.Any(s => key.StartsWith(s, StringComparison.Ordinal)),
            _ => true,
        },
    };

    private static string Direction(FactSection section, string reference, string unit) => section switch
    {
        FactSection.Software => (VersionOf(unit) ?? new()).CompareTo(VersionOf(reference) ?? new()) switch { < 0 => "older", > 0 => "newer", _ => "other" },
        FactSection.Lists => Compared(reference, unit, "older", "newer"),
        FactSection.Thresholds or FactSection.Settings => Compared(reference, unit, "lower", "higher"),
        _ => "other",
    };

    private static string Compared(string reference, string unit, string below, string above) =>
        double.TryParse(reference, CultureInfo.InvariantCulture, out var wanted) && double.TryParse(unit, CultureInfo.InvariantCulture, out var there)
            ? there < wanted ? below : above
            : "other";

    // 1.4.0+gabc and 6.1.0-30-amd64 begin with what can be ordered.
    private static Version? VersionOf(string text) =>
        Version.TryParse(new string([.. text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]).TrimEnd('.'), out var version) ? version : null;

    private static string Name(FactDifference d) => d.Section switch
    {
        FactSection.Software => $"The version of {d.Key}",
        FactSection.Models => $"The model {d.Key}",
        FactSection.Lists => $"The list {d.Key}",
        _ => d.Key,
    };

    private static string What(FactDifference d) => d.Direction switch
    {
        "missing" => $"is not here; the fleet has {Shown(d.Section, d.Reference)}",
        "extra" => $"is here ({Shown(d.Section, d.Unit)}) and not in the fleet's reference",
        "other" => $"is {Shown(d.Section, d.Unit)}; the fleet's is {Shown(d.Section, d.Reference)}",
        var way => $"is {Shown(d.Section, d.Unit)}, {way} than the fleet's {Shown(d.Section, d.Reference)}",
    };

    private static string Meaning(FactDifference d) => (d.Section, d.Direction) switch
    {
        (FactSection.Thresholds, "higher" or "lower") when Thresholds.TryGetValue(d.Key, out var rule) => $": {((d.Direction == "higher") == rule.LooserWhenHigher ? "more" : "less")} {rule.More} than elsewhere",
        (FactSection.Models, _) => ": its scores cannot be held beside the fleet's, and lists of faces made for another are refused",
        (FactSection.Lists, "missing" or "older") => ": who stands there in the fleet's version is not looked for by this car",
        (FactSection.Lists, "extra" or "newer") => ": this car looks for whom the fleet's version does not name",
        (FactSection.Software, "older") when d.Matters => ": put the fleet's version on it (edgectl update)",
        _ => "",
    };

    private static string Shown(FactSection section, string value) => section switch
    {
        FactSection.Models => value[..Math.Min(12, value.Length)],
        FactSection.Lists => $"version {value}",
        _ => value,
    };

    private static Dictionary<(FactSection Section, string Key), string> ByKey(IEnumerable<UnitFact> facts) => facts.ToDictionary(f => (f.Section, f.Key), f => f.Value);
}
