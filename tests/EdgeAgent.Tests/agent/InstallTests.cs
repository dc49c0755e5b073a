using System.Security.Cryptography;
using EdgeAgent.Agent.Releases;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Releases;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>A fetched release comes into its slot by the real edgectl; what becomes of it is told once; the centre's order takes it back.</summary>
public sealed class InstallTests : IDisposable
{
    private readonly TemporaryDirectory place = new();
    private readonly TestBundles releases = new();
    private readonly AppSlots slots;

    public InstallTests()
    {
        TestBundles.Folder(place.At("factory"));
        File.WriteAllText(place.At("roots.pem"), releases.Root.ExportCertificatePem());
        slots = new AppSlots(place.At("app"), place.At("factory"), TimeProvider.System);
    }

    public void Dispose()
    {
        releases.Dispose();
        place.Dispose();
    }

    [Fact]
    public async Task What_was_fetched_is_installed_by_itself_and_what_becomes_of_it_is_told_once()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        BenchCar car = await StartAsync(centre);
        Assert.Equal("", car.Get<ReleaseDesk>().Take(Offer(centre, "1.1.0", 11)));
        await Eventually.HoldsAsync(() => slots.Read().OnTrial, "on trial", seconds: 30);
        await Eventually.HoldsAsync(() => Directory.GetFiles(Path.Combine(car.Data, "releases")).Length == 0, "what is in its slot is kept nowhere else");
        // As the launcher does, and somebody at the box.
        _ = await slots.ChangeAsync(state => state.TriedOnce(), default);
        _ = await slots.ChangeAsync(state => state.Failed("it ended", 3), default);
        _ = await slots.ChangeAsync(state => state.MarkedGood(), default);
        _ = await SlotUpdate.RollBackAsync(slots, "by hand", default);
        (ReleaseOutcome, string)[] due =
        [
            (ReleaseOutcome.Fetched, ""), (ReleaseOutcome.Installed, ""), (ReleaseOutcome.Tried, ""), (ReleaseOutcome.Failed, "it ended"), (ReleaseOutcome.Good, ""),
            (ReleaseOutcome.TakenBack, "by hand"),
        ];
        await Eventually.HoldsAsync(() => Told(car, centre).Count == due.Length, "all is told");
        car = await car.RestartAsync(sameBoot: true, change: Slots, centre: centre);
        // One more deed: what was told before comes before it, and only once.
        _ = await new SlotUpdate(slots, releases.Trust).InstallAsync(releases.Pack(place, "1.2.0", 12), null, default);
        await Eventually.HoldsAsync(() => Told(car, centre).Any(t => t.Version == "1.2.0"), "the next is told");
        Assert.Equal(due, Told(car, centre).Where(t => t.Version == "1.1.0").Select(t => (t.Outcome, t.Detail)));
        string[] purposes = ["release_fetched", "release_installed", "release_tried", "release_failed", "release_good", "release_taken_back"];
        Assert.Equal(purposes, car.Audit().Where(r => r.Subject == "release/1.1.0").Select(r => r.Purpose));
        await car.DisposeAsync();
    }

    [Fact]
    public async Task A_bundle_that_must_not_be_taken_is_dropped_with_the_reason_and_nothing_changes()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        using var strangers = new TestBundles();
        File.WriteAllText(place.At("roots.pem"), strangers.Root.ExportCertificatePem());
        await using BenchCar car = await StartAsync(centre);
        Assert.Equal("", car.Get<ReleaseDesk>().Take(Offer(centre, "1.1.0", 11)));
        await Eventually.HoldsAsync(() => Told(car, centre).Any(t => t.Outcome == ReleaseOutcome.Dropped), "dropped", seconds: 30);
        Assert.Equal(ReleaseCodes.UnknownReleaser, Told(car, centre)[^1].Code);
        await Eventually.HoldsAsync(() => Directory.GetFiles(Path.Combine(car.Data, "releases")).Length == 0, "it is told first and then let go of");
        Assert.Equal(SlotState.New, slots.Read());
    }

    [Fact]
    public async Task The_centres_order_takes_a_release_back_that_was_good_and_the_floor_stays()
    {
        await InstallAsync("1.1.0", 11);
        await InstallAsync("1.2.0", 12);
        await using BenchCar car = await BenchCar.StartAsync(Slots);
        using var stranger = new TestPki();
        Assert.Equal("rollback_not_signed_by_centre", await GoBackAsync(car, 5, "1.2.0", "1.1.0", signer: stranger));
        Assert.Equal("rollback_of_other_unit", await GoBackAsync(car, 5, "1.2.0", "1.1.0", unit: "PB-9"));
        Assert.Equal("rollback_not_held", await GoBackAsync(car, 5, "1.2.0", "1.0.0"));
        Assert.Equal("rollback_not_running", await GoBackAsync(car, 5, "1.3.0", "1.1.0"));
        Assert.Equal("b", slots.Read().Current);
        Assert.Equal("", await GoBackAsync(car, 5, "1.2.0", "1.1.0"));
        Assert.Equal(("a", 12UL, SlotStanding.Good), (slots.Read().Current, slots.Read().Floor, slots.Read().B!.Standing));
        Assert.Equal("rollback_not_newer", await GoBackAsync(car, 5, "1.1.0", "1.2.0"));
        // What it left is older than its floor, and comes back with no bundle.
        Assert.Equal(ReleaseCodes.Older, (await Assert.ThrowsAsync<ReleaseException>(() => new SlotUpdate(slots, releases.Trust).InstallAsync(place.At("1.2.0.bundle"), null, default))).Code);
        await Eventually.HoldsAsync(() => car.Events().Any(e => e.ReleaseState is { Outcome: ReleaseOutcome.TakenBack, Version: "1.2.0", Detail: "the centre: it reads plates badly" }), "told");
        Assert.Contains(car.Audit(), r => (r.Actor, r.Subject, r.Purpose) == ("tech", "release/1.2.0", "rollback_ordered"));
    }

    [Fact]
    public async Task An_order_ends_a_trial_and_an_offer_too()
    {
        await InstallAsync("1.1.0", 11);
        _ = await new SlotUpdate(slots, releases.Trust).InstallAsync(releases.Pack(place, "1.2.0", 12), null, default);
        await using BenchCar car = await BenchCar.StartAsync(Slots);
        Assert.Equal("", await GoBackAsync(car, 1, "1.2.0", "1.1.0"));
        Assert.Equal(("a", SlotStanding.Failed), (slots.Read().Current, slots.Read().B!.Standing));
        Assert.Equal("", car.Get<ReleaseDesk>().Take(new ReleaseOffer { Version = "1.3.0", SizeBytes = 9, Sha256 = ByteString.CopyFrom(SHA256.HashData([1])) }));
        Assert.Equal("", await GoBackAsync(car, 2, "1.3.0", "1.1.0"));
        Assert.Null(car.Get<ReleaseBook>().Waiting);
        Assert.Equal("a", slots.Read().Current);
    }

    private static async Task<BenchCar> LinkedAsync(BenchCar car)
    {
        await Eventually.HoldsAsync(() => car.Get<CentreLink>().State.Phase == LinkPhase.Up, "the link is up");
        return car;
    }

    private async Task<BenchCar> StartAsync(TestCentre centre) => await LinkedAsync(await BenchCar.StartAsync(Slots, centre));

    private EdgeAgent.Agent.Hosting.CarOptions Slots(EdgeAgent.Agent.Hosting.CarOptions options) => options with
    {
        Releases = new ReleaseOptions { RootsFile = place.At("roots.pem"), Place = new LaunchPlace(slots.Root, slots.FactoryFolder, Path.Combine(AppContext.BaseDirectory, "edgectl")) },
    };

    private ReleaseOffer Offer(TestCentre centre, string version, ulong number)
    {
        byte[] bundle = File.ReadAllBytes(releases.Pack(place, version, number));
        centre.Releases.Bundles[version] = bundle;
        return new ReleaseOffer { Version = version, SizeBytes = (ulong)bundle.Length, Sha256 = ByteString.CopyFrom(SHA256.HashData(bundle)) };
    }

    private async Task InstallAsync(string version, ulong number)
    {
        _ = await new SlotUpdate(slots, releases.Trust).InstallAsync(releases.Pack(place, version, number), null, default);
        _ = await slots.ChangeAsync(state => state.MarkedGood(), default);
    }

    private static Task<string> GoBackAsync(BenchCar car, ulong version, string leave, string backTo, string unit = BenchCar.UnitId, TestPki? signer = null)
    {
        var order = new ReleaseRollback { Version = version, UnitId = unit, Leave = leave, BackTo = backTo, Reason = "it reads plates badly" };
        return car.Get<ReleaseDesk>().GoBackAsync(
            "tech", Envelopes.Sign(Envelopes.RollbackType, order.ToByteArray(), TestPki.Signer(SignerRole.Centre, (signer ?? car.Pki).CentreSigner)), default);
    }

    private static List<ReleaseState> Told(BenchCar car, TestCentre centre) =>
        [.. car.Events().Concat(centre.Durable.Values).DistinctBy(e => e.Id).OrderBy(e => e.Id.ToBase64(), StringComparer.Ordinal).Select(e => e.ReleaseState).OfType<ReleaseState>()
            .OrderBy(s => s.AtUnixMs).ThenBy(s => s.Outcome == ReleaseOutcome.Fetched ? 0 : 1)];
}
