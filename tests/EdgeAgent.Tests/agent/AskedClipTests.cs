using System.Text.Json.Nodes;
using EdgeAgent.Agent.Live;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>Leases that are renewed, and video that the centre asks for: only what is being watched, or what the car told of.</summary>
public sealed class AskedClipTests
{
    private static readonly byte[] Video = TestOutbox.Noise(11, 300_000);

    [Fact]
    public async Task A_renewed_lease_runs_to_its_new_end_with_its_new_reason_and_both_are_shown_and_written_down()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        LeaseBook book = car.Get<LeaseBook>();
        LiveLease lease = Lease(car, minutes: 2);
        Assert.Equal("", book.Begin(lease));
        long first = Assert.Single(book.Watchers).EndsAtUnixMs;
        car.Time.Jump(TimeSpan.FromSeconds(90));
        LiveLease again = lease.Clone();
        (again.Reason, again.EndsAtUnixMs) = ("they are still there", car.Clock.NowUnixMs + 600_000);
        Assert.Equal("", book.Begin(again));
        Watcher shown = Assert.Single(book.Watchers);
        Assert.Equal("they are still there", shown.Reason);
        Assert.InRange(shown.EndsAtUnixMs - first, 560_000, 580_000);

        // Past the first end, and not past the second.
        car.Time.Jump(TimeSpan.FromMinutes(5));
        await using (Page page = await car.PageAsync())
        {
            JsonNode state = await page.UntilAsync("state", s => s["cameras"]![0]!["watchers"]!.AsArray().Count == 1);
            Assert.Equal("they are still there", (string)state["cameras"]![0]!["watchers"]![0]!["reason"]!);
        }
        car.Time.Jump(TimeSpan.FromMinutes(6));
        await Eventually.HoldsAsync(() => book.Watchers.Count == 0, "it ends by itself");
        Assert.Equal(
            [(AuditKind.LiveViewStarted, "watch"), (AuditKind.LiveViewRenewed, "they are still there"), (AuditKind.LiveViewEnded, "time_over")],
            car.Audit().Where(r => r.Kind is AuditKind.LiveViewStarted or AuditKind.LiveViewRenewed or AuditKind.LiveViewEnded).Select(r => (r.Kind, r.Purpose)));
        Assert.True(car.VerifyAudit().Whole);
    }

    [Fact]
    public async Task A_renewal_never_lasts_beyond_an_hour_and_makes_no_other_view_of_this_one()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        LeaseBook book = car.Get<LeaseBook>();
        LiveLease lease = Lease(car, minutes: 2);
        Assert.Equal("", book.Begin(lease));
        foreach (Action<LiveLease> change in (Action<LiveLease>[])[l => l.CameraId = "cam2", l => l.Viewer = "Li", l => l.Quality = LiveQuality.Main])
        {
            LiveLease other = lease.Clone();
            change(other);
            Assert.Equal("bad_lease", book.Begin(other));
        }
        LiveLease unreasoned = lease.Clone();
        unreasoned.Reason = " ";
        Assert.Equal("reason_required", book.Begin(unreasoned));
        LiveLease longer = lease.Clone();
        longer.EndsAtUnixMs = car.Clock.NowUnixMs + 100 * 60_000L;
        Assert.Equal("", book.Begin(longer));
        Assert.InRange(Assert.Single(book.Watchers).EndsAtUnixMs - car.Clock.NowUnixMs, 3_590_000, 3_600_000);
        book.End(lease.LeaseId, "seen enough");
        await Eventually.HoldsAsync(() => car.Audit().Any(r => r.Kind == AuditKind.LiveViewEnded), "it is over");
    }

    [Fact]
    public async Task A_moment_of_a_watched_camera_is_kept_told_shown_and_written_down()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        LiveLease lease = Lease(car, minutes: 10);
        Assert.Equal("", car.Get<LeaseBook>().Begin(lease));
        car.Time.Jump(TimeSpan.FromSeconds(10));
        Command asked = Ask(car, c => c.LeaseId = lease.LeaseId);
        Assert.Equal("", car.Get<ClipDesk>().Ask(asked));
        string name = Convert.ToHexStringLower(asked.Id.Span);
        await Eventually.HoldsAsync(() => eyes.Asked.Any(r => r.CutClip?.RequestId == name), "eyes are asked");
        CutClip cut = eyes.Asked.First(r => r.CutClip is not null).CutClip;
        Assert.Equal(("cam1", 8_000), (cut.CameraId, cut.ToMonoMs - cut.FromMonoMs));
        await using Page page = await car.PageAsync();
        JsonNode state = await page.UntilAsync("state", s => s["cameras"]![0]!["clipsAsked"]!.AsArray().Count == 1);
        Assert.Equal(("wang", "he drops a bag"), ((string)state["cameras"]![0]!["clipsAsked"]![0]!["viewer"]!, (string)state["cameras"]![0]!["clipsAsked"]![0]!["reason"]!));

        foreach (byte[] piece in Video.Chunk(100_000))
            await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = name, Data = ByteString.CopyFrom(piece) } });
        await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = name, Last = true, FirstMonoMs = cut.FromMonoMs, LastMonoMs = cut.ToMonoMs } });
        Event told = await ToldAsync(car);
        Assert.Equal((asked.Id, "cam1", ""), (told.EvidenceReady.AboutEventId, told.EvidenceReady.CameraId, told.EvidenceReady.Reason));
        Assert.Equal(Priority.Normal, told.Priority);
        Assert.Equal(Video, car.Get<OutboxStore>().Content(Assert.Single(told.Attachments).Sha256.ToByteArray()));
        AuditRecord written = Assert.Single(car.Audit(), r => r.Kind == AuditKind.ClipAsked);
        Assert.Equal(("wang", "he drops a bag", $"{name} cam1"), (written.Actor, written.Purpose, written.Subject));
        Assert.Single(car.Audit(), r => r.Kind == AuditKind.ClipKept);
        Assert.True(car.VerifyAudit().Whole);
    }

    [Fact]
    public async Task What_nobody_watches_what_was_before_the_lease_and_what_the_ring_has_lost_is_refused_by_name()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        ClipDesk desk = car.Get<ClipDesk>();
        LiveLease lease = Lease(car, minutes: 10);
        Assert.Equal("", car.Get<LeaseBook>().Begin(lease));
        car.Time.Jump(TimeSpan.FromMinutes(2));
        long now = car.Clock.NowUnixMs;
        (string Code, Action<ClipRequest> Change)[] refused =
        [
            ("no_lease", c => c.LeaseId = ByteString.Empty),
            ("no_lease", c => c.LeaseId = ByteString.CopyFrom(Uuid7.New(TimeProvider.System))),
            ("no_lease", c => c.CameraId = "cam2"),
            ("camera_not_leased", c => c.CameraId = "cab"),
            ("unknown_camera", c => c.CameraId = "cam9"),
            ("reason_required", c => c.Reason = "  "),
            ("bad_clip_span", c => c.ToUnixMs = c.FromUnixMs),
            ("bad_clip_span", c => c.FromUnixMs = c.ToUnixMs - 61_000),
            ("bad_clip_span", c => (c.FromUnixMs, c.ToUnixMs) = (now + 40_000, now + 45_000)),
            ("before_lease", c => (c.FromUnixMs, c.ToUnixMs) = (now - 130_000, now - 120_000)),
            ("not_in_ring", c => (c.FromUnixMs, c.ToUnixMs) = (now - 60_000, now - 50_000)),
            ("unknown_event", c => (c.LeaseId, c.AboutEventId) = (ByteString.Empty, ByteString.CopyFrom(Uuid7.New(TimeProvider.System)))),
        ];
        foreach ((string code, Action<ClipRequest> change) in refused)
        {
            Command asked = Ask(car, c => c.LeaseId = lease.LeaseId);
            change(asked.Clip);
            Assert.Equal(code, desk.Ask(asked));
        }
        Assert.DoesNotContain(eyes.Asked, r => r.CutClip is not null);
        Assert.DoesNotContain(car.Audit(), r => r.Kind == AuditKind.ClipAsked);
        Assert.Empty(desk.Shown);

        // An event that the car told of a moment ago may be asked about without a lease.
        Event happened = car.Get<EdgeAgent.Agent.Audit.Ledger>().Append(Lane.Status, Priority.Normal, "", e => e.Hazard = new Hazard { Kind = "smoke" });
        Assert.Equal("", desk.Ask(Ask(car, c => c.AboutEventId = happened.Id)));
        for (int i = 0; i < 3; i++)
            Assert.Equal("", desk.Ask(Ask(car, c => c.LeaseId = lease.LeaseId)));
        Assert.Equal("too_many_clips", desk.Ask(Ask(car, c => c.LeaseId = lease.LeaseId)));
    }

    [Fact]
    public async Task A_clip_that_eyes_cannot_give_or_that_a_restart_cost_is_told_with_its_reason()
    {
        BenchCar car = await BenchCar.StartAsync();
        await using (FakeEyes eyes = await car.EyesAsync())
        {
            LiveLease lease = Lease(car, minutes: 10);
            Assert.Equal("", car.Get<LeaseBook>().Begin(lease));
            car.Time.Jump(TimeSpan.FromSeconds(10));
            Command first = Ask(car, c => c.LeaseId = lease.LeaseId), second = Ask(car, c => c.LeaseId = lease.LeaseId);
            Assert.Equal("", car.Get<ClipDesk>().Ask(first));
            await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = Convert.ToHexStringLower(first.Id.Span), Last = true, Error = "no video of that time is held" } });
            Assert.Equal("no_video", (await ToldAsync(car)).EvidenceReady.Reason);
            Assert.Equal("", car.Get<ClipDesk>().Ask(second));
        }
        await using BenchCar again = await car.RestartAsync(sameBoot: true);
        await Eventually.HoldsAsync(() => again.Events().Any(e => e.EvidenceReady?.Reason == "car_restarted"), "the second is told of");
        await car.DisposeAsync();
    }

    [Fact]
    public async Task An_officer_marks_a_moment_by_one_request_and_what_the_ring_holds_is_kept_under_their_name()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        using var content = new StringContent("{\"cameraId\":\"cam1\"}", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await car.Http.PostAsync("/api/moments", content)).StatusCode);
        _ = (await car.SignInAsync()).EnsureSuccessStatusCode();
        MomentDesk desk = car.Get<MomentDesk>();
        var officer = new DutySession(BenchCar.OfficerId, "Wang", "officer", "s1", 0, 0, []);
        Assert.Equal(("camera_not_leased", 0), desk.Mark("cab", officer));
        Assert.Equal(("unknown_camera", 0), desk.Mark("cam9", officer));

        using var asked = new StringContent("{\"cameraId\":\"cam1\"}", System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await car.Http.PostAsync("/api/moments", asked);
        Assert.Equal("{\"seconds\":19}", await answer.Content.ReadAsStringAsync());
        Event moment = Assert.Single(car.Events(), e => e.MomentMarked is not null);
        Assert.Equal((BenchCar.OfficerId, "cam1", 19_000), (moment.OfficerId, moment.MomentMarked.CameraId, moment.MomentMarked.ToUnixMs - moment.MomentMarked.FromUnixMs));
        Assert.Equal(["cam1"], car.Get<ClipDesk>().Keeping);
        string name = Convert.ToHexStringLower(moment.Id.Span);
        await Eventually.HoldsAsync(() => eyes.Asked.Any(r => r.CutClip?.RequestId == name), "eyes are asked");
        await eyes.SendAsync(new MediaMessage { Clip = new ClipChunk { RequestId = name, Data = ByteString.CopyFrom(Video), Last = true, FirstMonoMs = 1, LastMonoMs = 2 } });
        Event told = await ToldAsync(car);
        Assert.Equal((moment.Id, ""), (told.EvidenceReady.AboutEventId, told.EvidenceReady.Reason));
        Assert.All(car.Audit().Where(r => r.Kind == AuditKind.ClipAsked), r => Assert.Equal((BenchCar.OfficerId, "moment"), (r.Actor, r.Purpose)));
        // Let go of a moment after it was told.
        await Eventually.HoldsAsync(() => car.Get<ClipDesk>().Keeping.Count == 0, "nothing is being kept any more");
    }

    private static LiveLease Lease(BenchCar car, int minutes) => new()
    {
        LeaseId = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
        CameraId = "cam1",
        Viewer = "Wang",
        Reason = "watch",
        EndsAtUnixMs = car.Clock.NowUnixMs + (minutes * 60_000L),
        Quality = LiveQuality.Sub,
    };

    private static Command Ask(BenchCar car, Action<ClipRequest> fill)
    {
        long now = car.Clock.NowUnixMs;
        var command = new Command
        {
            Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
            Issuer = "wang",
            IssuerRole = "dispatcher",
            Clip = new ClipRequest { CameraId = "cam1", FromUnixMs = now - 6_000, ToUnixMs = now + 2_000, Reason = "he drops a bag" },
        };
        fill(command.Clip);
        return command;
    }

    private static async Task<Event> ToldAsync(BenchCar car)
    {
        await Eventually.HoldsAsync(() => car.Events().Any(e => e.EvidenceReady is not null), "the centre is told of the clip");
        return car.Events().First(e => e.EvidenceReady is not null);
    }
}
