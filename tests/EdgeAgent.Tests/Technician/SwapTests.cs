using System.Text.Json;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Rescue;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.CommandCentre;
using EdgeAgent.Tests.DispatchClient;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Technician;

/// <summary>A dead box's disk in a new box, before a real session of the contract.</summary>
public sealed class SwapTests : IAsyncDisposable
{
    private const string Unit = "unit-1";

    private readonly TemporaryDirectory directory = new();
    private readonly TestPki pki = new();

    private string Old => directory.At("old");

    private string New => directory.At("new");

    public ValueTask DisposeAsync()
    {
        pki.Dispose();
        directory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_the_dead_box_had_not_told_reaches_the_centre_once_with_its_ids_and_numbers_and_its_audit_chain_is_kept()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        IReadOnlyList<Event> events = await DeadBoxAsync(centre.Address, sent: 4);
        _ = pki.WriteIdentity(Path.Combine(New, "identity"), Unit, centre.Address);
        var (exitCode, said, error) = await SwapAsync(centre.Address);
        Assert.True(exitCode is 0 or 3, error + said);
        Assert.Equal(events.Skip(4).Select(Id).Order(), centre.Durable.Keys.Order());
        foreach (Event happened in events.Skip(4))
        {
            Event got = centre.Durable[Id(happened)];
            Assert.Equal((happened.Lane, happened.Number, happened.CapturedAtUnixMs), (got.Lane, got.Number, got.CapturedAtUnixMs));
        }
        Assert.Equal(events.Count - 4, said.GetProperty("delivered").GetInt64());
        Assert.Equal("", said.GetProperty("auditProblem").GetString());
        Assert.NotEqual("", said.GetProperty("auditHead").GetString());
        Assert.All(centre.Hellos, hello => Assert.Equal(said.GetProperty("incarnation").GetString(), Convert.ToHexStringLower(hello.Incarnation.Span)));
        Assert.True(File.Exists(Path.Combine(said.GetProperty("kept").GetString()!, "audit", "audit.log")));
        // The old disk is as it was.
        Assert.Equal(events.Count - 4, OutboxReport.Read(Old).Lanes.Sum(l => l.Pending));

        long before = centre.Received.Count;
        (exitCode, _, _) = await SwapAsync(centre.Address);
        Assert.True(exitCode is 0 or 3);
        Assert.Equal(before, centre.Received.Count);
    }

    [Fact]
    public async Task Cut_while_copying_or_delivering_it_goes_on_and_nothing_is_lost()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        IReadOnlyList<Event> events = await DeadBoxAsync(centre.Address, sent: 0);
        _ = pki.WriteIdentity(Path.Combine(New, "identity"), Unit, centre.Address);
        // A copy that was cut: its folder bears the unfinished name.
        var copied = new OldDisk(Old).CopyTo(Path.Combine(New, "rescued"), _ => { });
        Directory.Move(copied, copied + ".part");
        File.Delete(Path.Combine(copied + ".part", "vault.key"));
        // The centre is slow, and the delivery is over before it has answered: a delivery that was cut.
        centre.AckDelay = TimeSpan.FromSeconds(1);
        var (exitCode, said, _) = await SwapAsync(centre.Address, patience: 3);
        Assert.Equal(3, exitCode);
        Assert.True(said.GetProperty("waiting").GetInt64() > 0);
        centre.AckDelay = TimeSpan.Zero;
        (exitCode, said, var error) = await SwapAsync(centre.Address);
        Assert.True(exitCode is 0 or 3, error);
        Assert.Equal(events.Select(Id).Order(), centre.Durable.Keys.Order());
    }

    [Fact]
    public async Task A_real_centre_has_all_of_it_once_and_the_copys_key_and_events_are_gone_then()
    {
        await using var centre = await CentreUnderTest.StartAsync();
        IReadOnlyList<Event> events = await DeadBoxAsync(centre.Grpc, sent: 0);
        var enrolled = JsonDocument.Parse((await centre.CommandAsync(null, "enrol", "--unit", Unit, "--label", "one")).Output).RootElement;
        var (exitCode, _, error) = await AtTheBox.RunAsync(
            "provision", "--centre", $"{centre.Grpc}", "--code", enrolled.GetProperty("code").GetString()!, "--data", New, "--key", "file");
        Assert.True(exitCode == 0, error);
        // The centre promises durability in its own time.
        JsonElement said = default;
        for (int run = 0; run < 5 && exitCode != 0 | run == 0; run++)
            (exitCode, said, error) = await SwapAsync(centre.Grpc);
        Assert.True(exitCode == 0, said + error);
        string kept = said.GetProperty("kept").GetString()!;
        Assert.Equal(["audit", "identity", "rescued.json"], Directory.EnumerateFileSystemEntries(kept).Select(e => Path.GetFileName(e)!).Order());
        var stored = await centre.CommandAsync(null, "events", "--unit", Unit, "--json", "--ids");
        Assert.All(events, e => Assert.Single(System.Text.RegularExpressions.Regex.Matches(stored.Output, $"{Id(e)}")));
        (exitCode, said, _) = await SwapAsync(centre.Grpc);
        Assert.Equal((0, (long)events.Count), (exitCode, said.GetProperty("delivered").GetInt64()));
    }

    [Fact]
    public async Task A_disk_of_another_unit_none_at_all_and_a_running_agent_are_refused_and_nothing_is_copied()
    {
        _ = await DeadBoxAsync(new Uri("https://localhost:1"), sent: 0);
        _ = pki.WriteIdentity(Path.Combine(New, "identity"), "unit-2", new Uri("https://localhost:1"));
        Assert.Equal("other_unit", await CodeAsync(Old));
        Assert.Equal("not_a_data_folder", await CodeAsync(directory.Path));
        Assert.False(Directory.Exists(Path.Combine(New, "rescued")));
        await using var running = await BenchCar.StartAsync();
        await AtTheBox.DoorOpenAsync(running);
        Assert.Equal("old_box_runs", await CodeAsync(running.Data));
    }

    [Fact]
    public async Task The_new_boxs_own_chain_says_once_whose_place_it_took_and_where_that_chain_ends()
    {
        BenchCar car = await BenchCar.StartAsync();
        string copy = Path.Combine(car.Data, "rescued", "0a1b"), waits = Path.Combine(car.Data, "rescued", "2c3d", "audit");
        Directory.CreateDirectory(copy);
        Directory.CreateDirectory(waits);
        File.WriteAllText(Path.Combine(copy, "rescued.json"), JsonSerializer.Serialize(new RescueReport("unit-1", "0a1b", 3, 0, 0, "17:beef", "", copy)));
        for (int start = 0; start < 2; start++)
            car = await car.RestartAsync(sameBoot: true);
        await using (car)
        {
            AuditRecord swapped = Assert.Single(car.Audit(), r => r.Kind == AuditKind.Swapped);
            Assert.Equal(("system", "0a1b 17:beef", "chain_whole"), (swapped.Actor, swapped.Subject, swapped.Purpose));
            Assert.True(car.VerifyAudit().Whole);
        }
    }

    [Fact]
    public async Task Without_the_old_boxs_tpm_the_chain_is_rescued_and_the_events_are_said_to_be_lost_to_this_box()
    {
        _ = await DeadBoxAsync(new Uri("https://localhost:1"), sent: 0);
        File.Move(Path.Combine(Old, "vault.key"), Path.Combine(Old, "vault.tpm"));
        _ = pki.WriteIdentity(Path.Combine(New, "identity"), Unit, new Uri("https://localhost:1"));
        Assert.Equal("sealed_to_old_tpm", await CodeAsync(Old));
        Assert.True(File.Exists(Path.Combine(Directory.GetDirectories(Path.Combine(New, "rescued")).Single(), "audit", "audit.log")));
    }

    /// <summary>A car that ran, signed its chain and has events; what is left of it is its folder.</summary>
    private async Task<IReadOnlyList<Event>> DeadBoxAsync(Uri centre, int sent)
    {
        await using var car = await BenchCar.StartAsync(o => o with { Centre = "https://localhost:1" });
        await car.EndAsync();
        Directory.CreateDirectory(Old);
        Copy(car.Data, Old);
        Directory.Delete(Path.Combine(Old, "identity"), recursive: true);
        _ = car.Pki.WriteIdentity(Path.Combine(Old, "identity"), Unit, centre);
        File.Copy(Path.Combine(car.Data, "identity", "unit.crt"), Path.Combine(Old, "identity", "unit.crt"), overwrite: true);
        using var vault = UnitVault.Open(Old, NullLogger.Instance);
        var seal = new PayloadSeal(plain => vault.Seal("outbox", plain), closed => vault.Open("outbox", closed));
        await using var outbox = OutboxStore.Open(new OutboxOptions { Directory = Old }, seal, TimeProvider.System);
        _ = outbox.AppendMany([.. Enumerable.Range(0, 20).Select(i => TestOutbox.Note($"note {i}"))]);
        IReadOnlyList<Event> all = outbox.LeaseAll();
        outbox.ReleaseLeases();
        outbox.Answer([.. all.Take(sent).Select(e => TestOutbox.Ack(e))]);
        return all;
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string at = Path.Combine(to, Path.GetRelativePath(from, file));
            _ = Directory.CreateDirectory(Path.GetDirectoryName(at)!);
            File.Copy(file, at);
        }
    }

    private async Task<string> CodeAsync(string from)
    {
        var (exitCode, said, error) = await SwapAsync(new Uri("https://localhost:1"), from);
        Assert.Equal(1, exitCode);
        Assert.NotEmpty(error);
        return said.GetProperty("error").GetString()!;
    }

    private Task<(int ExitCode, JsonElement Said, string Error)> SwapAsync(Uri centre, string? from = null, int patience = 20)
    {
        string file = directory.At("agent.json");
        File.WriteAllText(file, JsonSerializer.Serialize(BenchCar.Options(New, centre) with { Terminal = new() }));
        return AtTheBox.RunAsync("swap", "--from", from ?? Old, "--config", file, "--agent", AtTheBox.Agent, "--patience", $"{patience}");
    }

    private static Guid Id(Event happened) => Uuid7.ToGuid(happened.Id.Span);
}
