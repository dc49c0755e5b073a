using System.Text.Json.Nodes;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Box;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent.Box;

/// <summary>The box switches itself off: in order, within its budget, and whatever does not end.</summary>
public sealed class PowerOffTests : IDisposable
{
    private readonly TemporaryDirectory folder = new();
    private readonly JumpTime time = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_real_host_counts_down_closes_its_books_and_only_then_runs_the_command_within_the_budget()
    {
        BenchCar prepared = await BenchCar.StartAsync(boot: BootClock.OfThisMachine());
        await prepared.EndAsync();
        string ignition = folder.At("ignition"), at = folder.At("at"), books = folder.At("books"), data = prepared.Data;
        await File.WriteAllTextAsync(ignition, "0\n");
        string command = Script.Write(folder.Path, "off", $"date +%s%3N > {at}.part; cp -r {data} {books}; mv {at}.part {at}");
        var power = new PowerOptions { IgnitionFile = ignition, OffAfterMinutes = 0.01, AtMostMinutes = 1, CountdownSeconds = 5, Command = [command] };
        await using HostProcess host = await HostProcess.StartAsync(BenchCar.Options(data, null) with { Power = power });
        await using Page page = await host.PageAsync();
        JsonNode state = await page.UntilAsync("state", s => s["areas"]!["box"]!["off"] is not null, seconds: 60);
        long countedTo = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + (long)state["areas"]!["box"]!["off"]!["leftMs"]!;
        await Eventually.HoldsAsync(() => host.HasExited, "the host has ended", seconds: 60);
        // As asked to end: a version on trial is not blamed for it.
        Assert.Equal(143, host.ExitCode);
        long ranAt = long.Parse(await File.ReadAllTextAsync(at));
        Assert.InRange(ranAt - countedTo, -1000, (long)power.Budget.TotalMilliseconds);

        // What the command found: the database whole by itself, the chain ended with why, the centre's last word waiting.
        Assert.True(new FileInfo(Path.Combine(books, "events.db")).Length > 0);
        var log = new FileInfo(Path.Combine(books, "events.db-wal"));
        Assert.True(!log.Exists || log.Length == 0, "the write-ahead log was not taken into the database");
        AuditRecord last = Assert.Single([.. Chain(Path.Combine(books, "audit", "audit.log")).TakeLast(1)]);
        Assert.Equal((AuditKind.Stop, ShutdownNow.IgnitionOff), (last.Kind, last.Purpose));
        BenchCar after = await BenchCar.StartAsync(over: prepared, vouched: false, boot: BootClock.OfThisMachine());
        Assert.True(after.VerifyAudit().Whole);
        Event[] events = [.. after.Events().OrderBy(e => e.CapturedAtUnixMs)];
        Assert.Contains("power_off", events.Last(e => e.UnitHealth is not null).UnitHealth.Troubles);
        Assert.Contains(events, e => e.AuditHead is { } head && head.Sequence == last.Sequence);
        await after.DisposeAsync();
        await prepared.DisposeAsync();
    }

    [Fact]
    public async Task What_does_not_end_is_left_behind_when_the_budget_ends()
    {
        PowerOff off = Off(Script.Write(folder.Path, "off", $"touch {folder.At("ran")}"));
        Task<int> ending = off.EndAsync(new TaskCompletionSource().Task, new ExitCode());
        time.Jump(TimeSpan.FromHours(1));
        off.Begin(ShutdownNow.LowVoltage);
        time.Jump(TimeSpan.FromSeconds(19));
        Assert.False(ending.IsCompleted);
        // The budget of 25 s less what is the command's own.
        time.Jump(TimeSpan.FromSeconds(1));
        Assert.Equal(143, await ending.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.True(File.Exists(folder.At("ran")));
    }

    [Fact]
    public async Task A_host_that_fails_while_it_ends_does_not_keep_the_box_on()
    {
        PowerOff off = Off(Script.Write(folder.Path, "off", $"touch {folder.At("ran")}"));
        off.Begin(ShutdownNow.LowVoltage);
        Assert.Equal(143, await off.EndAsync(Task.FromException(new IOException("a part would not end")), new ExitCode()));
        Assert.True(File.Exists(folder.At("ran")));
    }

    [Fact]
    public async Task A_command_that_fails_or_hangs_is_said_and_ends_with_a_code_of_its_own()
    {
        foreach (string script in (string[])["exit 3", "sleep 3600"])
        {
            PowerOff off = Off(Script.Write(folder.Path, "off", script));
            off.Begin(ShutdownNow.IgnitionOff);
            Task<int> ending = off.EndAsync(Task.CompletedTask, new ExitCode());
            while (!ending.IsCompleted)
            {
                await Task.Delay(50);
                time.Jump(TimeSpan.FromSeconds(1));
            }
            Assert.Equal(PowerOff.CommandFailed, await ending);
        }
    }

    [Fact]
    public async Task A_host_that_ends_by_itself_ends_with_its_own_code_and_switches_nothing_off()
    {
        PowerOff off = Off(Script.Write(folder.Path, "off", $"touch {folder.At("ran")}"));
        Assert.Equal(70, await off.EndAsync(Task.CompletedTask, new ExitCode { Value = 70 }));
        Assert.False(File.Exists(folder.At("ran")));
    }

    private PowerOff Off(string command) => new(new PowerOptions { Command = [command] }, new Lifetime(), time, NullLogger<PowerOff>.Instance);

    private static List<AuditRecord> Chain(string path)
    {
        var records = new List<AuditRecord>();
        using FileStream file = File.OpenRead(path);
        while (file.Position < file.Length)
            records.Add(AuditRecord.Parser.ParseFrom(AuditEntry.Parser.ParseDelimitedFrom(file).Record));
        return records;
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication()
        {
        }
    }
}
