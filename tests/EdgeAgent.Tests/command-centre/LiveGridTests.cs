using System.Net;
using System.Text.Json.Nodes;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A wall of live views: all cameras of a car at once, renewals, who watches what, one hand a camera.</summary>
public class LiveGridTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;
    private RawCar car = null!;
    private RawSession session = null!;
    private ConsoleClient console = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync(store: Store);
        centre.AddAccount();
        car = await centre.EnrolAsync("PB-1");
        session = await car.ConnectAsync(h => h.CameraIds.Add(Enumerable.Range(3, 5).Select(n => $"cam{n}")));
        console = await ConsoleClient.SignedInAsync(centre.Http);
    }

    public async Task DisposeAsync()
    {
        console.Dispose();
        session.Dispose();
        car.Dispose();
        await centre.DisposeAsync();
    }

    [Fact]
    public async Task All_cameras_of_a_car_are_asked_for_with_one_reason_each_under_a_lease_and_an_audit_row_of_its_own()
    {
        var leases = await AllAsync();
        Assert.Equal(7, leases.Count);
        var commands = new List<LiveLease>();
        for (var i = 0; i < 7; i++)
            commands.Add((await session.CommandAsync(Command.BodyOneofCase.LiveLease)).LiveLease);
        Assert.Equal(Enumerable.Range(1, 7).Select(n => $"cam{n}"), commands.Select(c => c.CameraId).Order());
        Assert.All(commands, c => Assert.Equal(("crowd at the gate", CentreUnderTest.Dispatcher), (c.Reason, c.Viewer)));
        Assert.Equal(7, commands.Select(c => c.LeaseId).Distinct().Count());
        Assert.Equal(7, centre.Audit().Count(row => row.StartsWith("dispatcher live_started PB-1/cam", StringComparison.Ordinal) && row.EndsWith("crowd at the gate", StringComparison.Ordinal)));

        // Nine at most: two more, then none, and a second wall not even in part.
        foreach (var camera in (string[])["cam1", "cam2"])
            Assert.Equal(HttpStatusCode.OK, (await console.PostAsync("/api/live", Body(camera))).Status);
        Assert.Equal((HttpStatusCode.Conflict, "too_many_live_views"), await CodeAsync(console.PostAsync("/api/live", Body("cam3"))));
        Assert.Equal((HttpStatusCode.Conflict, "too_many_live_views"), await CodeAsync(console.PostAsync("/api/live", All)));
        Assert.Equal(9, centre.Audit().Count(row => row.Contains("live_started", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.NoContent, await console.DeleteAsync($"/api/live/{leases[0]}"));
        Assert.Equal(HttpStatusCode.OK, (await console.PostAsync("/api/live", Body("cam3"))).Status);
    }

    [Fact]
    public async Task A_page_that_is_loaded_anew_is_told_its_own_views_and_nobody_elses()
    {
        var leases = await AllAsync();
        centre.AddAccount("colleague");
        using var colleague = await ConsoleClient.SignedInAsync(centre.Http, "colleague");
        await using var mine = await console.SocketAsync("/api/stream");
        await using var theirs = await colleague.SocketAsync("/api/stream");
        var told = await mine.UntilAsync("live");
        Assert.Equal(leases.Order(), told["mine"]!.AsArray().Select(l => (string)l!["leaseId"]!).Order());
        Assert.Equal("crowd at the gate", (string)told["mine"]![0]!["reason"]!);
        Assert.Null(told["watched"]);
        Assert.Empty((await theirs.UntilAsync("live"))["mine"]!.AsArray());
    }

    [Fact]
    public async Task A_view_is_renewed_under_its_own_id_with_a_reason_given_anew_and_at_most_an_hour_from_then()
    {
        var leaseId = await BeginAsync(console);
        var before = (await session.CommandAsync(Command.BodyOneofCase.LiveLease)).LiveLease;
        foreach (var (body, code) in ((string, string)[])[("{}", "reason_required"), ("""{"reason":"  "}""", "reason_required"), ("""{"reason":"still there","minutes":61}""", "bad_minutes")])
            Assert.Equal((HttpStatusCode.BadRequest, code), await CodeAsync(console.PostAsync($"/api/live/{leaseId}/renew", body)));
        var (status, json) = await console.PostAsync($"/api/live/{leaseId}/renew", """{"reason":"still there","minutes":60}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var renewed = await session.CommandAsync(Command.BodyOneofCase.LiveLease);
        Assert.Equal((before.LeaseId, "still there", (long)json!["endsAtUnixMs"]!), (renewed.LiveLease.LeaseId, renewed.LiveLease.Reason, renewed.LiveLease.EndsAtUnixMs));
        Assert.InRange(renewed.LiveLease.EndsAtUnixMs - renewed.IssuedAtUnixMs, 59 * 60_000, 60 * 60_000);
        Assert.Contains(centre.Audit(), row => row == $"dispatcher live_renewed PB-1/cam1 {leaseId} still there");

        // A server that starts again goes on until the new end.
        await session.AcceptAsync(renewed);
        Assert.Equal("still there", Assert.Single(centre.Get<EdgeAgent.CommandCentre.Storage.CentreDatabase>().Read(c => EdgeAgent.CommandCentre.Storage.LeaseTable.Running(c, before.EndsAtUnixMs + 1))).Reason);

        centre.AddAccount("curious");
        using var curious = await ConsoleClient.SignedInAsync(centre.Http, "curious");
        Assert.Equal((HttpStatusCode.Forbidden, "own_lease_needed"), await CodeAsync(curious.PostAsync($"/api/live/{leaseId}/renew", """{"reason":"let me see"}""")));
        Assert.Equal(HttpStatusCode.NoContent, await console.DeleteAsync($"/api/live/{leaseId}"));
        Assert.Equal((HttpStatusCode.Forbidden, "own_lease_needed"), await CodeAsync(console.PostAsync($"/api/live/{leaseId}/renew", """{"reason":"once more"}""")));
    }

    [Fact]
    public async Task A_renewal_that_the_car_refuses_ends_the_view_with_the_cars_reason()
    {
        var leaseId = await BeginAsync(console);
        await session.AcceptAsync(await session.CommandAsync(Command.BodyOneofCase.LiveLease));
        Assert.Equal(HttpStatusCode.OK, (await console.PostAsync($"/api/live/{leaseId}/renew", """{"reason":"still there"}""")).Status);
        var renewal = await session.CommandAsync(Command.BodyOneofCase.LiveLease);
        await session.SendAsync(new CarMessage { CommandAck = new CommandAck { CommandId = renewal.Id, Outcome = CommandOutcome.Refused, Code = "lease_over" } });
        Assert.Equal("lease_over", (await session.CommandAsync(Command.BodyOneofCase.EndLive)).EndLive.Reason);
        Assert.Null(centre.Get<LiveLeases>().Find(Guid.Parse(leaseId)));
    }

    [Fact]
    public async Task Supervisors_see_who_watches_what_in_their_district_and_can_end_any_of_it_and_nobody_else_can()
    {
        centre.PlaceUnit("PB-1", "east");
        centre.AddAccount("east", "supervisor", district: "east");
        centre.AddAccount("west", "supervisor", district: "west");
        centre.AddAccount("other");
        var leaseId = await BeginAsync(console);
        using var east = await ConsoleClient.SignedInAsync(centre.Http, "east");
        using var west = await ConsoleClient.SignedInAsync(centre.Http, "west");
        using var other = await ConsoleClient.SignedInAsync(centre.Http, "other");
        await using var stream = await east.SocketAsync("/api/stream");
        var watched = Assert.Single((await stream.UntilAsync("live"))["watched"]!.AsArray())!;
        Assert.Equal((leaseId, "PB-1", "cam1", CentreUnderTest.Dispatcher, "crowd at the gate", 0), (
            (string)watched["leaseId"]!, (string)watched["unitId"]!, (string)watched["cameraId"]!, (string)watched["account"]!, (string)watched["reason"]!, (int)watched["screens"]!));
        await using (await console.SocketAsync($"/api/live/{leaseId}/video"))
            _ = await stream.UntilAsync("live", told => (int)told["watched"]![0]!["screens"]! == 1);
        await using var elsewhere = await west.SocketAsync("/api/stream");
        Assert.Empty((await elsewhere.UntilAsync("live"))["watched"]!.AsArray());
        await using var dispatchers = await other.SocketAsync("/api/stream");
        Assert.Null((await dispatchers.UntilAsync("live"))["watched"]);

        foreach (var refused in (ConsoleClient[])[west, other])
            Assert.Equal(HttpStatusCode.Forbidden, await refused.DeleteAsync($"/api/live/{leaseId}"));
        Assert.Equal(HttpStatusCode.NoContent, await east.DeleteAsync($"/api/live/{leaseId}"));
        Assert.Equal("ended by a supervisor", (await session.CommandAsync(Command.BodyOneofCase.EndLive)).EndLive.Reason);
        _ = await stream.UntilAsync("live", told => told["watched"]!.AsArray().Count == 0);
        Assert.Contains(centre.Audit(), row => row == $"east live_ended PB-1/cam1 {leaseId} ended by a supervisor");
    }

    [Fact]
    public async Task One_person_steers_a_camera_at_a_time_the_others_are_told_who_and_a_supervisor_may_take_it_over()
    {
        centre.AddAccount("wang");
        centre.AddAccount("chief", "supervisor");
        using var wang = await ConsoleClient.SignedInAsync(centre.Http, "wang");
        using var chief = await ConsoleClient.SignedInAsync(centre.Http, "chief");
        var (mine, wangs, chiefs) = (await BeginAsync(console), await BeginAsync(wang), await BeginAsync(chief));
        await using var stream = await console.SocketAsync("/api/stream");
        Assert.Equal(HttpStatusCode.NoContent, (await wang.PostAsync("/api/ptz", Move(wangs))).Status);
        var told = await stream.UntilAsync("live", live => live["hands"]!.AsArray().Count == 1);
        Assert.Equal(("wang", "cam1"), ((string)told["hands"]![0]!["account"]!, (string)told["hands"]![0]!["cameraId"]!));
        var (status, json) = await console.PostAsync("/api/ptz", Move(mine));
        Assert.Equal((HttpStatusCode.Conflict, "steered_by_other", "wang"), (status, (string)json!["code"]!, (string)json["by"]!));
        Assert.InRange((int)json["freeInS"]!, 1, 15);

        // A dispatcher takes over from nobody; a supervisor does, and it is written down from whom.
        Assert.Equal((HttpStatusCode.Forbidden, "not_allowed"), await CodeAsync(console.PostAsync($"/api/live/{mine}/hand", """{"takeOver":true}""")));
        Assert.Equal((HttpStatusCode.Conflict, "steered_by_other"), await CodeAsync(console.PostAsync($"/api/live/{mine}/hand", "{}")));
        Assert.Equal(HttpStatusCode.NoContent, (await chief.PostAsync($"/api/live/{chiefs}/hand", """{"takeOver":true}""")).Status);
        Assert.Contains(centre.Audit(), row => row == $"chief ptz_taken_over PB-1/cam1 {chiefs} from wang");
        Assert.Equal((HttpStatusCode.Conflict, "steered_by_other"), await CodeAsync(wang.PostAsync("/api/ptz", Move(wangs))));
        Assert.Equal("chief", (string)(await stream.UntilAsync("live", live => live["hands"]!.AsArray() is [{ } hand] && (string)hand["account"]! == "chief"))["hands"]![0]!["account"]!);

        // Let go of, by hand or with the view: it is anybody's.
        Assert.Equal(HttpStatusCode.NoContent, await chief.DeleteAsync($"/api/live/{chiefs}/hand"));
        Assert.Equal(HttpStatusCode.NoContent, (await console.PostAsync("/api/ptz", Move(mine))).Status);
        Assert.Equal(HttpStatusCode.NoContent, await console.DeleteAsync($"/api/live/{mine}"));
        Assert.Equal(HttpStatusCode.NoContent, (await wang.PostAsync("/api/ptz", Move(wangs))).Status);
    }

    [Fact]
    public void A_hand_that_rests_is_let_go_of_and_one_that_moves_is_kept()
    {
        var time = new EdgeAgent.Tests.Agent.JumpTime();
        var hands = new PtzHands(time);
        using LiveView wang = View(time, "wang"), li = View(time, "li");
        Assert.True(hands.TryTake(wang, false, out _));
        time.Jump(TimeSpan.FromSeconds(14));
        Assert.False(hands.TryTake(li, false, out var other));
        Assert.Equal("wang", other!.Account);
        Assert.True(hands.TryTake(wang, false, out _));
        time.Jump(TimeSpan.FromSeconds(14));
        Assert.False(hands.TryTake(li, false, out _));
        time.Jump(TimeSpan.FromSeconds(1.5));
        Assert.Empty(hands.All);
        Assert.True(hands.TryTake(li, false, out other));
        Assert.Null(other);
        hands.Release(wang.Id);
        Assert.Equal("li", Assert.Single(hands.All).Account);
    }

    [Fact]
    public async Task Places_that_the_cameras_head_knows_are_offered_and_gone_to()
    {
        var leaseId = await BeginAsync(console);
        var lease = (await session.CommandAsync(Command.BodyOneofCase.LiveLease)).LiveLease;
        using var publish = new Video.VideoClient(car.Channel).Publish();
        await publish.RequestStream.WriteAsync(new VideoChunk
        {
            Start = new VideoStart
            {
                LeaseId = lease.LeaseId,
                CameraId = "cam1",
                Mime = "video/mp4",
                InitSegment = ByteString.CopyFrom(1),
                Steerable = true,
                Presets = { new PtzPreset { Token = "1", Name = "gate" }, new PtzPreset { Token = "", Name = "nameless" } },
            },
        });
        await using var screen = await console.SocketAsync($"/api/live/{leaseId}/video");
        var format = JsonNode.Parse((await screen.NextAsync()).Text!)!;
        Assert.True((bool)format["steerable"]!);
        Assert.Equal(("1", "gate"), ((string)Assert.Single(format["presets"]!.AsArray())!["token"]!, (string)format["presets"]![0]!["name"]!));
        Assert.Equal(HttpStatusCode.NoContent, (await console.PostAsync("/api/ptz", $$"""{"leaseId":"{{leaseId}}","preset":"1"}""")).Status);
        Assert.Equal("1", (await session.CommandAsync(Command.BodyOneofCase.Ptz)).Ptz.GoToPreset);
    }

    private const string All = """{"unitId":"PB-1","allCameras":true,"reason":"crowd at the gate"}""";

    private static LiveView View(TimeProvider time, string account) => new(
        new EdgeAgent.CommandCentre.Storage.LeaseRow { LeaseId = Uuid7.New(TimeProvider.System), UnitId = "PB-1", CameraId = "cam1", Account = account, EndsAt = long.MaxValue },
        new LiveFanOut(), time);

    private static string Body(string camera) => $$"""{"unitId":"PB-1","cameraId":"{{camera}}","reason":"crowd at the gate"}""";

    private static string Move(string leaseId) => $$"""{"leaseId":"{{leaseId}}","pan":0.5,"tilt":0,"zoom":0,"holdMs":400}""";

    private async Task<IReadOnlyList<string>> AllAsync()
    {
        var (status, json) = await console.PostAsync("/api/live", All);
        Assert.Equal(HttpStatusCode.OK, status);
        return [.. json!["leases"]!.AsArray().Select(l => (string)l!["leaseId"]!)];
    }

    private static async Task<string> BeginAsync(ConsoleClient who)
    {
        var (status, json) = await who.PostAsync("/api/live", Body("cam1"));
        Assert.Equal(HttpStatusCode.OK, status);
        return (string)json!["leaseId"]!;
    }

    private static async Task<(HttpStatusCode, string?)> CodeAsync(Task<(HttpStatusCode Status, JsonNode? Json)> answer)
    {
        var (status, json) = await answer;
        return (status, (string?)json?["code"]);
    }
}

public sealed class LiveGridTestsOnPostgres : LiveGridTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
