using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeAgent.Edgectl.Logs;

/// <summary>One entry of the agent's log, or of the service manager about the agent.</summary>
/// <param name="At">Null where neither the line nor the journal says it.</param>
/// <param name="Level">One of <see cref="Levels"/>.</param>
/// <param name="Category">The type that logged, "systemd" and the like for others.</param>
/// <param name="EventId">0 for others.</param>
internal sealed partial record LogLine(DateTimeOffset? At, string Level, string Category, int EventId, string Message)
{
    /// <summary>From the least on.</summary>
    public static IReadOnlyList<string> Levels { get; } = ["trace", "debug", "info", "warning", "error", "critical"];

    // As .NET's simple console formatter shortens them, in the same order.
    private static readonly string[] Short = ["trce", "dbug", "info", "warn", "fail", "crit"];

    /// <summary>A line as the agent writes it (agent/Hosting/HostLogging); null when it is none.</summary>
    public static LogLine? Parse(string raw, DateTimeOffset? at)
    {
        if (Agents().Match(raw) is not { Success: true } match)
            return null;
        if (DateTimeOffset.TryParse(match.Groups["at"].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var said))
            at = said;
        return new LogLine(at, Levels[Array.IndexOf(Short, match.Groups["level"].Value)], match.Groups["category"].Value, int.Parse(match.Groups["id"].Value), match.Groups["message"].Value);
    }

    /// <summary>Of another program's line, by its priority in the journal (syslog's: 0 the gravest, 7 the least).</summary>
    public static LogLine Foreign(string message, DateTimeOffset? at, string program, int priority) => new(
        at, priority switch { <= 2 => "critical", 3 => "error", 4 => "warning", <= 6 => "info", _ => "debug" }, program, 0, message);

    public string Text => $"{At?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'") ?? "-"} {Level,-8} {Category[(Category.LastIndexOf('.') + 1)..]}{(EventId == 0 ? "" : $"[{EventId}]")} {Message}";

    [GeneratedRegex(@"^(?:(?<at>\d{4}-\d\d-\d\dT[0-9:.]+Z) )?(?<level>trce|dbug|info|warn|fail|crit): (?<category>[^\[\s]+)\[(?<id>\d{1,9})\] (?<message>.*)$")]
    private static partial Regex Agents();
}
