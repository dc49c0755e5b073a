using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Runtime.InteropServices;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Officers.Face;
using EdgeAgent.Eyes.V1;
using Google.Protobuf;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent.Login;

/// <summary>The whole way over the real sockets; a test in place of the camera.</summary>
public sealed class FaceLoginTests
{
    [Fact]
    public async Task An_unproven_face_names_the_officer_and_the_PIN_signs_in()
    {
        await using BenchCar car = await EnrolledAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        JsonNode end = await TryAsync(car, eyes, Face(car, 1));
        Assert.Equal(("", BenchCar.OfficerId, true), ((string)end["code"]!, (string)end["officerId"]!, (bool)end["pinToo"]!));
        string ticket = (string)end["ticket"]!;
        Assert.Equal((HttpStatusCode.Unauthorized, "pin_needed"), await OfficerTests.CodeAsync(
            await car.Http.PostAsJsonAsync("/api/session", new { faceTicket = ticket })));
        end = await TryAsync(car, eyes, Face(car, 1));
        HttpResponseMessage signedIn = await car.Http.PostAsJsonAsync(
            "/api/session", new { officerId = BenchCar.OfficerId, pin = BenchCar.Pin, faceTicket = (string)end["ticket"]! });
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        Assert.Equal("face+pin", car.Events().Last(e => e.OfficerSession is not null).OfficerSession.Method);
        Assert.Equal("face+pin", Assert.Single(car.Audit(), r => r.Kind == AuditKind.SignIn).Purpose);
        await Eventually.HoldsAsync(() => Looking(eyes) == CabLooking.Off, "nobody looks into the cab any more");
    }

    [Fact]
    public async Task Where_the_signed_roster_says_proven_the_face_alone_signs_in_once()
    {
        await using BenchCar car = await EnrolledAsync(FaceLogin.Alone);
        await using FakeEyes eyes = await car.EyesAsync();
        JsonNode end = await TryAsync(car, eyes, Face(car, 1));
        Assert.False((bool)end["pinToo"]!);
        Assert.Equal(HttpStatusCode.OK, (await car.Http.PostAsJsonAsync("/api/session", new { faceTicket = (string)end["ticket"]! })).StatusCode);
        Assert.Equal("face", car.Events().Last(e => e.OfficerSession is not null).OfficerSession.Method);
        Assert.Equal((HttpStatusCode.Unauthorized, "face_ticket"), await OfficerTests.CodeAsync(
            await car.Http.PostAsJsonAsync("/api/session", new { faceTicket = (string)end["ticket"]! })));
    }

    [Fact]
    public async Task A_ticket_ends_after_a_minute_and_is_worth_nothing_at_the_other_screen()
    {
        await using BenchCar car = await EnrolledAsync(FaceLogin.Alone);
        await using FakeEyes eyes = await car.EyesAsync();
        string ticket = (string)(await TryAsync(car, eyes, Face(car, 1)))["ticket"]!;
        Assert.Null(car.Get<FaceDesk>().Redeem(ticket, DutyScreen.Second));
        ticket = (string)(await TryAsync(car, eyes, Face(car, 1)))["ticket"]!;
        car.Time.Jump(TimeSpan.FromSeconds(61));
        Assert.Equal((HttpStatusCode.Unauthorized, "face_ticket"), await OfficerTests.CodeAsync(
            await car.Http.PostAsJsonAsync("/api/session", new { faceTicket = ticket })));
    }

    [Fact]
    public async Task Five_refused_faces_lock_the_face_and_never_the_PIN_and_each_is_written_down()
    {
        await using BenchCar car = await EnrolledAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        for (int attempt = 0; attempt < 5; attempt++)
            Assert.Equal("unknown_face", (string)(await TryAsync(car, eyes, Face(car, 77)))["code"]!);
        await using Page page = await car.PageAsync("/api/face-login");
        JsonNode locked = await page.UntilAsync("end");
        Assert.Equal("face_locked", (string)locked["code"]!);
        Assert.InRange((int)locked["retryAfterS"]!, 1, 60);
        Assert.Equal(5, car.Audit().Count(r => r.Kind == AuditKind.SignInRefused && r.Purpose == "face_unknown_face" && r.Subject == "screen/driver"));
        Assert.Equal(SessionChange.Locked, car.Events().Last(e => e.OfficerSession is not null).OfficerSession.Change);
        Assert.All(car.Events().Where(e => e.OfficerSession is not null), e => Assert.Equal("", e.OfficerSession.OfficerId));
        Assert.Equal(HttpStatusCode.OK, (await car.SignInAsync()).StatusCode);
    }

    [Fact]
    public async Task Two_officers_who_look_alike_are_nobody()
    {
        await using BenchCar car = await EnrolledAsync(alike: 0.97f);
        await using FakeEyes eyes = await car.EyesAsync();
        Assert.Equal("ambiguous", (string)(await TryAsync(car, eyes, Face(car, 1)))["code"]!);
    }

    [Fact]
    public async Task Without_a_camera_an_enrolled_officer_or_the_centres_will_there_is_no_login_by_face()
    {
        await using BenchCar plain = await BenchCar.StartAsync();
        Assert.Equal("not_enrolled", (string)(await plain.JsonAsync("/api/face-login"))["code"]!);
        await using BenchCar off = await EnrolledAsync(FaceLogin.Off);
        Assert.Equal("face_off", (string)(await off.JsonAsync("/api/face-login"))["code"]!);
        await using BenchCar blind = await BenchCar.StartAsync(o => o with { Cameras = [.. o.Cameras.Where(c => !c.PreviewOnly)] });
        Assert.Equal("no_cab_camera", (string)(await blind.JsonAsync("/api/face-login"))["code"]!);
    }

    [Fact]
    public async Task Officers_faces_are_in_no_list_and_a_roster_with_faces_and_no_consent_is_refused()
    {
        await using BenchCar car = await EnrolledAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        _ = car.TakeFaces();
        _ = await car.SignInAsync();
        // The officer walks past a street camera: nobody on a list, so nothing comes of it.
        await Eventually.HoldsAsync(() => eyes.Seeing.Faces, "faces are matched");
        await eyes.SeeFaceAsync(ByteString.CopyFrom(MemoryMarshal.AsBytes(SeatedFace.Someone(1).AsSpan())), car.Model);
        ulong deleted = 0;
        await Eventually.HoldsAsync(() => (deleted += (ulong)car.Get<EdgeAgent.Agent.Hosting.EyesFacts>().Account.Take().Faces.Deleted) > 0, "the face was forgotten");
        Assert.Empty(car.Get<AlertBook>().Open);
        OfficerDesk desk = car.Get<OfficerDesk>();
        Assert.Equal("roster_bad_entry", desk.TakeRoster(car.Roster(9, r => Enrol(r, car.Model, consent: false))));
        Assert.Equal("roster_bad_entry", desk.TakeRoster(car.Roster(9, r =>
        {
            Enrol(r, car.Model);
            r.Officers[0].Faces[0].Embedding = ByteString.CopyFrom(new byte[2048]);
        })));
        Assert.Equal("roster_bad_entry", desk.TakeRoster(car.Roster(9, r =>
        {
            Enrol(r, car.Model);
            r.Officers[0].Faces.RemoveAt(0);
        })));
    }

    [Fact]
    public async Task What_eyes_says_of_another_camera_or_with_another_model_is_refused()
    {
        await using BenchCar car = await EnrolledAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        var frame = new CabFrame { CameraId = "cam1", CapturedMonoMs = eyes.MonoMs };
        await eyes.SendAsync(new EyesMessage { Cab = frame });
        var facts = car.Get<EdgeAgent.Agent.Hosting.EyesFacts>();
        await Eventually.HoldsAsync(() => facts.Refusals.Total == 1, "a street camera is no cab");
        CabFrame other = new SeatedFace(SeatedFace.Someone(1), new byte[32]) { MonoMs = eyes.MonoMs - 200 }.Look();
        await eyes.SendAsync(new EyesMessage { Cab = other });
        await Eventually.HoldsAsync(() => facts.Refusals.Total == 2, "another model's numbers mean nothing");
    }

    internal static async Task<BenchCar> EnrolledAsync(FaceLogin login = FaceLogin.WithPin, float alike = 0)
    {
        BenchCar car = await BenchCar.StartAsync();
        Assert.Equal("", car.Get<OfficerDesk>().TakeRoster(car.Roster(2, r =>
        {
            r.FaceLogin = login;
            Enrol(r, car.Model, alike: alike);
        })));
        return car;
    }

    private static void Enrol(OfficerRoster roster, byte[] model, bool consent = true, float alike = 0)
    {
        foreach ((Officer officer, int index) in roster.Officers.Select((o, i) => (o, i)))
        {
            float[] face = index == 0 ? SeatedFace.Someone(1) : SeatedFace.Someone(2, alike, 1);
            for (int picture = 0; picture < 3; picture++)
                officer.Faces.Add(new FaceTemplate
                {
                    ModelSha256 = ByteString.CopyFrom(model),
                    Embedding = ByteString.CopyFrom(MemoryMarshal.AsBytes(face.AsSpan())),
                });
            if (consent)
                officer.FaceConsent = new FaceConsent { GivenAtUnixMs = 1, RecordedBy = "admin" };
        }
    }

    private static SeatedFace Face(BenchCar car, int who) => new(SeatedFace.Someone(who), car.Model);

    private static CabLooking Looking(FakeEyes eyes) => eyes.Told.Last(m => m.BodyCase == HostMessage.BodyOneofCase.Cab).Cab.Looking;

    /// <summary>One attempt by somebody who does what the page says; its end.</summary>
    private static async Task<JsonNode> TryAsync(BenchCar car, FakeEyes eyes, SeatedFace face)
    {
        int before = Asked(eyes);
        await using Page page = await car.PageAsync("/api/face-login");
        await Eventually.HoldsAsync(() => Asked(eyes) > before, "eyes is asked to look");
        face.MonoMs = eyes.MonoMs - 40_000;
        int waited = 0;
        LoginAct? asked = null;
        for (int look = 0; look < 300; look++)
        {
            waited = asked is null ? 0 : waited + 1;
            face.Obey(waited > 3 ? asked : null);
            await eyes.SendAsync(new EyesMessage { Cab = face.Look() });
            JsonNode said = await NextWordAsync(page);
            if ((string)said["type"]! == "end")
                return said["data"]!;
            string act = (string)said["data"]!["asked"]!;
            asked = act switch { "turn_left" => LoginAct.TurnLeft, "turn_right" => LoginAct.TurnRight, "close_eyes" => LoginAct.CloseEyes, _ => null };
            if ((string)said["data"]!["phase"]! is "passed" or "failed")
                return (await NextWordAsync(page))["data"]!;
        }
        throw new InvalidOperationException("no end");
    }

    private static int Asked(FakeEyes eyes) => eyes.Told.Count(m => m.Cab?.Looking == CabLooking.Login);

    private static async Task<JsonNode> NextWordAsync(Page page)
    {
        while (await page.NextAsync() is { } message)
            if (message.Type == WebSocketMessageType.Text)
                return JsonNode.Parse(message.Bytes)!;
        throw new InvalidOperationException("closed");
    }
}
