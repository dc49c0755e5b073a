using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Live;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Privacy;
using EdgeAgent.Contract;
using EdgeAgent.Hw.Gnss;
using EdgeAgent.Rig.Onvif;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Rig;
using Google.Protobuf;
using Patrol.Dispatch.V1;
using PtzVector = EdgeAgent.Hw.Ptz.PtzVector;

namespace EdgeAgent.Tests.Agent;

/// <summary>A whole host that drives into privacy places and out of them.</summary>
public sealed class PrivacyTests
{
    private static readonly PrivacyPlace Place = new() { Id = "school", NameZh = "学校", NameEn = "School", Centre = [39.9, 116.4], RadiusMetres = 200 };

    [Fact]
    public async Task Nothing_seen_there_is_matched_and_all_of_it_is_deleted_and_counted()
    {
        await using BenchCar car = await CarAsync(Place);
        Assert.True(car.TakePlates().Accepted);
        Assert.True(car.TakeFaces().Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing is { Faces: true, Plates: true }, "matching");
        Drive(car, 39.9, 116.4);
        _ = await page.UntilAsync("state", s => s["privacy"]!["places"]!.AsArray().Count == 1);
        _ = car.Get<EyesFacts>().Account.Take();
        await Eventually.HoldsAsync(() => car.Audit().Any(r => r.Subject == "privacy/school"), "entering is written down");
        long seenInside = eyes.MonoMs;
        await eyes.SeePlateAsync("京A12345");
        await eyes.SeeFaceAsync(TestLists.Template(1), car.Model);
        var (faces, plates) = (new KeptCount(), new KeptCount());
        await Eventually.HoldsAsync(
            () =>
            {
                (KeptCount Faces, KeptCount Plates) taken = car.Get<EyesFacts>().Account.Take();
                (faces, plates) = (Sum(faces, taken.Faces), Sum(plates, taken.Plates));
                return faces.Deleted == 1 && plates.Deleted == 1;
            },
            "both are deleted");
        Assert.Equal((0UL, 0UL, 0UL, 0UL), (faces.Matched, plates.Matched, faces.Held, plates.Held));

        // Outside the same plate is a hit again; what was seen inside and comes late is none.
        car.Time.Jump(TimeSpan.FromSeconds(3));
        Drive(car, 39.92, 116.4);
        _ = await page.UntilAsync("state", s => s["privacy"]!["places"]!.AsArray().Count == 0);
        await eyes.SeePlateAsync("京AD12345", v => (v.CapturedMonoMs, v.Colour) = (seenInside, "green"));
        await eyes.SeePlateAsync("京A12345");
        Assert.Equal("京A12345", (string)(await page.UntilAsync("alert"))["listedText"]!);
        Assert.False(await page.ComesAsync("alert", 0.5));
        await Eventually.HoldsAsync(() => car.Audit().Any(r => r.Purpose == "left"), "leaving is written down");
        AuditRecord[] notes = [.. car.Audit().Where(r => r.Subject.StartsWith("privacy/", StringComparison.Ordinal))];
        Assert.Equal([("privacy/school", "entered"), ("privacy/school", "left")], notes.Select(r => (r.Subject, r.Purpose)));
        Assert.All(notes, r => Assert.Equal(AuditKind.Configuration, r.Kind));
        Assert.Equal("", car.VerifyAudit().Code);
    }

    [Theory]
    [InlineData("faces", "cam1", true)]
    [InlineData("none", "", true)]
    [InlineData("all", "cam2", true)]
    [InlineData("all", "cam1", false)]
    public async Task A_place_may_be_about_faces_or_about_some_cameras_alone(string notMatched, string camera, bool hit)
    {
        await using BenchCar car = await CarAsync(Place with { NotMatched = notMatched, Cameras = camera.Length > 0 ? [camera] : [] });
        Assert.True(car.TakePlates().Accepted);
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await Eventually.HoldsAsync(() => eyes.Seeing is { Plates: true }, "matching");
        Drive(car, 39.9, 116.4);
        await eyes.SeePlateAsync("京A12345");
        Assert.Equal(hit, await page.ComesAsync("alert", hit ? 10 : 0.7));
    }

    [Fact]
    public async Task Live_views_end_at_its_edge_and_are_refused_within()
    {
        await using BenchCar car = await CarAsync(Place with { Cameras = ["cam1"] });
        LeaseBook leases = car.Get<LeaseBook>();
        Drive(car, 39.92, 116.4);
        Assert.Equal("", leases.Begin(Lease("cam1")));
        Assert.Equal("", leases.Begin(Lease("cam2")));
        Drive(car, 39.9, 116.4);
        await Eventually.HoldsAsync(() => leases.Watchers.Count == 1, "the one of cam1 has ended");
        Assert.Equal("cam2", leases.Watchers[0].CameraId);
        Assert.Equal("privacy_place", Assert.Single(car.Audit(), r => r.Kind == AuditKind.LiveViewEnded).Purpose);
        Assert.Equal("privacy_place", Assert.Single(car.Events(), e => e.LiveViewEnded is not null).LiveViewEnded.Reason);
        Assert.Equal("privacy_place", leases.Begin(Lease("cam1")));
        Assert.Equal("", car.Get<EyesMedia>().WhyNoLive("cam1"));
        Drive(car, 39.92, 116.4);
        Assert.Equal("", leases.Begin(Lease("cam1")));
    }

    [Fact]
    public async Task A_lost_position_is_taken_for_the_strictest_for_a_minute_and_then_said_to_be_unknown()
    {
        await using BenchCar car = await CarAsync(Place);
        await using Page page = await car.PageAsync();
        Assert.True((bool)(await page.UntilAsync("state"))["privacy"]!["unchecked"]!);
        Drive(car, 39.905, 116.4);
        _ = await page.UntilAsync("state", s => !(bool)s["privacy"]!["unchecked"]! && s["privacy"]!["places"]!.AsArray().Count == 0);
        Assert.Equal("", car.Get<LeaseBook>().Begin(Lease("cam1")));
        car.Time.Jump(TimeSpan.FromSeconds(40));
        _ = await page.UntilAsync("state", s => s["privacy"]!["places"]!.AsArray().Count == 1);
        Assert.Equal("privacy_place", car.Get<LeaseBook>().Begin(Lease("cam1")));
        car.Time.Jump(TimeSpan.FromSeconds(25));
        _ = await page.UntilAsync("state", s => (bool)s["privacy"]!["unchecked"]! && s["privacy"]!["places"]!.AsArray().Count == 0);
        Assert.DoesNotContain(car.Audit(), r => r.Subject.Contains("39.9", StringComparison.Ordinal) || r.Purpose.Contains("39.9", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_head_is_neither_steered_into_the_sector_nor_left_in_it_by_the_officer_or_the_centre()
    {
        var camera = new PtzSimulator("bench", "secret", () => [OnvifSite.Stream], TimeProvider.System);
        await using OnvifSite site = await OnvifSite.StartAsync(camera);
        // Heading north: east is at pan 0.5.
        await using BenchCar car = await BenchCar.StartAsync(o => o with
        {
            Cameras = [o.Cameras[0] with { Ptz = site.DeviceService, PtzUser = "bench", PtzPassword = "secret", ViewDegrees = 20, PanDegreesPerSecond = 45 }],
            Privacy = new PrivacyOptions { Places = [Place with { AllowViews = true, PanFromDegrees = 80, PanToDegrees = 100 }] },
        });
        _ = await car.SignInAsync();
        PtzDesk desk = car.Get<PtzDesk>();
        Drive(car, 39.92, 116.4, speed: 10);
        Assert.Equal("", await desk.GoToAsync("cam1", new PtzVector(0.5, 0, 0), CancellationToken.None));
        await Eventually.HoldsAsync(() => camera.Position.Pan > 0.49, "it looks east");
        // The car stops within the place: its heading is the one it had.
        Drive(car, 39.9, 116.4);
        await Eventually.HoldsAsync(() => camera.Position.Pan is < 0.388 or > 0.612, "it is turned away");
        Assert.Single(car.Audit(), r => r.Kind == AuditKind.Ptz && r.Purpose == "privacy_sector");

        await Eventually.HoldsAsync(() => desk.GoToAsync("cam1", new PtzVector(0, 0, 0), CancellationToken.None).GetAwaiter().GetResult() == "" || camera.Position.Pan > 0.5, "it may turn further away");
        foreach (Func<Task<string>> act in (Func<Task<string>>[])
            [
                () => desk.GoToAsync("cam1", new PtzVector(0.5, 0, 1), CancellationToken.None),
                () => desk.StepAsync("cam1", new PtzVector(0.5 - camera.Position.Pan, 0, 0), CancellationToken.None),
                () => desk.GoToPresetAsync("cam1", "1", CancellationToken.None),
                () => desk.MoveAsync("cam1", new PtzVector(camera.Position.Pan < 0.5 ? 1 : -1, 0, 0), 5_000, CancellationToken.None),
            ])
            Assert.Equal("privacy_sector", await act());
        HttpResponseMessage officer = await car.Http.PostAsJsonAsync("/api/ptz", new { cameraId = "cam1", pan = camera.Position.Pan < 0.5 ? 1 : -1, holdMs = 5000 });
        Assert.Equal((HttpStatusCode.Conflict, "privacy_sector"), (officer.StatusCode, (string)JsonNode.Parse(await officer.Content.ReadAsStringAsync())!["code"]!));
        LiveLease lease = Lease("cam1");
        Assert.Equal("", car.Get<LeaseBook>().Begin(lease));
        var asked = new PtzCommand { CameraId = "cam1", LeaseId = lease.LeaseId, Absolute = new Patrol.Dispatch.V1.PtzVector { Pan = 0.5f } };
        Assert.Equal("privacy_sector", await car.Get<CommandActs>().CarryOutAsync(new Command { Issuer = "wang", IssuerRole = "dispatcher", Ptz = asked }, CancellationToken.None));
        Assert.Equal("", await desk.MoveAsync("cam1", new PtzVector(0, 1, 0), 100, CancellationToken.None));
        Assert.Equal("", await desk.StopAsync("cam1", CancellationToken.None));
    }

    [Fact]
    public async Task A_camera_that_does_not_answer_holds_up_nothing_and_is_told()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using BenchCar car = await BenchCar.StartAsync(o => o with
        {
            Cameras = [o.Cameras[0] with { Ptz = $"http://{silent.LocalEndpoint}/onvif/device_service" }, o.Cameras[1]],
            Privacy = new PrivacyOptions { Places = [Place with { PanFromDegrees = 80, PanToDegrees = 100 }] },
        });
        await using Page page = await car.PageAsync();
        Drive(car, 39.92, 116.4, speed: 10);
        Assert.Equal("", car.Get<LeaseBook>().Begin(Lease("cam1")));
        Drive(car, 39.9, 116.4);
        await Eventually.HoldsAsync(() => car.Audit().Any(r => r.Purpose == "entered"), "entering is written down");
        long entered = Stopwatch.GetTimestamp();
        await Eventually.HoldsAsync(() => car.Get<LeaseBook>().Watchers.Count == 0, "the view has ended");
        Assert.InRange(Stopwatch.GetElapsedTime(entered), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal("camera_refused", await car.Get<PtzDesk>().GoToAsync("cam1", new PtzVector(0, 0, 0), CancellationToken.None));
        _ = await page.UntilAsync("state", s => s["stages"]!.AsArray().Any(x => (string)x!["name"]! == "privacy" && (string)x["state"]! == "degraded"), seconds: 20);
    }

    [Fact]
    public async Task The_centre_may_set_places_and_bad_ones_are_refused_whole()
    {
        BenchCar car = await BenchCar.StartAsync();
        string Take(ulong version, string settings) => car.Get<CentreSettings>().Take(Envelopes.Sign(
            Envelopes.ConfigurationType, new UnitConfiguration { Version = version, UnitId = BenchCar.UnitId, SettingsJson = settings }.ToByteArray(),
            TestPki.Signer(SignerRole.Centre, car.Pki.CentreSigner)));
        const string Good = """{ "Privacy": { "Places": [{ "Id": "school", "NameZh": "学校", "NameEn": "School", "Polygon": [[39.9, 116.3], [39.9, 116.5], [40.0, 116.4]], "NotMatched": "faces" }] } }""";
        Assert.Equal("configuration_bad_settings", Take(1, Good.Replace("\"faces\"", "\"plates\"", StringComparison.Ordinal)));
        Assert.Equal("configuration_bad_settings", Take(1, Good.Replace("\"Polygon\"", "\"Cameras\": [\"cam9\"], \"Polygon\"", StringComparison.Ordinal)));
        Assert.Equal("", Take(1, Good));
        car = await car.RestartAsync(sameBoot: true);
        PrivacyPlace place = Assert.Single(car.Get<CarOptions>().Privacy.Places);
        Assert.Equal(("school", "faces", false), (place.Id, place.NotMatched, place.AllowViews));
        Drive(car, 39.93, 116.4);
        Assert.Equal("privacy_place", car.Get<PrivacyBook>().WhyNoView("cam1"));
        await car.DisposeAsync();
    }

    private static Task<BenchCar> CarAsync(PrivacyPlace place) => BenchCar.StartAsync(o => o with { Privacy = new PrivacyOptions { Places = [place] } });

    private static void Drive(BenchCar car, double latitude, double longitude, double speed = 0) =>
        _ = car.Get<PositionBook>().Take(
            new EdgeAgent.Hw.Gnss.GnssFix(latitude, longitude, speed, speed > 0 ? 0 : null, null, null, GnssQuality.ThreeD, 9, 0, car.Clock.MonoMs, false), BenchCar.OfficerId);

    private static KeptCount Sum(KeptCount a, KeptCount b) => new() { Matched = a.Matched + b.Matched, Deleted = a.Deleted + b.Deleted, Held = b.Held };

    private static LiveLease Lease(string camera) => new()
    {
        LeaseId = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
        CameraId = camera,
        Viewer = "Wang",
        Reason = "watch",
        EndsAtUnixMs = TestLists.Now + 9 * 60_000,
        Quality = LiveQuality.Sub,
    };
}
