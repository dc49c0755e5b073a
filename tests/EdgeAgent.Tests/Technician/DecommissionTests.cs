using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Rescue;
using EdgeAgent.Contract;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Edgectl;
using EdgeAgent.Tests.Support;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Technician;

/// <summary>The centre's order that a unit be none any more.</summary>
public sealed class DecommissionTests
{
    [Fact]
    public async Task What_is_not_signed_by_the_centre_for_this_unit_by_two_people_changes_nothing()
    {
        await using var car = await BenchCar.StartAsync();
        using var stranger = new TestPki();
        Assert.Equal("decommission_not_signed_by_centre", await GiveAsync(car, Order(), stranger));
        Assert.Equal("decommission_of_other_unit", await GiveAsync(car, Order(o => o.UnitId = "PB-9")));
        Assert.Equal("decommission_needs_two", await GiveAsync(car, Order(o => o.ApprovedBy = o.ProposedBy)));
        Assert.Equal("decommission_needs_two", await GiveAsync(car, Order(o => o.ProposedBy = "")));
        Assert.Equal("role_not_allowed", await GiveAsync(car, Order(), role: "supervisor"));
        Assert.False(Decommission.IsDue(car.Data));
        Assert.False(car.Get<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public async Task It_tells_what_waits_then_ends_and_nothing_is_left()
    {
        await using var centre = await TestCentre.StartAsync();
        await using var car = await BenchCar.StartAsync(centre: centre);
        var options = AtTheBox.OptionsFile(car);
        Assert.Equal("", await GiveAsync(car, Order()));
        Assert.True(Decommission.IsDue(car.Data));
        Assert.Contains(car.Audit(), r => (r.Actor, r.Subject, r.Purpose) == ("li", $"unit/{BenchCar.UnitId}", "decommission_ordered"));
        await Eventually.HoldsAsync(() => car.Get<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested, "it ends", seconds: 90);
        Assert.Equal(0, car.Get<EdgeAgent.DispatchClient.Outbox.OutboxStore>().Counts.Pending);
        await car.EndAsync();
        // As at the start after a power cut: before anything is opened.
        using var process = HostProcess.Run("host", "--config", options);
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(78, process.ExitCode);
        Assert.Contains($"unit {BenchCar.UnitId} no longer", error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(car.Data));
    }

    [Fact]
    public async Task A_wiping_that_was_cut_goes_on_at_the_next_start()
    {
        await using var car = await BenchCar.StartAsync();
        var options = AtTheBox.OptionsFile(car);
        await car.EndAsync();
        File.WriteAllText(Path.Combine(car.Data, "wiping"), BenchCar.UnitId);
        File.Delete(Path.Combine(car.Data, "vault.key"));
        using var process = HostProcess.Run("host", "--config", options);
        await process.WaitForExitAsync();
        Assert.Equal(78, process.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(car.Data));
    }

    [Fact]
    public async Task The_real_host_ends_wipes_itself_and_says_so()
    {
        await using var centre = await TestCentre.StartAsync();
        await using var car = await BenchCar.StartAsync(centre: centre);
        var options = AtTheBox.OptionsFile(car, o => o with { Centre = centre.Address.ToString() });
        await car.EndAsync();
        centre.Hellos.Clear();
        using var process = HostProcess.Run("host", "--config", options);
        var error = process.StandardError.ReadToEndAsync();
        await Eventually.HoldsAsync(() => !centre.Hellos.IsEmpty && centre.Sessions.ContainsKey(BenchCar.UnitId), "it greets", seconds: 60);
        await centre.Sessions[BenchCar.UnitId].SendAsync(new CentreMessage { Command = Command(car, Order()) });
        await Eventually.HoldsAsync(() => centre.CommandAcks.Any(a => a.Outcome == CommandOutcome.Stored), "it answers", seconds: 60);
        await Eventually.HoldsAsync(() => process.HasExited, "it ends", seconds: 120);
        Assert.Equal(78, process.ExitCode);
        Assert.Contains("no longer", await error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(car.Data));
    }

    [Fact]
    public async Task At_the_box_what_waits_is_delivered_first_then_the_agent_is_stopped_and_the_box_wiped()
    {
        await using var centre = await TestCentre.StartAsync();
        await using var car = await BenchCar.StartAsync(centre: centre);
        using var place = new TemporaryDirectory();
        var options = AtTheBox.OptionsFile(car);
        await AtTheBox.DoorOpenAsync(car);
        Assert.Equal("other_unit", await CodeAsync(options, "PB-9", place));
        // Whoever is asked to stop it does not.
        _ = Script.Write(place.Path, "systemctl", "echo 'not today' >&2; exit 1");
        Assert.Equal("agent_runs", await CodeAsync(options, BenchCar.UnitId, place));
        Assert.True(File.Exists(Path.Combine(car.Data, "events.db")));
        _ = Script.Write(place.Path, "systemctl", $"echo \"$@\" > {place.At("asked")}; for i in $(seq 300); do [ -e {place.At("stopped")} ] && exit 0; sleep 0.1; done");
        var stopping = Task.Run(async () =>
        {
            await Eventually.HoldsAsync(() => File.Exists(place.At("asked")), "it is asked to stop", seconds: 60);
            await car.EndAsync();
            await File.WriteAllTextAsync(place.At("stopped"), "");
        });
        var (exitCode, said, error) = await RunAsync(options, BenchCar.UnitId, place);
        await stopping;
        Assert.True(exitCode == 0, error);
        Assert.Equal((BenchCar.UnitId, "disable --now edge-agent\n"), (said.GetProperty("unitId").GetString(), await File.ReadAllTextAsync(place.At("asked"))));
        Assert.Empty(Directory.EnumerateFileSystemEntries(car.Data));
        Assert.NotEmpty(centre.Durable);
    }

    [Fact]
    public async Task What_cannot_be_delivered_stops_it()
    {
        await using var car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        using var place = new TemporaryDirectory();
        var options = AtTheBox.OptionsFile(car);
        await AtTheBox.DoorOpenAsync(car);
        Assert.Equal("unsent_events", await CodeAsync(options, BenchCar.UnitId, place, "--wait", "1"));
        Assert.True(File.Exists(Path.Combine(car.Data, "events.db")));
    }

    private static async Task<string> CodeAsync(string options, string unit, TemporaryDirectory place, params string[] more) =>
        (await RunAsync(options, unit, place, more)).Said.GetProperty("error").GetString()!;

    private static async Task<(int ExitCode, System.Text.Json.JsonElement Said, string Error)> RunAsync(string options, string unit, TemporaryDirectory place, params string[] more)
    {
        var (exitCode, output, error) = await EdgectlProcess.RunAsync(
            ["decommission", "--config", options, "--agent", AtTheBox.Agent, "--unit", unit, "--json", .. more], $"{place.Path}:{Environment.GetEnvironmentVariable("PATH")}");
        return (exitCode, System.Text.Json.JsonDocument.Parse(output).RootElement, error);
    }

    private static UnitDecommission Order(Action<UnitDecommission>? change = null)
    {
        var order = new UnitDecommission { UnitId = BenchCar.UnitId, Reason = "stolen tonight", ProposedBy = "root", ApprovedBy = "li" };
        change?.Invoke(order);
        return order;
    }

    private static Command Command(BenchCar car, UnitDecommission order, TestPki? signer = null, string role = "admin") => new()
    {
        Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
        Issuer = "li",
        IssuerRole = role,
        Decommission = Envelopes.Sign(Envelopes.DecommissionType, order.ToByteArray(), TestPki.Signer(SignerRole.Centre, (signer ?? car.Pki).CentreSigner)),
    };

    private static async Task<string> GiveAsync(BenchCar car, UnitDecommission order, TestPki? signer = null, string role = "admin") =>
        (await car.Get<CommandDesk>().HandleAsync(Command(car, order, signer, role), default)).Code;
}
