using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>The real program, killed and stopped.</summary>
public sealed class ProcessTests
{
    private const int Plates = 60;

    [Fact]
    public async Task Killed_in_the_middle_of_decisions_it_loses_none_that_it_acknowledged_and_repeats_none()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        BenchCar prepared = await PreparedAsync();
        var acknowledged = new ConcurrentBag<string>();
        int next = 0;
        for (int kill = 0; kill < 4; kill++)
        {
            await using HostProcess host = await HostProcess.StartAsync(Offline(prepared));
            await host.SignInAsync();
            await using FakeEyes eyes = await FakeEyes.AttachAsync(prepared.Socket, TimeProvider.System);
            await using Page page = await host.PageAsync();
            _ = await page.UntilAsync("state", s => (string)s["matching"]!["code"]! == "ok", seconds: 20);
            var deciding = new List<Task>();
            for (int i = 0; i < 8; i++, next++)
            {
                await eyes.SeePlateAsync(PlateOf(next));
                JsonNode alert = await page.UntilAsync("alert");
                deciding.Add(DecideAsync(host, (string)alert["id"]!, acknowledged));
            }
            await Task.Delay(random.Next(40));
            await host.KillAsync();
            await Task.WhenAll(deciding);
        }
        BenchCar car = await BenchCar.StartAsync(over: prepared, vouched: false, boot: BootClock.OfThisMachine());
        string[] durable = [.. car.Events().Where(e => e.AlertDecided is not null).Select(e => Uuid7.ToGuid(Decision.Parser.ParseFrom(e.AlertDecided.Decision.Payload).Id.Span).ToString())];
        Assert.Equal(durable.Length, durable.Distinct().Count());
        Assert.Empty(acknowledged.Except(durable));
        Assert.True(!acknowledged.IsEmpty, $"seed {seed}: nothing was acknowledged, so nothing was tested");
        Assert.True(car.VerifyAudit().Whole, $"seed {seed}: {car.VerifyAudit().Sentence}");
        string[] audited = [.. car.Audit().Where(r => r.Kind == AuditKind.AlertConfirmed).Select(r => r.Subject.Split(' ')[1])];
        Assert.Equal(durable.Order(), audited.Order());
        await car.DisposeAsync();
        await prepared.DisposeAsync();
    }

    [Fact]
    public async Task Asked_to_end_it_ends_with_0_within_its_time_and_leaves_its_figures()
    {
        BenchCar prepared = await PreparedAsync();
        await using HostProcess host = await HostProcess.StartAsync(Offline(prepared));
        await host.SignInAsync();
        await using FakeEyes eyes = await FakeEyes.AttachAsync(prepared.Socket, TimeProvider.System);
        await using Page page = await host.PageAsync();
        await eyes.SeePlateAsync(PlateOf(0));
        _ = await page.UntilAsync("alert");
        Assert.True(await host.TerminateAsync(TimeSpan.FromSeconds(15)), "it did not end within 15 s");
        Assert.Equal(0, host.ExitCode);
        JsonNode figures = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(prepared.Data, "run", "summary.json")))!;
        Assert.Equal(1, (int)figures["hitsPlate"]!);
        BenchCar car = await BenchCar.StartAsync(over: prepared, vouched: false, boot: BootClock.OfThisMachine());
        Assert.Equal([AuditKind.AlertLapsed, AuditKind.SignOut, AuditKind.DeletionReceipt, AuditKind.Stop], car.Audit().SkipLast(1).TakeLast(4).Select(r => r.Kind));
        await car.DisposeAsync();
        await prepared.DisposeAsync();
    }

    [Fact]
    public async Task Eyes_are_its_child_come_back_within_three_seconds_die_with_it_and_nobody_else_is_heard()
    {
        BenchCar prepared = await PreparedAsync();
        CarOptions options = Offline(prepared);
        await using HostProcess host = await HostProcess.StartAsync(options with { Vision = options.Vision with { Spawn = true } });
        await Eventually.HoldsAsync(() => host.EyesId() > 0, "eyes run", seconds: 20);
        // Offline and with a camera that is not there: neither is a fault of this version.
        JsonNode health = await host.WellAsync();
        Assert.Equal((host.Id, 0), ((int)health["pid"]!, health["ill"]!.AsArray().Count));
        await using Page page = await host.PageAsync();
        _ = await page.UntilAsync("state", s => s["cameras"]!.AsArray().Any(c => ((string)c!["detail"]!).Length > 0), seconds: 30);
        _ = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using FakeEyes stranger = await FakeEyes.AttachAsync(prepared.Socket, TimeProvider.System);
            await stranger.SeePlateAsync(PlateOf(0));
            await Eventually.HoldsAsync(() => stranger.Broken is not null, "the stranger is cut off");
            throw stranger.Broken!;
        });
        Assert.True((int)(await host.SummaryAsync())["visitsRefused"]!["peer"]! >= 1);

        string environment = await File.ReadAllTextAsync($"/proc/{host.EyesId()}/environ") is var e && e.Length > 0 ? e : "(not readable)";
        Assert.DoesNotContain("NOTIFY_SOCKET", environment, StringComparison.Ordinal);
        int first = host.EyesId();
        using (Process victim = Process.GetProcessById(first))
            victim.Kill();
        long killed = Stopwatch.GetTimestamp();
        await Eventually.HoldsAsync(() => host.EyesId() is var now && now > 0 && now != first, "eyes are back", seconds: 10);
        Assert.InRange(Stopwatch.GetElapsedTime(killed).TotalSeconds, 0, 3);
        int second = host.EyesId();
        await host.KillAsync();
        await Eventually.HoldsAsync(() => !Directory.Exists($"/proc/{second}"), "eyes die with the host", seconds: 20);
        await prepared.DisposeAsync();
    }

    [Theory]
    [InlineData(64)]
    [InlineData(64, "host")]
    [InlineData(78, "host", "--config", "/nonexistent.json")]
    [InlineData(78, "config", "check", "--config", "/nonexistent.json")]
    [InlineData(2, "audit", "verify", "--data", "/nonexistent")]
    public async Task What_cannot_be_done_ends_with_a_code_and_a_sentence(int code, params string[] arguments)
    {
        using Process process = HostProcess.Run(arguments);
        string said = await process.StandardError.ReadToEndAsync() + await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(code, process.ExitCode);
        Assert.NotEmpty(said);
        Assert.DoesNotContain("Unhandled", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_car_that_was_not_enrolled_says_so_and_does_not_start()
    {
        string data = Directory.CreateTempSubdirectory("not-enrolled-").FullName;
        string file = Path.Combine(data, "agent.json");
        await File.WriteAllTextAsync(file, System.Text.Json.JsonSerializer.Serialize(BenchCar.Options(data, null)));
        using Process process = HostProcess.Run("host", "--config", file);
        string said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(78, process.ExitCode);
        Assert.Contains("edgectl provision", said, StringComparison.Ordinal);
        Directory.Delete(data, recursive: true);
    }

    private static CarOptions Offline(BenchCar prepared) => BenchCar.Options(prepared.Data, null);

    private static string PlateOf(int i) => $"京A{10000 + i}";

    // Lists, roster and a vouched time lie on disk; the host that put them there has ended.
    private static async Task<BenchCar> PreparedAsync()
    {
        BenchCar car = await BenchCar.StartAsync(boot: BootClock.OfThisMachine());
        Assert.True(car.TakePlates(l =>
        {
            l.Plates.Clear();
            l.Plates.AddRange(Enumerable.Range(0, Plates).Select(i => new PlateEntry { EntryId = $"p{i}", Plate = PlateOf(i) }));
        }).Accepted);
        await car.EndAsync();
        return car;
    }

    private static async Task DecideAsync(HostProcess host, string alertId, ConcurrentBag<string> acknowledged)
    {
        try
        {
            using HttpResponseMessage answer = await host.Http.PostAsJsonAsync($"/api/alerts/{alertId}/decision", new { verdict = "confirmed", reason = "", note = "" });
            if (answer.IsSuccessStatusCode)
                acknowledged.Add((string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["decisionId"]!);
        }
        catch (HttpRequestException)
        {
            // Killed before it answered: whether this one is durable is not promised.
        }
    }
}
