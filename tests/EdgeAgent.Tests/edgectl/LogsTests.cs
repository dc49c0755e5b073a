using System.Diagnostics;
using System.Text.Json;
using EdgeAgent.Edgectl.Logs;
using EdgeAgent.Tests.DispatchClient;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>The agent's log out of a file and out of a real journal.</summary>
public sealed class LogsTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private const string Written = """
        2026-05-01T08:00:00.000Z info: EdgeAgent.Agent.Hosting.Supervisor[4001] Stage gnss ended (silent); again in 1.0 s.
        2026-05-01T08:00:01.000Z warn: EdgeAgent.Agent.Watchlists.ListSync[4034] The lists could not be fetched: gone
        fail: EdgeAgent.Eyes.EyesProcess[3001] It has no time of its own.
        something that another program printed
        2026-05-01T08:00:03.000Z crit: EdgeAgent.Agent.Hosting.Supervisor[4000] Stage lists is essential and ended; the process ends.
        """;

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(5)]
    [InlineData(2, "--level", "error")]
    [InlineData(2, "--stage", "lists")]
    [InlineData(1, "--stage", "gnss")]
    [InlineData(1, "--stage", "eyes")]
    [InlineData(4, "--since", "2026-05-01T08:00:01Z")]
    [InlineData(1, "--until", "2026-05-01T08:00:01Z")]
    [InlineData(2, "--lines", "2")]
    [InlineData(1, "--stage", "lists", "--level", "critical")]
    public async Task A_file_is_shown_by_stage_level_and_time(int expected, params string[] filter)
    {
        File.WriteAllText(directory.At("log"), Written);
        var (exitCode, output, error) = await EdgectlProcess.RunAsync(["logs", "--log-file", directory.At("log"), "--json", .. filter]);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(expected, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line)).Count());
    }

    [Theory]
    [InlineData("--stage", "no-such-stage")]
    [InlineData("--level", "loud")]
    [InlineData("--since", "yesterday")]
    public async Task A_filter_that_means_nothing_is_a_wrong_command_line(string option, string value) =>
        Assert.Equal(2, (await EdgectlProcess.RunAsync("logs", "--log-file", directory.At("log"), option, value)).ExitCode);

    [Fact]
    public async Task A_log_that_is_not_there_is_one_sentence()
    {
        var (exitCode, _, error) = await EdgectlProcess.RunAsync("logs", "--log-file", directory.At("none"));
        Assert.Equal((1, 1), (exitCode, error.Trim().Split('\n').Length));
    }

    [Fact]
    public async Task What_comes_is_followed()
    {
        File.WriteAllText(directory.At("log"), "");
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var lines = new LogSource(directory.At("log"), null, "").ReadAsync(null, follow: true, stop.Token).GetAsyncEnumerator(stop.Token);
        var next = lines.MoveNextAsync().AsTask();
        await using (var writer = new StreamWriter(directory.At("log"), append: true))
        {
            await writer.WriteAsync("2026-05-01T08:00:00.000Z info: A.B[1] half");
            await writer.FlushAsync();
            await Task.Delay(400);
            Assert.False(next.IsCompleted);
            await writer.WriteLineAsync(" whole");
        }
        Assert.True(await next);
        Assert.Equal("half whole", lines.Current.Message);
    }

    [JournalFact]
    public async Task A_journal_is_read_by_its_unit()
    {
        Directory.CreateDirectory(directory.At("journal"));
        File.WriteAllText(directory.At("export"), string.Concat(
            Entry(1, "edge-agent.service", "edge-agent", 6, "warn: EdgeAgent.Agent.Watchlists.ListSync[4034] The lists could not be fetched: gone"),
            Entry(2, "edge-agent.service", "systemd", 3, "edge-agent.service: Main process exited"),
            Entry(3, "other.service", "other", 6, "warn: EdgeAgent.Agent.Watchlists.ListSync[4034] of another unit")));
        using (var import = Process.Start(JournalFactAttribute.Program, ["-o", directory.At("journal/system.journal"), directory.At("export")]))
        {
            await import.WaitForExitAsync();
            Assert.Equal(0, import.ExitCode);
        }
        var (exitCode, output, error) = await EdgectlProcess.RunAsync("logs", "--journal", directory.At("journal"), "--json");
        Assert.Equal((0, ""), (exitCode, error));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["warning", "error"], lines.Select(line => line.GetProperty("level").GetString()));
        Assert.Equal(1_777_622_400_001, lines[0].GetProperty("atUnixMs").GetInt64());
        Assert.Equal("systemd", lines[1].GetProperty("category").GetString());
    }

    private static string Entry(int number, string unit, string program, int priority, string message) => $"""
        __CURSOR=s={number}
        __REALTIME_TIMESTAMP={1_777_622_400_000_000 + (number * 1000)}
        __MONOTONIC_TIMESTAMP={number * 1000}
        _BOOT_ID=0123456789abcdef0123456789abcdef
        _SYSTEMD_UNIT={unit}
        SYSLOG_IDENTIFIER={program}
        PRIORITY={priority}
        MESSAGE={message}


        """;
}

/// <summary>Skips with its reason where the program is missing that writes journal files; ./dev test installs it.</summary>
internal sealed class JournalFactAttribute : FactAttribute
{
    public const string Program = "/lib/systemd/systemd-journal-remote";

    public JournalFactAttribute()
    {
        if (!File.Exists(Program))
            Skip = "needs systemd-journal-remote";
    }
}
