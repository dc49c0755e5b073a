using System.Globalization;

namespace EdgeAgent.Edgectl.Logs;

/// <param name="Stage">Null: all.</param>
/// <param name="Level">This and graver ones.</param>
internal sealed record LogFilter(string? Stage, string Level, DateTimeOffset? Since, DateTimeOffset? Until)
{
    public static LogFilter All { get; } = new(null, LogLine.Levels[0], null, null);

    private static readonly (char Unit, TimeSpan Span)[] Spans =
        [('s', TimeSpan.FromSeconds(1)), ('m', TimeSpan.FromMinutes(1)), ('h', TimeSpan.FromHours(1)), ('d', TimeSpan.FromDays(1))];

    public bool Takes(LogLine line) =>
        (Stage is null || LogStages.IsOf(line, Stage))
        && Rank(line.Level) >= Rank(Level)
        && (Since is null || line.At is null || line.At >= Since)
        && (Until is null || line.At is null || line.At < Until);

    /// <summary>"90s", "30m", "2h", "3d" before now, or a point of time as ISO 8601 writes it (UTC unless it says otherwise).</summary>
    /// <returns>Null when it is neither.</returns>
    public static DateTimeOffset? Time(string text, DateTimeOffset now)
    {
        foreach (var (unit, span) in Spans)
        {
            if (text.Length > 1 && text[^1] == unit && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count <= 100_000)
                return now - count * span;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
    }

    private static int Rank(string level) => LogLine.Levels.ToList().IndexOf(level);
}
