using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hazards;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Gnss;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>Hazards: a picture at the first touch, sent at the second, taken back within five seconds, followed until they are gone.</summary>
public sealed class HazardTests
{
    private static readonly byte[] Jpeg = [0xFF, 0xD8, 0xFF, .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the very picture ", 3000)))];

    [Fact]
    public async Task Offline_it_is_on_disk_at_once_and_exactly_one_reaches_the_centre_with_its_picture_and_place()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        var id = Guid.Empty;
        BenchCar car = await BenchCar.StartAsync(o => o with { Centre = "https://localhost:1" }, centre);
        car.Clock.CentreSaid(TestLists.Now);
        await using (FakeEyes eyes = await car.EyesAsync())
        {
            _ = await car.SignInAsync();
            _ = car.Get<PositionBook>().Take(new EdgeAgent.Hw.Gnss.GnssFix(39.9, 116.4, 5, 0, 0, 5, GnssQuality.ThreeD, 9, 0, car.Time.MonoMs, false), "o1");
            Guid picture = await PictureAsync(car, eyes);
            Assert.Equal(Jpeg, await car.Http.GetByteArrayAsync(new Uri($"/api/pictures/{picture}.jpg", UriKind.Relative)));
            id = await ReportAsync(car, new { kind = "road_damage", note = "坑很深", pictureId = picture });
            Assert.Equal(HttpStatusCode.NotFound, (await car.Http.GetAsync(new Uri($"/api/pictures/{picture}.jpg", UriKind.Relative))).StatusCode);
            Assert.Equal("pending", (string)(await HazardAsync(car))["state"]!);
            Assert.DoesNotContain(car.Events(), e => e.Hazard is not null);
        }
        // Ended before its five seconds were over: it goes at the next start, and once.
        car = await car.RestartAsync(sameBoot: true);
        await Eventually.HoldsAsync(() => car.Events().Any(e => e.Hazard is not null), "it is on its way");
        Assert.Equal("too_late", car.Get<HazardBook>().Undo(id));
        await car.EndAsync();
        Assert.DoesNotContain("the very picture", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Combine(car.Data, "events.db"))), StringComparison.Ordinal);
        car = await car.RestartAsync(sameBoot: true, o => o with { Centre = centre.Address.ToString() }, centre);
        await Eventually.HoldsAsync(() => centre.Evidence.Complete.Count == 1, "the picture is at the centre", seconds: 30);
        Event told = Assert.Single(centre.Received, e => e.Hazard is not null);
        Assert.Equal(("road_damage", "坑很深", HazardState.Found, 39.9), (told.Hazard.Kind, told.Hazard.Note, told.Hazard.State, told.Hazard.Position.LatitudeDegrees));
        Assert.Equal(Uuid7.ToBytes(id), told.Hazard.HazardId.ToByteArray());
        Assert.Equal(Jpeg, centre.Evidence.Objects.Values.Single().ToArray());
        Assert.Single(car.Audit(), r => r.Kind == AuditKind.PictureTaken && r.Subject.StartsWith($"{id} cam1 ", StringComparison.Ordinal));
        Assert.Equal("", car.VerifyAudit().Code);
        await car.DisposeAsync();
    }

    [Fact]
    public async Task Within_five_seconds_it_can_be_taken_back_and_then_nothing_of_it_is_left()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        _ = await car.SignInAsync();
        Guid first = await ReportAsync(car, new { kind = "smoke", pictureId = await PictureAsync(car, eyes) });
        Assert.Equal(HttpStatusCode.NoContent, (await car.Http.DeleteAsync(new Uri($"/api/hazards/{first}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await car.Http.DeleteAsync(new Uri($"/api/hazards/{first}", UriKind.Relative))).StatusCode);
        Guid second = await ReportAsync(car, new { kind = "flooding" });
        car.Time.Jump(HazardBook.UndoTime);
        await Eventually.HoldsAsync(() => car.Events().Any(e => e.Hazard is not null), "it is on its way");
        Assert.Equal(HttpStatusCode.Conflict, (await car.Http.DeleteAsync(new Uri($"/api/hazards/{second}", UriKind.Relative))).StatusCode);
        Event only = Assert.Single(car.Events(), e => e.Hazard is not null);
        Assert.Equal(("flooding", 0), (only.Hazard.Kind, only.Attachments.Count));
        Assert.Equal(0L, car.Get<EdgeAgent.DispatchClient.Outbox.OutboxStore>().Read(c => Dapper.SqlMapper.ExecuteScalar<long>(c, "SELECT count(*) FROM field_pictures")));
    }

    [Fact]
    public async Task What_is_no_hazard_or_has_no_picture_any_more_is_refused_by_name_and_nobody_off_duty_takes_pictures()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.PostAsJsonAsync("/api/pictures", new { cameraId = "cam1" })).StatusCode);
        _ = await car.SignInAsync();
        Assert.Equal("kind_unknown", await RefusedAsync(car, new { kind = "boring" }));
        Assert.Equal("text_too_long", await RefusedAsync(car, new { kind = "smoke", note = new string('x', 501) }));
        Assert.Equal("picture_gone", await RefusedAsync(car, new { kind = "smoke", pictureId = Guid.NewGuid() }));
        Assert.Equal((HttpStatusCode.Conflict, "camera_not_leased"), await TakeRefusedAsync(car, "cab"));
        Assert.Equal((HttpStatusCode.NotFound, "unknown_camera"), await TakeRefusedAsync(car, "cam9"));
        Guid picture = await PictureAsync(car, eyes);
        car.Time.Jump(TimeSpan.FromMinutes(3));
        Assert.Equal("picture_gone", await RefusedAsync(car, new { kind = "smoke", pictureId = picture }));
        // Another session has none of this one's pictures.
        picture = await PictureAsync(car, eyes);
        _ = await car.SignInAsync(BenchCar.OtherOfficerId);
        Assert.Equal(HttpStatusCode.NotFound, (await car.Http.GetAsync(new Uri($"/api/pictures/{picture}.jpg", UriKind.Relative))).StatusCode);
        Assert.DoesNotContain(car.Events(), e => e.Hazard is not null);
    }

    [Fact]
    public async Task What_the_centre_did_about_it_comes_back_forward_only_and_the_officer_can_close_it()
    {
        BenchCar car = await BenchCar.StartAsync();
        _ = await car.SignInAsync();
        Guid id = await ReportAsync(car, new { kind = "obstacle" });
        car.Time.Jump(HazardBook.UndoTime);
        await Eventually.HoldsAsync(() => car.Get<HazardBook>().All[0].State == HazardState.Found, "it is sent");
        Assert.Equal(CommandOutcome.Stored, (await NewsAsync(car, id, HazardState.PassedOn)).Outcome);
        Assert.Equal(CommandOutcome.Stored, (await NewsAsync(car, id, HazardState.Found)).Outcome);
        Assert.Equal(CommandOutcome.Stored, (await NewsAsync(car, Guid.NewGuid(), HazardState.Closed)).Outcome);
        Assert.Equal("role_not_allowed", (await NewsAsync(car, id, HazardState.Closed, "technician")).Code);
        Assert.Equal("passed_on", (string)(await HazardAsync(car))["state"]!);
        car = await car.RestartAsync(sameBoot: true);
        _ = await car.SignInAsync();
        Assert.Equal("passed_on", (string)(await HazardAsync(car))["state"]!);
        Assert.Equal(HttpStatusCode.NoContent, (await car.Http.PostAsync(new Uri($"/api/hazards/{id}/closed", UriKind.Relative), null)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await car.Http.PostAsync(new Uri($"/api/hazards/{id}/closed", UriKind.Relative), null)).StatusCode);
        Assert.Equal([HazardState.Found, HazardState.Closed], car.Events().Where(e => e.Hazard is not null).Select(e => e.Hazard.State));
        // A day after it is gone it is off the page.
        car.Time.Jump(TimeSpan.FromHours(25));
        car.Clock.CentreSaid(car.Clock.NowUnixMs);
        await Eventually.HoldsAsync(() => car.Get<HazardBook>().All.Count == 0, "it is forgotten");
        await car.DisposeAsync();
    }

    private static async Task<Guid> PictureAsync(BenchCar car, FakeEyes eyes)
    {
        int before = eyes.Asked.Count(r => r.TakeStill is not null);
        Task<HttpResponseMessage> taking = car.Http.PostAsJsonAsync("/api/pictures", new { cameraId = "cam1" });
        await Eventually.HoldsAsync(() => eyes.Asked.Count(r => r.TakeStill is not null) > before, "eyes are asked");
        TakeStill asked = eyes.Asked.Last(r => r.TakeStill is not null).TakeStill;
        await eyes.SendAsync(new MediaMessage { Still = new StillPicture { RequestId = asked.RequestId, CapturedMonoMs = eyes.MonoMs, Jpeg = ByteString.CopyFrom(Jpeg) } });
        return (Guid)(await (await taking).Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
    }

    private static async Task<Guid> ReportAsync(BenchCar car, object body)
    {
        HttpResponseMessage answer = await car.Http.PostAsJsonAsync("/api/hazards", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (Guid)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
    }

    private static async Task<string> RefusedAsync(BenchCar car, object body) =>
        (string)(await (await car.Http.PostAsJsonAsync("/api/hazards", body)).Content.ReadFromJsonAsync<JsonNode>())!["code"]!;

    private static async Task<(HttpStatusCode, string)> TakeRefusedAsync(BenchCar car, string cameraId)
    {
        HttpResponseMessage answer = await car.Http.PostAsJsonAsync("/api/pictures", new { cameraId });
        return (answer.StatusCode, (string)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["code"]!);
    }

    private static async Task<JsonNode> HazardAsync(BenchCar car)
    {
        await using Page page = await car.PageAsync();
        return (await page.UntilAsync("state"))["areas"]!["hazards"]![0]!;
    }

    private static ValueTask<CommandAck> NewsAsync(BenchCar car, Guid id, HazardState state, string role = "dispatcher") =>
        car.Get<CommandDesk>().HandleAsync(
            new Command
            {
                Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
                Issuer = "wang",
                IssuerRole = role,
                HazardNews = new HazardNews { HazardId = ByteString.CopyFrom(Uuid7.ToBytes(id)), State = state, AtUnixMs = car.Clock.NowUnixMs },
            },
            CancellationToken.None);
}
