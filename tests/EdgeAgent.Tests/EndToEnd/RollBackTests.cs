using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Releases;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Benchmarks.Bench;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Releases;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.DispatchClient.Releases;
using EdgeAgent.Tests.CommandCentre;
using EdgeAgent.Tests.DispatchClient;
using Microsoft.Extensions.DependencyInjection;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.EndToEnd;

/// <summary>A technician at the console sends a release out and takes it back: real centre, real host, real edgectl, over one live link.</summary>
public sealed class RollBackTests : IDisposable
{
    private const string Version = "9.1.0", Reason = "it reads plates badly";

    private readonly TemporaryDirectory place = new();
    private readonly TestBundles releases = new();
    private readonly AppSlots slots;

    public RollBackTests()
    {
        // What this box was installed with calls itself as the host that runs here does.
        _ = Directory.CreateDirectory(place.At("factory"));
        File.Copy(typeof(CarFacts).Assembly.Location, Path.Combine(place.At("factory"), ReleaseTrust.Agent + ".dll"));
        File.WriteAllText(place.At("roots.pem"), releases.Root.ExportCertificatePem());
        slots = new AppSlots(place.At("app"), place.At("factory"), TimeProvider.System);
    }

    public void Dispose()
    {
        releases.Dispose();
        place.Dispose();
    }

    [Fact]
    public async Task From_the_console_a_release_comes_into_the_cars_slot_and_the_console_takes_it_back_for_good()
    {
        string bundle = releases.Pack(place, Version, 91);
        await using LinkedCar car = await LinkedCar.StartAsync(centre => Prepare(centre, bundle), Slots);
        using ConsoleClient console = await ConsoleClient.SignedInAsync(car.Centre.Http, "tech");
        var begun = await console.PostAsync("/api/admin/rollouts", $$"""{"version":"{{Version}}","rings":[["{{LinkedCar.UnitId}}"]],"soakMinutes":60,"backMinutes":30}""");
        Assert.Equal(HttpStatusCode.OK, begun.Status);
        await Eventually.HoldsAsync(() => slots.Read().OnTrial, "the release is on trial in its slot", seconds: 60);
        await Eventually.HoldsAsync(() => Outcomes(car).Contains(ReleaseOutcome.Installed), "the centre knows", seconds: 30);
        // As the launcher does when the new version has been well.
        _ = await slots.ChangeAsync(state => state.MarkedGood(), default);

        string act = $"/api/admin/rollouts/{(string)begun.Json!["rolloutId"]!}/roll_back";
        Assert.Equal(HttpStatusCode.NoContent, (await console.PostAsync(act, new JsonObject { ["reason"] = Reason }.ToJsonString())).Status);
        await Eventually.HoldsAsync(() => slots.Read().Current == SlotState.Factory, "the box starts what it was installed with", seconds: 30);
        await Eventually.HoldsAsync(() => Outcomes(car) is [.., ReleaseOutcome.TakenBack], "the centre knows that too", seconds: 30);
        Assert.Equal((91UL, SlotStanding.Good), (slots.Read().Floor, slots.Read().A!.Standing));
        Assert.Equal($"the centre: {Reason}", Told(car)[^1].Detail);
        using (OpenCentre centre = car.OpenCentre())
        {
            Assert.Equal(0, centre.Database.Read(c => Dapper.SqlMapper.ExecuteScalar<long>(c, "SELECT count(*) FROM release_offers")));
            Assert.Equal(["stored "], centre.Database.Read(c => Dapper.SqlMapper.Query<string>(c, "SELECT outcome || ' ' || code FROM commands WHERE kind = 'ReleaseRollback'").ToList()));
        }
        // Neither the offer nor the bundle brings it again.
        Assert.Equal(HttpStatusCode.BadRequest, (await console.PostAsync("/api/admin/rollouts", """{"version":"9.2.0","rings":[["PB-0001"]],"soakMinutes":0,"backMinutes":1}""")).Status);
        Assert.Null(car.Host.Services.GetRequiredService<ReleaseBook>().Waiting);
        Assert.Equal(ReleaseCodes.Older, (await Assert.ThrowsAsync<ReleaseException>(() => new SlotUpdate(slots, releases.Trust).InstallAsync(bundle, null, default))).Code);
    }

    private static void Prepare(OpenCentre centre, string bundle)
    {
        _ = new ReleaseStore(centre.Folder, centre.Database).Add(bundle, Version, "test", OpenCentre.Now);
        _ = centre.Database.Write(transaction =>
        {
            AccountTable.Put(transaction, "tech", "technician", "", ConsoleAccess.HashPassword("tech", CentreUnderTest.Password), OpenCentre.Now);
            return 0;
        });
    }

    private EdgeAgent.Agent.Hosting.CarOptions Slots(EdgeAgent.Agent.Hosting.CarOptions options) => options with
    {
        Releases = new ReleaseOptions { RootsFile = place.At("roots.pem"), Place = new LaunchPlace(slots.Root, slots.FactoryFolder, Path.Combine(AppContext.BaseDirectory, "edgectl")) },
    };

    private static List<ReleaseState> Told(LinkedCar car) =>
        [.. car.Centre.Services.GetRequiredService<EventTable>().NewestOf(LinkedCar.UnitId, "release_state", 20).Select(told => told.Event.ReleaseState)];

    private static List<ReleaseOutcome> Outcomes(LinkedCar car) => [.. Told(car).Select(state => state.Outcome)];
}
