using System.Net;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.LookUps;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;
using static EdgeAgent.Tests.Agent.LookUpPageBench;

namespace EdgeAgent.Tests.Agent;

/// <summary>Look-ups that are not answered: no link, no centre, too many, or nothing that could be asked.</summary>
public sealed class LookUpRefusalTests
{
    [Fact]
    public async Task Without_a_link_nothing_is_asked_then_or_later_and_the_refusal_is_written_down()
    {
        await using BenchCar alone = await BenchCar.StartAsync();
        _ = await alone.SignInAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "no_link"), await CodeAsync(await AskAsync(alone)));
        Assert.Equal("traffic_stop no_link", alone.Audit().Single(r => r.Kind == AuditKind.Check).Purpose);

        TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        int port = centre.Port;
        await centre.DisposeAsync();
        await Eventually.HoldsAsync(() => car.Get<CentreLink>().State.Phase == LinkPhase.Down, "the link is down");
        Assert.Equal("no_link", (await CodeAsync(await AskAsync(car))).Code);
        await using TestCentre again = await TestCentre.StartAsync(centre.Pki, port);
        await Eventually.HoldsAsync(() => car.Get<CentreLink>().State.Phase == LinkPhase.Up, "the link is up again");
        await Task.Delay(300);
        Assert.Empty(again.LookUps.Asked);
    }

    [Fact]
    public async Task A_transport_that_breaks_under_the_question_is_tried_once_more_with_the_same_id()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        centre.LookUps.Answer = request => centre.LookUps.Asked.Count > 1 ? Found(request) : throw new RpcException(new Status(StatusCode.Unavailable, "cut"));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(car)).StatusCode);
        Assert.Equal((2, 1), (centre.LookUps.Asked.Count, centre.LookUps.Asked.Select(r => r.Id).Distinct().Count()));
        centre.LookUps.Answer = _ => throw new RpcException(new Status(StatusCode.Unavailable, "cut"));
        Assert.Equal("no_link", (await CodeAsync(await AskAsync(car))).Code);
        centre.LookUps.Answer = _ => throw new RpcException(new Status(StatusCode.Unimplemented, "what?"));
        Assert.Equal("not_available", (await CodeAsync(await AskAsync(car))).Code);
        Assert.Equal(
            ["traffic_stop", "traffic_stop", "traffic_stop no_link", "traffic_stop", "traffic_stop not_available"],
            car.Audit().Where(r => r.Kind == AuditKind.Check).Select(r => r.Purpose));
    }

    [Fact]
    public async Task A_centre_that_does_not_answer_is_not_waited_for_longer_than_the_page_waits()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        var never = new TaskCompletionSource();
        centre.LookUps.Pause = never.Task;
        Task<HttpResponseMessage> asking = AskAsync(car);
        await Eventually.HoldsAsync(() => !centre.LookUps.Asked.IsEmpty, "the question has left");
        car.Time.Jump(TimeSpan.FromSeconds(8.5));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "no_answer"), await CodeAsync(await asking));
        never.SetResult();
    }

    [Fact]
    public async Task Refusals_of_the_centre_reach_the_page_with_their_wait_and_the_chain()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        centre.LookUps.Answer = _ => new LookUpReply { Outcome = LookUpOutcome.Refused, Code = LookUpCodes.RateLimited, WaitMs = 41_200 };
        HttpResponseMessage refused = await AskAsync(car);
        Assert.Equal((HttpStatusCode.TooManyRequests, 42), (refused.StatusCode, (int)(await JsonOf(refused))["retryAfterS"]!));
        centre.LookUps.Answer = _ => new LookUpReply { Outcome = LookUpOutcome.Refused, Code = LookUpCodes.OfficerNotOnRoster };
        Assert.Equal((HttpStatusCode.Forbidden, "officer_not_on_roster"), await CodeAsync(await AskAsync(car)));
        // A reply that is neither: no answer.
        centre.LookUps.Answer = _ => new LookUpReply();
        Assert.Equal("no_answer", (await CodeAsync(await AskAsync(car))).Code);
        Assert.Equal(
            ["traffic_stop rate_limited", "traffic_stop officer_not_on_roster", "traffic_stop no_answer"],
            car.Audit().Where(r => r.Kind == AuditKind.Check && r.Purpose.Contains(' ')).Select(r => r.Purpose));
        Assert.Empty((await car.JsonAsync("/api/look-ups")).AsArray());
    }

    [Fact]
    public async Task The_cars_own_limit_holds_over_sign_outs_and_asks_nothing_beyond_it()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        for (int i = 0; i < LookUpPace.PerMinute; i++)
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(car)).StatusCode);
        _ = await car.Http.DeleteAsync("/api/session");
        _ = await car.SignInAsync();
        HttpResponseMessage refused = await AskAsync(car);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange((int)(await JsonOf(refused))["retryAfterS"]!, 1, 60);
        Assert.Equal(LookUpPace.PerMinute, centre.LookUps.Asked.Count);
        Assert.Equal(1, car.Audit().Count(r => r.Purpose == "traffic_stop rate_limited"));
        _ = await car.SignInAsync(BenchCar.OtherOfficerId);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(car)).StatusCode);
    }

    [Fact]
    public void The_pace_lets_go_after_its_minute_and_its_hour()
    {
        var time = new JumpTime();
        var pace = new LookUpPace(time);
        for (int minute = 0; minute < 5; minute++)
        {
            for (int i = 0; i < LookUpPace.PerMinute; i++)
                Assert.Equal(TimeSpan.Zero, pace.Take("o1"));
            Assert.InRange(pace.Take("o1").TotalSeconds, 1, 60 * 60);
            Assert.Equal(TimeSpan.Zero, pace.Take($"other {minute}"));
            time.Jump(TimeSpan.FromSeconds(61));
        }
        Assert.InRange(pace.Take("o1").TotalMinutes, 54, 56);
        time.Jump(TimeSpan.FromMinutes(56));
        Assert.Equal(TimeSpan.Zero, pace.Take("o1"));
    }

    [Theory]
    [InlineData("plate", "hello", "traffic_stop", "", "bad_plate")]
    [InlineData("plate", null, "traffic_stop", "", "bad_plate")]
    [InlineData("document", "110105194912310021", "traffic_stop", "", "bad_document")]
    [InlineData("document", Document, "identity_check", " ", "reason_needed")]
    [InlineData("plate", Plate, "identity_check", "x", "purpose_not_allowed")]
    [InlineData("plate", Plate, "curiosity", "", "bad_purpose")]
    [InlineData("plate", Plate, "unspecified", "", "bad_purpose")]
    [InlineData("face", Plate, "traffic_stop", "", "bad_kind")]
    [InlineData("plate", Plate, "call", "", "call_needed")]
    public async Task What_cannot_be_asked_is_refused_in_a_word_and_asks_nothing(string kind, string? subject, string purpose, string reason, string code)
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        Assert.Equal((HttpStatusCode.BadRequest, code), await CodeAsync(await AskAsync(car, kind, subject, purpose, reason)));
        Assert.Equal("reason_too_long", (await CodeAsync(await AskAsync(car, reason: new string('x', 201)))).Code);
        Assert.Equal("bad_plate", (await CodeAsync(await AskAsync(car, subject: new string('A', 10_000)))).Code);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await AskAsync(car, subject: new string('A', 20_000))).StatusCode);
        Assert.Empty(centre.LookUps.Asked);
        Assert.DoesNotContain(car.Audit(), r => r.Kind == AuditKind.Check);
    }

    [Fact]
    public async Task A_call_must_be_one_that_this_car_knows_and_that_goes_on()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        byte[] known = Uuid7.New(car.Time), over = Uuid7.New(car.Time);
        CallBook calls = car.Get<CallBook>();
        foreach ((byte[] id, CallState state) in ((byte[], CallState)[])[(known, CallState.Arrived), (over, CallState.Closed)])
        {
            var call = new Call { CallId = ByteString.CopyFrom(id), Revision = 1, State = state };
            car.Get<OutboxStore>().Write((connection, transaction) => calls.Take(call, connection, transaction));
            calls.Took(call);
        }
        foreach (byte[] unknown in (byte[][])[over, Uuid7.New(car.Time), [1, 2]])
            Assert.Equal("call_needed", (await CodeAsync(await AskAsync(car, purpose: "call", callId: Convert.ToHexStringLower(unknown)))).Code);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(car, purpose: "call", callId: Convert.ToHexStringLower(known))).StatusCode);
        Assert.Equal(known, Assert.Single(centre.LookUps.Asked).CallId.ToByteArray());
    }
}
