using System.CommandLine;

namespace EdgeAgent.Edgectl.Logs;

internal static class LogsCommand
{
    public static Command Create()
    {
        var source = new LogOptions();
        var stage = new Option<string?>("--stage") { Description = "Of one stage of the agent alone, by the name that 'support-bundle' and the page give it." };
        stage.AcceptOnlyFromAmong([.. LogStages.Names]);
        var level = new Option<string>("--level") { Description = "This and graver ones.", DefaultValueFactory = _ => "info" };
        level.AcceptOnlyFromAmong([.. LogLine.Levels]);
        var since = TimeOption("--since");
        var until = TimeOption("--until");
        var lines = new Option<int>("--lines") { Description = "The newest so many that fit; 0: all.", DefaultValueFactory = _ => 200 };
        var follow = new Option<bool>("--follow") { Description = "Go on with what comes, until Ctrl+C." };
        var json = Cli.AsJson();
        var command = new Command(
            "logs",
            """
            Shows the agent's log, from the journal or a file, oldest first. The agent may run or not.

            Example: edgectl logs --stage lists --level warning --since 2h
              edgectl logs --follow --json
            JSON, a line an entry: {"atUnixMs","level","category","eventId","message"}.
            Exit codes: 0 shown, 1 it cannot be read, 2 wrong command line, 130 interrupted (as --follow always is).
            """)
        { source.File, source.Journal, source.Unit, stage, level, since, until, lines, follow, json };
        command.Does(json, async (parsed, stop) =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var filter = new LogFilter(
                parsed.GetValue(stage), parsed.GetValue(level)!, At(parsed.GetValue(since), now), At(parsed.GetValue(until), now));
            var (most, asJson) = (parsed.GetValue(lines), parsed.GetValue(json));
            // Without an end the newest are not known: those that come are shown as they come.
            if (parsed.GetValue(follow))
            {
                await foreach (var line in source.Of(parsed).ReadAsync(filter.Since ?? now, follow: true, stop))
                    if (filter.Takes(line))
                        Show(line, asJson);
                return Cli.Done;
            }
            var newest = new Queue<LogLine>();
            await foreach (var line in source.Of(parsed).ReadAsync(filter.Since, follow: false, stop))
            {
                if (!filter.Takes(line))
                    continue;
                newest.Enqueue(line);
                if (most > 0 && newest.Count > most)
                    _ = newest.Dequeue();
            }
            foreach (var line in newest)
                Show(line, asJson);
            return Cli.Done;
        });
        return command;
    }

    private static Option<string?> TimeOption(string name)
    {
        var option = new Option<string?>(name) { Description = "So long ago (90s, 30m, 2h, 3d), or a point of time (2026-05-01T08:00Z)." };
        option.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { } text && LogFilter.Time(text, default(DateTimeOffset).AddYears(1000)) is null)
                given.AddError($"{name} is '{text}': give 90s, 30m, 2h, 3d, or a point of time such as 2026-05-01T08:00Z.");
        });
        return option;
    }

    private static DateTimeOffset? At(string? text, DateTimeOffset now) => text is null ? null : LogFilter.Time(text, now);

    private static void Show(LogLine line, bool json)
    {
        if (json)
            Cli.Print(new { atUnixMs = line.At?.ToUnixTimeMilliseconds(), line.Level, line.Category, line.EventId, line.Message });
        else
            Console.Out.WriteLine(line.Text);
    }
}

/// <summary>Where the log is read, for all commands that read it.</summary>
internal sealed class LogOptions
{
    public Option<string?> File { get; } = new("--log-file") { Description = "A file that the agent's standard error was led into, instead of the journal." };

    public Option<string?> Journal { get; } = new("--journal") { Description = "Folder with journal files, such as a mounted disk's /var/log/journal/ID; without it the system's own." };

    public Option<string> Unit { get; } = new("--unit") { Description = "The agent's unit of systemd.", DefaultValueFactory = _ => "edge-agent.service" };

    public LogSource Of(ParseResult parsed) => new(parsed.GetValue(File), parsed.GetValue(Journal), parsed.GetValue(Unit)!);
}
