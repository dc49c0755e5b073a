using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Live;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>The host with a centre at the other end of a real mTLS link.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task The_link_brings_time_lists_and_roster_and_takes_what_the_officer_decided()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        _ = centre.Lists.Offer("stolen-1", centre.Pki.Sign(With(TestLists.Plates(), l => l.Version = 1)));
        await using BenchCar car = await LinkedAsync(centre);
        await Eventually.HoldsAsync(() => car.Lists.Current.Plates.Count == 2, "the list came");
        await SendAsync(centre, c => (c.IssuerRole, c.Officers) = ("admin", car.Roster(2, r => r.Officers[0].DisplayName = "新名")));
        await Eventually.HoldsAsync(() => car.Get<OfficerDesk>().Roster.Version == 2, "the roster came");
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync("京A12345");
        _ = await car.DecideAsync((string)(await page.UntilAsync("alert"))["id"]!, "confirmed");
        await Eventually.HoldsAsync(() => centre.Durable.Values.Any(e => e.AlertDecided is not null), "the decision is at the centre");
        Assert.Equal(["cam1", "cam2"], centre.Hellos.First().CameraIds);
    }

    [Fact]
    public async Task Commands_are_held_against_expiry_and_role_and_count_once()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        Command over = await SendAsync(centre, c => (c.IssuerRole, c.ListsChanged, c.ExpiresAtUnixMs) = ("admin", new ListsChanged(), TestLists.Now - 1));
        Command wrong = await SendAsync(centre, c => (c.IssuerRole, c.RevokeList) = ("dispatcher", new RevokeList { ListId = "stolen-1" }));
        Command good = await SendAsync(centre, c => (c.IssuerRole, c.ListsChanged) = ("admin", new ListsChanged()));
        await Eventually.HoldsAsync(() => centre.CommandAcks.Count == 3, "all are answered");
        await centre.Sessions[BenchCar.UnitId].SendAsync(new CentreMessage { Command = good });
        await Eventually.HoldsAsync(() => centre.CommandAcks.Count == 4, "the repeated one is answered");
        Assert.Equal(
            [(over.Id, CommandOutcome.Expired, "expired"), (wrong.Id, CommandOutcome.Refused, "role_not_allowed"), (good.Id, CommandOutcome.Stored, ""), (good.Id, CommandOutcome.Duplicate, "")],
            centre.CommandAcks.Select(a => (a.CommandId, a.Outcome, a.Code)));
        Assert.Contains(car.Events().Concat(centre.Durable.Values), e => e.CommandRefused?.CommandId == wrong.Id);
    }

    [Fact]
    public async Task A_leased_live_view_is_shown_streams_and_ends_by_itself()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        foreach ((string camera, string reason, string code) in (ReadOnlySpan<(string, string, string)>)[("cab", "look", "camera_not_leased"), ("cam9", "look", "unknown_camera"), ("cam1", " ", "reason_required")])
            Assert.Equal(code, car.Get<LeaseBook>().Begin(Lease(camera, reason)));

        LiveLease lease = Lease("cam1", "robbery in progress");
        _ = await SendAsync(centre, c => (c.IssuerRole, c.LiveLease) = ("dispatcher", lease));
        JsonNode state = await page.UntilAsync("state", s => s["cameras"]![0]!["watchers"]!.AsArray().Count == 1);
        Assert.Equal(("Wang", "robbery in progress"), ((string)state["cameras"]![0]!["watchers"]![0]!["viewer"]!, (string)state["cameras"]![0]!["watchers"]![0]!["reason"]!));
        await Eventually.HoldsAsync(() => eyes.Asked.Any(a => a.StartLive is not null), "eyes are asked");
        await StreamAsync(eyes, eyes.Asked.Last(a => a.StartLive is not null).StartLive.StreamId);
        await Eventually.HoldsAsync(() => centre.Video.Chunks.Any(c => c.Fragment is { Key: true }), "video is at the centre");
        Assert.Equal(lease.LeaseId, centre.Video.Chunks.First().Start.LeaseId);

        car.Time.Jump(TimeSpan.FromMinutes(10));
        _ = await page.UntilAsync("state", s => s["cameras"]![0]!["watchers"]!.AsArray().Count == 0);
        await Eventually.HoldsAsync(() => eyes.Asked.Any(a => a.StopLive is not null), "eyes are told to stop");
        AuditRecord ended = Assert.Single(car.Audit(), r => r.Kind == AuditKind.LiveViewEnded);
        Assert.Equal(("Wang", "time_over"), (ended.Actor, ended.Purpose));
        Assert.Equal("robbery in progress", Assert.Single(car.Audit(), r => r.Kind == AuditKind.LiveViewStarted).Purpose);
    }

    [Fact]
    public async Task A_live_view_comes_back_after_eyes_did_and_ends_when_the_centre_says_so()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        LiveLease lease = Lease("cam1", "watch");
        await using (FakeEyes first = await car.EyesAsync())
        {
            _ = await SendAsync(centre, c => (c.IssuerRole, c.LiveLease) = ("supervisor", lease));
            await Eventually.HoldsAsync(() => first.Asked.Any(a => a.StartLive is not null), "the first is asked");
            await StreamAsync(first, first.Asked.Last().StartLive.StreamId);
            await Eventually.HoldsAsync(() => centre.Video.Chunks.Any(c => c.Fragment is not null), "video came");
        }
        await using FakeEyes second = await car.EyesAsync();
        await Eventually.HoldsAsync(() => second.Asked.Any(a => a.StartLive is not null), "the second is asked");
        int before = centre.Video.Chunks.Count;
        await StreamAsync(second, second.Asked.Last().StartLive.StreamId);
        await Eventually.HoldsAsync(() => centre.Video.Chunks.Skip(before).Any(c => c.Start is not null) && centre.Video.Chunks.Skip(before).Any(c => c.Fragment is not null), "video came again");
        _ = await SendAsync(centre, c => (c.IssuerRole, c.EndLive) = ("supervisor", new EndLive { LeaseId = lease.LeaseId, Reason = "seen enough" }));
        await Eventually.HoldsAsync(() => car.Get<LeaseBook>().Watchers.Count == 0, "it is over");
        Assert.Equal("seen enough", Assert.Single(car.Audit(), r => r.Kind == AuditKind.LiveViewEnded).Purpose);
    }

    [Fact]
    public async Task Several_viewers_of_a_camera_share_one_upload_which_goes_on_when_the_first_ends()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        await using FakeEyes eyes = await car.EyesAsync();
        LiveLease first = Lease("cam1", "robbery"), second = Lease("cam1", "robbery too");
        foreach (LiveLease lease in (LiveLease[])[first, second])
            _ = await SendAsync(centre, c => (c.IssuerRole, c.LiveLease) = ("dispatcher", lease));
        await Eventually.HoldsAsync(() => car.Get<LeaseBook>().Watchers.Count == 2 && eyes.Asked.Any(a => a.StartLive is not null), "both are shown, eyes are asked");
        await StreamAsync(eyes, eyes.Asked.Last(a => a.StartLive is not null).StartLive.StreamId);
        await Eventually.HoldsAsync(() => centre.Video.Chunks.Any(c => c.Fragment is not null), "video came");
        Assert.Single(eyes.Asked, a => a.StartLive is not null);
        Assert.Equal(first.LeaseId, Assert.Single(centre.Video.Chunks, c => c.Start is not null).Start.LeaseId);

        _ = await SendAsync(centre, c => (c.IssuerRole, c.EndLive) = ("dispatcher", new EndLive { LeaseId = first.LeaseId, Reason = "seen enough" }));
        await Eventually.HoldsAsync(() => eyes.Asked.Count(a => a.StartLive is not null) == 2, "the second goes on");
        await StreamAsync(eyes, eyes.Asked.Last(a => a.StartLive is not null).StartLive.StreamId);
        await Eventually.HoldsAsync(() => centre.Video.Chunks.Any(c => c.Start?.LeaseId == second.LeaseId), "under its own lease");
        _ = await SendAsync(centre, c => (c.IssuerRole, c.EndLive) = ("dispatcher", new EndLive { LeaseId = second.LeaseId, Reason = "over" }));
        await Eventually.HoldsAsync(() => car.Get<LeaseBook>().Watchers.Count == 0, "it is over");
        Assert.Equal(["seen enough", "over"], car.Audit().Where(r => r.Kind == AuditKind.LiveViewEnded).Select(r => r.Purpose));
    }

    [Fact]
    public async Task A_narrow_link_moves_the_live_view_to_the_sub_stream()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        await using FakeEyes eyes = await car.EyesAsync();
        centre.Video.Feedback = fragment => fragment.Sequence == 1 ? new VideoFeedback { ReceivedSequence = 1 } : null;
        LiveLease lease = Lease("cam1", "watch");
        lease.Quality = LiveQuality.Main;
        _ = await SendAsync(centre, c => (c.IssuerRole, c.LiveLease) = ("supervisor", lease));
        await Eventually.HoldsAsync(() => eyes.Asked.Any(a => a.StartLive is { Main: true }), "the main stream is asked for");
        string main = eyes.Asked.Last(a => a.StartLive is not null).StartLive.StreamId;
        await StreamAsync(eyes, main);
        await Eventually.HoldsAsync(() => centre.Video.Chunks.Any(c => c.Fragment is { Sequence: 1 }), "video came");
        await DeltaAsync(eyes, main, 2);
        await Eventually.HoldsAsync(() => centre.Video.Chunks.Any(c => c.Fragment is { Sequence: 2, Level: VideoLevel.Main }), "a picture that is not confirmed");

        car.Time.Jump(TimeSpan.FromSeconds(3));
        ulong sequence = 2;
        await Eventually.HoldsAsync(() => { DeltaAsync(eyes, main, ++sequence).GetAwaiter().GetResult(); return eyes.Asked.Any(a => a.StartLive is { Main: false }); }, "the sub-stream is asked for");
        Assert.DoesNotContain(eyes.Asked, a => a.StopLive is not null);
        await StreamAsync(eyes, eyes.Asked.Last(a => a.StartLive is not null).StartLive.StreamId);
        await Eventually.HoldsAsync(() => { DeltaAsync(eyes, main, ++sequence).GetAwaiter().GetResult(); return centre.Video.Chunks.Any(c => c.Start is { Quality: LiveQuality.Sub }); }, "the sub-stream goes on in the same call");
        await Eventually.HoldsAsync(() => eyes.Asked.Any(a => a.StopLive?.StreamId == main), "the main stream is stopped");
    }

    [Fact]
    public async Task Steering_from_the_centre_needs_the_lease_of_that_camera()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        _ = await SendAsync(centre, c => (c.IssuerRole, c.Ptz) = ("dispatcher", new PtzCommand { CameraId = "cam1", LeaseId = ByteString.CopyFrom(new byte[16]), Stop = true }));
        await Eventually.HoldsAsync(() => centre.CommandAcks.Any(a => a.Code == "no_lease"), "refused");
    }

    [Fact]
    public async Task An_instruction_is_stored_shown_to_those_on_duty_and_gone_once_read()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        BenchCar car = await LinkedAsync(centre);
        byte[] calm = Uuid7.New(TimeProvider.System), urgent = Uuid7.New(TimeProvider.System);
        Instruction Said(byte[] id, string text, bool now) => new() { InstructionId = ByteString.CopyFrom(id), Text = text, Urgent = now };
        Command said = await SendAsync(centre, c => (c.IssuerRole, c.Instruction) = ("dispatcher", Said(calm, "回所加油", false)));
        Command more = await SendAsync(centre, c => (c.IssuerRole, c.Instruction) = ("supervisor", Said(urgent, "全体撤出隧道", true)));
        Command empty = await SendAsync(centre, c => (c.IssuerRole, c.Instruction) = ("dispatcher", Said(Uuid7.New(TimeProvider.System), " ", false)));
        await Eventually.HoldsAsync(() => centre.CommandAcks.Count == 3, "all are answered");
        Assert.Equal([(said.Id, ""), (more.Id, ""), (empty.Id, "bad_instruction_text")], centre.CommandAcks.Select(a => (a.CommandId, a.Code)));
        await using (Page outside = await car.PageAsync())
            Assert.Empty((await outside.UntilAsync("state"))["instructions"]!.AsArray());
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.PostAsJsonAsync($"/api/instructions/{Convert.ToHexStringLower(calm)}/read", new { })).StatusCode);

        // The car is switched off before anybody looks.
        car = await car.RestartAsync(sameBoot: true);
        _ = await car.SignInAsync();
        await using Page page = await car.PageAsync();
        JsonNode state = await page.UntilAsync("state", s => s["instructions"]!.AsArray().Count == 2);
        Assert.Equal([("全体撤出隧道", true), ("回所加油", false)], state["instructions"]!.AsArray().Select(i => ((string)i!["text"]!, (bool)i["urgent"]!)));
        foreach ((byte[] id, HttpStatusCode code) in ((byte[], HttpStatusCode)[])[(urgent, HttpStatusCode.NoContent), (urgent, HttpStatusCode.NotFound), (new byte[16], HttpStatusCode.NotFound)])
            Assert.Equal(code, (await car.Http.PostAsJsonAsync($"/api/instructions/{Convert.ToHexStringLower(id)}/read", new { })).StatusCode);
        _ = await page.UntilAsync("state", s => s["instructions"]!.AsArray().Count == 1);
        InstructionRead read = Assert.Single(car.Events().Concat(centre.Durable.Values).DistinctBy(e => e.Id), e => e.InstructionRead is not null).InstructionRead;
        Assert.Equal(urgent, read.InstructionId.ToByteArray());
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal(calm, Assert.Single(car.Get<InstructionBook>().Unread).Instruction.InstructionId.ToByteArray());
        await car.DisposeAsync();
    }

    [Fact]
    public async Task A_call_is_stored_shown_and_its_steps_leave_once_in_order()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        BenchCar before = await LinkedAsync(centre);
        byte[] id = Uuid7.New(TimeProvider.System);
        _ = await SendAsync(centre, c => (c.IssuerRole, c.Call) = ("dispatcher", new Call { CallId = ByteString.CopyFrom(id), Revision = 1, Number = "110-7", State = CallState.Dispatched, Title = "纠纷" }));
        await Eventually.HoldsAsync(() => centre.CommandAcks.Any(a => a.Outcome == CommandOutcome.Stored), "stored");
        BenchCar car = await before.RestartAsync(sameBoot: true);
        Assert.Equal("110-7", Assert.Single(car.Get<CallBook>().Calls).Number);
        string path = $"/api/calls/{Convert.ToHexStringLower(id)}/steps";
        Assert.Equal(HttpStatusCode.Unauthorized, (await car.Http.PostAsJsonAsync(path, new { act = "acknowledge" })).StatusCode);
        _ = await car.SignInAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await car.Http.PostAsJsonAsync(path, new { act = "close" })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await car.Http.PostAsJsonAsync(path, new { act = "acknowledge" })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await car.Http.PostAsJsonAsync(path, new { act = "acknowledge" })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await car.Http.PostAsJsonAsync(path, new { act = "arrive", text = "到了" })).StatusCode);
        Assert.Equal([CallAct.Acknowledge, CallAct.Arrive], car.Events().Where(e => e.CallStep is not null).Select(e => e.CallStep.Act));
        Assert.Equal(CallState.Arrived, car.Get<CallBook>().Calls[0].State);
        await car.DisposeAsync();
    }

    [Fact]
    public async Task A_hand_over_names_its_receiver_and_a_call_that_is_not_this_units_takes_no_step()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        _ = await car.SignInAsync();
        var paths = new List<string>();
        foreach (CallPart part in (CallPart[])[CallPart.Owner, CallPart.Nearby, CallPart.FormerOwner])
        {
            byte[] id = Uuid7.New(TimeProvider.System);
            _ = await SendAsync(centre, c => (c.IssuerRole, c.Call) = ("system", new Call { CallId = ByteString.CopyFrom(id), Revision = 1, State = CallState.Dispatched, Part = part }));
            paths.Add($"/api/calls/{Convert.ToHexStringLower(id)}/steps");
        }
        await Eventually.HoldsAsync(() => car.Get<CallBook>().Calls.Count == 3, "all three stored");
        Assert.Equal(HttpStatusCode.BadRequest, (await car.Http.PostAsJsonAsync(paths[0], new { act = "hand_over" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await car.Http.PostAsJsonAsync(paths[0], new { act = "arrive", toUnitId = "PB-2" })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await car.Http.PostAsJsonAsync(paths[0], new { act = "hand_over", toUnitId = "PB-2" })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await car.Http.PostAsJsonAsync(paths[1], new { act = "acknowledge" })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await car.Http.PostAsJsonAsync(paths[2], new { act = "arrive" })).StatusCode);
        await Eventually.HoldsAsync(() => centre.Durable.Values.Any(e => e.CallStep is not null), "the hand-over is at the centre");
        CallStep step = Assert.Single(centre.Durable.Values, e => e.CallStep is not null).CallStep;
        Assert.Equal((CallAct.HandOver, "PB-2", 1ul), (step.Act, step.ToUnitId, step.SeenRevision));
    }

    [Fact]
    public async Task A_revision_that_lags_behind_takes_no_step_of_the_same_turn_back_and_a_new_turn_begins_anew()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        _ = await car.SignInAsync();
        byte[] id = Uuid7.New(TimeProvider.System);
        async Task<CallState> ToldAsync(ulong revision, ulong ownerRevision, CallState state)
        {
            _ = await SendAsync(centre, c => (c.IssuerRole, c.Call) = ("system", new Call { CallId = ByteString.CopyFrom(id), Revision = revision, OwnerRevision = ownerRevision, State = state, Part = CallPart.Owner }));
            await Eventually.HoldsAsync(() => car.Get<CallBook>().Calls.Any(c => c.Revision == revision), $"revision {revision}");
            return car.Get<CallBook>().Calls[0].State;
        }
        Assert.Equal(CallState.Dispatched, await ToldAsync(2, 2, CallState.Dispatched));
        foreach (string act in (string[])["acknowledge", "en_route", "arrive"])
            Assert.Equal(HttpStatusCode.NoContent, (await car.Http.PostAsJsonAsync($"/api/calls/{Convert.ToHexStringLower(id)}/steps", new { act })).StatusCode);
        Assert.Equal(CallState.Arrived, await ToldAsync(3, 2, CallState.Acknowledged));
        Assert.Equal(CallState.Reported, await ToldAsync(4, 2, CallState.Reported));
        Assert.Equal(CallState.Dispatched, await ToldAsync(7, 7, CallState.Dispatched));
        Assert.Equal(CallState.Cancelled, await ToldAsync(8, 7, CallState.Cancelled));
    }

    private static async Task<BenchCar> LinkedAsync(TestCentre centre)
    {
        BenchCar car = await BenchCar.StartAsync(centre: centre);
        await Eventually.HoldsAsync(() => car.Get<CentreLink>().State.Phase == LinkPhase.Up && car.Clock.CentreToldThisBoot && centre.Sessions.ContainsKey(BenchCar.UnitId), "the link is up and the time told");
        return car;
    }

    private static async Task<Command> SendAsync(TestCentre centre, Action<Command> fill)
    {
        var command = new Command { Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)), IssuedAtUnixMs = TestLists.Now, Issuer = "wang" };
        fill(command);
        await centre.Sessions[BenchCar.UnitId].SendAsync(new CentreMessage { Command = command });
        return command;
    }

    private static LiveLease Lease(string camera, string reason) => new()
    {
        LeaseId = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
        CameraId = camera,
        Viewer = "Wang",
        Reason = reason,
        EndsAtUnixMs = TestLists.Now + 9 * 60_000,
        Quality = LiveQuality.Sub,
    };

    private static async Task StreamAsync(FakeEyes eyes, string stream)
    {
        await eyes.SendAsync(new MediaMessage { LiveStart = new LiveStart { StreamId = stream, Mime = "video/mp4; codecs=\"avc1.64001f\"", InitSegment = ByteString.CopyFrom(1), Width = 640, Height = 360 } });
        await eyes.SendAsync(new MediaMessage { LiveFragment = new LiveFragment { StreamId = stream, Sequence = 1, Key = true, CapturedUnixMs = 1, Data = ByteString.CopyFrom(7) } });
    }

    private static Task DeltaAsync(FakeEyes eyes, string stream, ulong sequence) =>
        eyes.SendAsync(new MediaMessage { LiveFragment = new LiveFragment { StreamId = stream, Sequence = sequence, CapturedUnixMs = 1, Data = ByteString.CopyFrom(7) } });

    private static Watchlist With(Watchlist list, Action<Watchlist> change)
    {
        change(list);
        return list;
    }
}
