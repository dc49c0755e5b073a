using System.Net.Sockets;
using System.Security.Cryptography;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Tests.DispatchClient;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Agent;

public sealed class HostingTests : IDisposable
{
    private readonly TemporaryDirectory folder = new();

    [Fact]
    public void A_bad_configuration_is_told_all_at_once_in_sentences()
    {
        (CarOptions? options, IReadOnlyList<string> problems) = CarOptions.Read(Write("""
            { "DataDirectory": "", "Centre": "http://x", "AlertLapseSeconds": 3, "Terminal": { "Url": "ftp://x" }, "Gnss": { "Port": 0 },
              "Vision": { "AnalysedFps": 99 }, "Alerts": { "FaceFalseAlertsPer1000Visits": 200 },
              "Cameras": [ { "Id": "a b", "Main": "" }, { "Id": "x", "Main": "rtsp://x", "PreviewOnly": true, "Ptz": "http://x" }, { "Id": "x", "Main": "rtsp://x" } ] }
            """));
        Assert.Null(options);
        Assert.Equal(
            ["DataDirectory", "Centre", "AlertLapseSeconds", "Cameras: 'x'", "Cameras[0].Id", "Cameras[0].Main", "Cameras[1] is for preview", "Terminal.Url", "Gnss.Port", "Vision.AnalysedFps", "Alerts.FaceFalseAlertsPer1000Visits"],
            problems.Select((p, i) => p[..Math.Min(p.Length, Starts[i].Length)]));
        Assert.All(problems, p => Assert.EndsWith(".", p, StringComparison.Ordinal));
    }

    [Fact]
    public void What_many_threads_seal_at_once_opens_again()
    {
        using UnitVault vault = UnitVault.Open(folder.Path, NullLogger.Instance);
        byte[] content = [1, 2, 3];
        _ = Parallel.For(0, 20_000, i => Assert.Equal(content, vault.Open("p", vault.Seal("p", content))));
    }

    private static readonly string[] Starts =
        ["DataDirectory", "Centre", "AlertLapseSeconds", "Cameras: 'x'", "Cameras[0].Id", "Cameras[0].Main", "Cameras[1] is for preview", "Terminal.Url", "Gnss.Port", "Vision.AnalysedFps", "Alerts.FaceFalseAlertsPer1000Visits"];

    [Fact]
    public void An_unknown_key_a_missing_file_and_broken_json_are_named()
    {
        Assert.Contains("perhaps Cameras", CarOptions.Read(Write("""{ "Camera": [] }""")).Problems[0], StringComparison.Ordinal);
        Assert.Contains("line 2", Assert.Single(CarOptions.Read(Write("{\n oops")).Problems), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Single(CarOptions.Read(folder.At("none.json")).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_vault_sealed_opens_only_unchanged_for_its_purpose_and_with_its_key()
    {
        using UnitVault vault = UnitVault.Open(folder.Path, NullLogger.Instance);
        byte[] closed = vault.Seal("a", "secret"u8);
        Assert.Equal("secret"u8.ToArray(), vault.Open("a", closed));
        Assert.NotEqual(closed, vault.Seal("a", "secret"u8));
        _ = Assert.ThrowsAny<CryptographicException>(() => vault.Open("b", closed));
        for (int at = 0; at < closed.Length; at++)
        {
            byte[] bad = [.. closed];
            bad[at] ^= 1;
            _ = Assert.ThrowsAny<CryptographicException>(() => vault.Open("a", bad));
            _ = Assert.ThrowsAny<CryptographicException>(() => vault.Open("a", closed.AsSpan(0, at)));
        }
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.At("vault.key")));
        using UnitVault again = UnitVault.Open(folder.Path, NullLogger.Instance);
        Assert.Equal("secret"u8.ToArray(), again.Open("a", closed));
    }

    [Fact]
    public void A_vault_whose_key_is_gone_open_to_others_or_cut_does_not_open()
    {
        UnitVault.Open(folder.Path, NullLogger.Instance).Dispose();
        File.SetUnixFileMode(folder.At("vault.key"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<InvalidOperationException>(() => UnitVault.Open(folder.Path, NullLogger.Instance)).Message, StringComparison.Ordinal);
        File.SetUnixFileMode(folder.At("vault.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(folder.At("vault.key"), new byte[31]);
        Assert.Contains("31", Assert.Throws<InvalidOperationException>(() => UnitVault.Open(folder.Path, NullLogger.Instance)).Message, StringComparison.Ordinal);
        File.Delete(folder.At("vault.key"));
        File.WriteAllText(folder.At("events.db"), "");
        Assert.Contains("is missing", Assert.Throws<InvalidOperationException>(() => UnitVault.Open(folder.Path, NullLogger.Instance)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_optional_stage_comes_back_and_shows_it_an_essential_one_ends_the_process_with_a_code()
    {
        int runs = 0;
        var essential = new TaskCompletionSource();
        Stage[] stages =
        [
            new(new StageRow("flaky", StopPhase.Facts, Criticality.Optional), (_, stop) => ++runs < 4 ? throw new IOException("cable") : Task.Delay(Timeout.Infinite, stop)),
            new(new StageRow("heart", StopPhase.Link, Criticality.Essential), (_, _) => essential.Task),
        ];
        using var lifetime = new Lifetime();
        var exit = new ExitCode();
        var table = new StageTable(stages, TimeProvider.System);
        var supervisor = new Supervisor(table, exit, lifetime, TimeProvider.System, NullLogger<Supervisor>.Instance);
        await supervisor.StartAsync(default);
        await Eventually.HoldsAsync(() => table.Snapshot()[0] is { Condition: StageCondition.Degraded, Detail: "cable" }, "the fault shows");
        await Eventually.HoldsAsync(() => runs == 4 && table.Snapshot()[0].Restarts == 3, "it came back");
        Assert.False(lifetime.Stopped);
        essential.SetException(new InvalidOperationException("broken"));
        await Eventually.HoldsAsync(() => lifetime.Stopped, "the process ends");
        Assert.Equal(ExitCode.EssentialStageEnded, exit.Value);
        await supervisor.StopAsync(default);
    }

    [Fact]
    public async Task Stages_stop_in_the_order_of_the_data_and_a_stuck_one_is_left_behind()
    {
        var order = new List<string>();
        int started = 0;
        Stage Of(string name, StopPhase phase) => new(new StageRow(name, phase, Criticality.Essential), async (pulse, stop) =>
        {
            _ = Interlocked.Increment(ref started);
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (order)
                order.Add(name);
        });
        var stuck = new Stage(
            new StageRow("stuck", StopPhase.Alerts, Criticality.Optional) { StopDeadline = TimeSpan.FromMilliseconds(100) },
            (_, _) => new TaskCompletionSource().Task);
        using var lifetime = new Lifetime();
        var table = new StageTable([Of("link", StopPhase.Link), Of("alerts", StopPhase.Alerts), stuck, Of("eyes", StopPhase.Eyes)], TimeProvider.System);
        var supervisor = new Supervisor(table, new ExitCode(), lifetime, TimeProvider.System, NullLogger<Supervisor>.Instance);
        await supervisor.StartAsync(default);
        await Eventually.HoldsAsync(() => started == 3, "all run");
        await supervisor.StopAsync(default);
        Assert.Equal(["eyes", "alerts", "link"], order);
    }

    [Fact]
    public void A_silent_stage_is_not_shown_as_well()
    {
        var time = new JumpTime();
        var pulse = new StagePulse("x", 2, time);
        pulse.Beat();
        Assert.Equal(StageCondition.Ok, pulse.Snapshot().Condition);
        time.Jump(TimeSpan.FromSeconds(9));
        Assert.Equal(StageCondition.Degraded, pulse.Snapshot().Condition);
        Assert.StartsWith("silent", pulse.Snapshot().Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Readiness_is_one_datagram_to_the_supervisor(bool isAbstract)
    {
        string name = isAbstract ? $"@edgeagent-{Guid.NewGuid():n}" : folder.At("notify");
        using var supervisor = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        supervisor.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{name[1..]}" : name));
        supervisor.ReceiveTimeout = 5000;
        new Systemd(name).Ready();
        byte[] buffer = new byte[64];
        Assert.Equal("READY=1"u8.ToArray(), buffer[..supervisor.Receive(buffer)]);
        new Systemd(null).Ready();
        new Systemd(folder.At("nobody")).Stopping();
    }

    public void Dispose() => folder.Dispose();

    private string Write(string json)
    {
        string file = folder.At($"{Guid.NewGuid():n}.json");
        File.WriteAllText(file, json);
        return file;
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource source = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => source.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public bool Stopped { get; private set; }

        public void StopApplication() => Stopped = true;

        public void Dispose() => source.Dispose();
    }
}
