using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Edgectl.Logs;

/// <summary>Where the agent's log lies: the journal of systemd, or a file that its standard error was led into.</summary>
/// <param name="File">Null: the journal.</param>
/// <param name="Journal">Folder with journal files; null: the system's own.</param>
/// <param name="Unit">Of systemd.</param>
internal sealed record LogSource(string? File, string? Journal, string Unit)
{
    private const int MostLineCharacters = 16 << 10;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>Its lines, oldest first.</summary>
    /// <param name="follow">Go on with what comes, until stopped.</param>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    public IAsyncEnumerable<LogLine> ReadAsync(DateTimeOffset? since, bool follow, CancellationToken stop) =>
        File is null ? ReadJournalAsync(since, follow, stop) : ReadFileAsync(File, follow, stop);

    private static async IAsyncEnumerable<LogLine> ReadFileAsync(string file, bool follow, [EnumeratorCancellation] CancellationToken stop)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        // A line of eyes has no time of its own: it was written after the one before it.
        DateTimeOffset? at = null;
        var part = new StringBuilder();
        while (true)
        {
            int next = reader.Read();
            if (next == '\n' || (next < 0 && !follow && part.Length > 0))
            {
                var line = LogLine.Parse(part.ToString(), at) ?? LogLine.Foreign(part.ToString(), at, "stderr", 6);
                at = line.At;
                _ = part.Clear();
                yield return line;
            }
            else if (next < 0 && !follow)
                yield break;
            else if (next < 0)
                await Task.Delay(Look, TimeProvider.System, stop);
            else if (part.Length < MostLineCharacters)
                _ = part.Append((char)next);
        }
    }

    private async IAsyncEnumerable<LogLine> ReadJournalAsync(DateTimeOffset? since, bool follow, [EnumeratorCancellation] CancellationToken stop)
    {
        List<string> arguments = ["--unit", Unit, "--output", "json", "--no-pager", "--quiet", "--all"];
        if (Journal is not null)
            arguments.AddRange(["--directory", Journal]);
        if (since is { } from)
            arguments.AddRange(["--since", $"@{from.ToUnixTimeSeconds()}"]);
        if (follow)
            arguments.AddRange(["--follow", "--lines", "all"]);
        using var journal = Start(arguments);
        try
        {
            Task<string> error = journal.StandardError.ReadToEndAsync(stop);
            while (await journal.StandardOutput.ReadLineAsync(stop) is { } entry)
                if (Of(entry) is { } line)
                    yield return line;
            await journal.WaitForExitAsync(stop);
            if (journal.ExitCode != 0)
                throw new IOException($"The journal cannot be read: {(await error).Trim()}");
        }
        finally
        {
            if (!journal.HasExited)
                journal.Kill();
        }
    }

    private static Process Start(IReadOnlyList<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("journalctl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception e)
        {
            throw new IOException("There is no journalctl on this machine: name the agent's log with --log-file.", e);
        }
    }

    private static LogLine? Of(string entry)
    {
        if (JsonNode.Parse(entry) is not JsonObject fields || Text(fields["MESSAGE"]) is not { } message)
            return null;
        DateTimeOffset? at = long.TryParse(Text(fields["__REALTIME_TIMESTAMP"]), out long microseconds) ? DateTimeOffset.FromUnixTimeMilliseconds(microseconds / 1000) : null;
        return LogLine.Parse(message, at)
            ?? LogLine.Foreign(message, at, Text(fields["SYSLOG_IDENTIFIER"]) ?? "", int.TryParse(Text(fields["PRIORITY"]), out int priority) ? priority : 6);
    }

    // What is no text stands there as an array of bytes.
    private static string? Text(JsonNode? field) => field switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        JsonArray bytes => Encoding.UTF8.GetString([.. bytes.Select(b => (byte)(b is JsonValue v && v.TryGetValue(out int one) ? one : '?'))]),
        _ => null,
    };
}
