using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Rescue;
using EdgeAgent.Contract;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.DispatchClient;
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
