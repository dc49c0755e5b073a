using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Uplink;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class LinkTests : IDisposable
{
    private readonly TestPki pki = new();

    public void Dispose() => pki.Dispose();

    [Fact]
    public async Task What_was_appended_before_and_during_a_session_is_delivered_and_answered()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address);
        car.Outbox.AppendMany([.. Enumerable.Range(0, 500).Select(i => TestOutbox.Note($"{i}"))]);
        car.Start();
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == 500, "all acknowledged");
        car.Outbox.Append(TestOutbox.Note("while up"));
        await Eventually.HoldsAsync(() => car.Outbox.Counts is { Acknowledged: 501, Pending: 0 }, "the new one too");
        Assert.Equal(Enumerable.Range(1, 501).Select(number => (ulong)number), centre.Received.Select(happened => happened.Number));
        var hello = Assert.Single(centre.Hellos);
        Assert.Equal(car.Outbox.Incarnation, hello.Incarnation.ToByteArray());
        Assert.Equal((Lane.Calls, 1UL, 501UL), (hello.Lanes.Single().Lane, hello.Lanes.Single().FirstHeld, hello.Lanes.Single().NextNumber));
        Assert.Equal((LinkPhase.Up, 0L), (car.Link.State.Phase, car.Link.State.Backlog));
    }

    [Fact]
    public async Task A_kernel_that_cannot_send_as_it_is_wished_is_no_reason_not_to_be_linked()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address, options => options with { CongestionControl = "no-such-one" });
        car.Start();
        car.Outbox.Append(TestOutbox.Note("as the kernel likes"));
        await Eventually.HoldsAsync(() => car.Outbox.Counts is { Acknowledged: 1, Pending: 0 }, "delivered");
        Assert.Equal(LinkPhase.Up, car.Link.State.Phase);
    }

    [Fact]
    public async Task The_centre_may_come_late_go_and_come_again()
    {
        int port;
        await using (var first = await TestCentre.StartAsync(pki))
            port = first.Port;
        await using var car = new TestCar(pki, new Uri($"https://localhost:{port}"));
        car.Start();
        car.Outbox.Append(TestOutbox.Note("before"));
        await Eventually.HoldsAsync(() => car.Link.State.Detail.Contains("cannot be reached", StringComparison.Ordinal), "seen as down");
        Assert.NotEqual(LinkPhase.Up, car.Link.State.Phase);
        Assert.True(car.Link.State.OldestUnackedMs > 0);
        for (var round = 1; round <= 2; round++)
        {
            await using var centre = await TestCentre.StartAsync(pki, port);
            car.Outbox.Append(TestOutbox.Note($"round {round}"));
            await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == round + 1, "delivered");
            Assert.Contains(centre.Received, happened => happened.CallStep.Text == $"round {round}");
        }
        await Eventually.HoldsAsync(() => car.Link.State.Phase != LinkPhase.Up, "down again");
    }

    [Fact]
    public async Task What_a_broken_session_left_unanswered_is_sent_again()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Judge = happened =>
        {
            // Stored, but the answer is lost with the connection.
            centre.Durable.TryAdd(Uuid7.ToGuid(happened.Id.Span), happened);
            centre.Sessions[TestCar.UnitId].Abort();
            centre.Judge = _ => null;
            return new EventAck();
        };
        await using var car = new TestCar(pki, centre.Address);
        car.Outbox.AppendMany([.. Enumerable.Range(0, 20).Select(i => TestOutbox.Note($"{i}"))]);
        car.Start();
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == 20, "all acknowledged");
        Assert.True(centre.Hellos.Count >= 2);
        Assert.Equal(20, centre.Durable.Count);
        Assert.True(centre.Received.Count > 20);
    }

    [Fact]
    public async Task A_refused_event_is_parked_and_the_others_flow()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Judge = happened => happened.Number == 3 ? TestOutbox.Ack(happened, AckStatus.Refused, "bad", "not this one") : null;
        await using var car = new TestCar(pki, centre.Address).Start();
        car.Outbox.AppendMany([.. Enumerable.Range(0, 10).Select(i => TestOutbox.Note($"{i}"))]);
        await Eventually.HoldsAsync(() => car.Outbox.Counts is { Acknowledged: 9, Refused: 1, Pending: 0 }, "nine delivered, one parked");
        Assert.Equal((3UL, "bad"), (car.Outbox.Refused[0].Number, car.Outbox.Refused[0].Code));
        Assert.Equal(1, car.Link.State.Refused);
        Assert.Single(centre.Received, happened => happened.Number == 3);
    }

    [Fact]
    public async Task An_answer_twice_or_for_a_stranger_changes_nothing()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address).Start();
        var happened = car.Outbox.Append(TestOutbox.Note("a"));
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == 1, "delivered");
        var session = centre.Sessions[TestCar.UnitId];
        await session.SendAsync(new CentreMessage { Acks = new EventAcks { Acks = { TestOutbox.Ack(happened), TestOutbox.Ack(happened, AckStatus.Refused), new EventAck { EventId = ByteString.CopyFrom(9), Status = AckStatus.Stored } } } });
        car.Outbox.Append(TestOutbox.Note("b"));
        await Eventually.HoldsAsync(() => car.Outbox.Counts is { Acknowledged: 2, Refused: 0 }, "only the new one counted");
        Assert.Single(centre.Hellos);
    }

    [Theory]
    [InlineData(StatusCode.Unauthenticated)]
    [InlineData(StatusCode.PermissionDenied)]
    [InlineData(StatusCode.FailedPrecondition)]
    [InlineData(StatusCode.Unimplemented)]
    public async Task A_no_of_the_centre_is_shown_as_refused_and_nothing_counts_as_delivered(StatusCode code)
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.RefuseWith = code;
        await using var car = new TestCar(pki, centre.Address).Start();
        car.Outbox.Append(TestOutbox.Note("a"));
        await Eventually.HoldsAsync(() => car.Link.State.Phase == LinkPhase.Refused, "refused");
        Assert.Contains("unit-1 is not wanted", car.Link.State.Detail);
        Assert.Equal((1, 0, 0), (car.Outbox.Counts.Pending, car.Outbox.Counts.Acknowledged, car.Outbox.Counts.Refused));
        centre.RefuseWith = null;
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == 1, "taken once the centre takes it");
    }

    [Fact]
    public async Task A_welcome_for_another_unit_or_version_is_not_believed()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address);
        car.Outbox.Append(TestOutbox.Note("a"));
        centre.Greet = welcome => new CentreMessage { Welcome = new Welcome(welcome) { UnitId = "unit-2" } };
        car.Start();
        await Eventually.HoldsAsync(() => car.Link.State.Phase == LinkPhase.Refused, "refused");
        Assert.Contains("unit-2", car.Link.State.Detail);
        centre.Greet = _ => new CentreMessage { Pace = new Pace() };
        await Eventually.HoldsAsync(() => car.Link.State.Detail.Contains("instead of a welcome", StringComparison.Ordinal), "no welcome, no session");
        Assert.Empty(centre.Received);
    }

    [Fact]
    public async Task Urgent_events_and_the_newest_position_pass_the_backlog()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.AckDelay = TimeSpan.FromMilliseconds(30);
        await using var car = new TestCar(pki, centre.Address);
        car.Outbox.AppendMany([.. Enumerable.Range(0, 2000).Select(_ => TestOutbox.Trail(500))]);
        for (var i = 0; i < 50; i++)
            car.Link.Publish(new Position { AtUnixMs = i }, "free");
        car.Start();
        await Eventually.HoldsAsync(() => !centre.Received.IsEmpty, "the backlog flows");
        car.Outbox.Append(TestOutbox.Note("now", Lane.Decisions));
        car.Link.Publish(new Position { AtUnixMs = 99 }, "busy");
        await Eventually.HoldsAsync(() => centre.Received.Any(happened => happened.Lane == Lane.Decisions) && centre.Positions.Count == 2, "both there");
        Assert.True(centre.Received.Count < 1500, $"after {centre.Received.Count} events");
        Assert.Equal([49L, 99L], centre.Positions.Select(position => position.Position.AtUnixMs));
        Assert.All(centre.Unacked, unacked => Assert.InRange(unacked, 1, 100));
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Pending == 0, "all delivered");
    }

    [Fact]
    public async Task The_centres_pace_is_kept()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.WindowEvents = 8;
        centre.AckDelay = TimeSpan.FromMilliseconds(5);
        await using var car = new TestCar(pki, centre.Address).Start();
        car.Outbox.AppendMany([.. Enumerable.Range(0, 100).Select(_ => TestOutbox.Trail())]);
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Pending == 0, "delivered");
        Assert.All(centre.Unacked, unacked => Assert.InRange(unacked, 1, 6));
        await centre.Sessions[TestCar.UnitId].SendAsync(new CentreMessage { Pace = new Pace { WindowEvents = 8, PauseMs = 60_000 } });
        await Task.Delay(100);
        car.Outbox.Append(TestOutbox.Trail());
        car.Outbox.Append(TestOutbox.Note("urgent"));
        await Eventually.HoldsAsync(() => centre.Received.Any(happened => happened.Lane == Lane.Calls), "a pause is not for urgent ones");
        Assert.Equal(100, centre.Received.Count(happened => happened.Lane == Lane.Positions));
    }

    [Fact]
    public async Task A_command_is_answered_after_it_was_taken_and_comes_again_if_it_was_not()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address);
        var mayTake = new TaskCompletionSource();
        car.OnCommand = async command =>
        {
            if (command.Instruction.Text == "broken")
                throw new InvalidTimeZoneException();
            await mayTake.Task;
            return new CommandAck { Outcome = CommandOutcome.Stored };
        };
        car.Start();
        await Eventually.HoldsAsync(() => centre.Sessions.ContainsKey(TestCar.UnitId), "up");
        var broken = Instruction("broken");
        var fine = Instruction("fine");
        await centre.Sessions[TestCar.UnitId].SendAsync(new CentreMessage { Command = broken });
        await centre.Sessions[TestCar.UnitId].SendAsync(new CentreMessage { Command = fine });
        car.Outbox.Append(TestOutbox.Note("flows meanwhile"));
        await Eventually.HoldsAsync(() => car.Commands.Count == 2 && car.Outbox.Counts.Acknowledged == 1, "both seen, events flow");
        Assert.Empty(centre.CommandAcks);
        mayTake.SetResult();
        await Eventually.HoldsAsync(() => centre.CommandAcks.Count == 1, "one answered");
        Assert.Equal(fine.Id, centre.CommandAcks.Single().CommandId);
        Assert.Equal(LinkPhase.Up, car.Link.State.Phase);
    }

    [Fact]
    public async Task Watermarks_let_go_of_delivered_events_and_a_restored_centre_may_ask_again()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address).Start();
        car.Outbox.AppendMany([.. Enumerable.Range(1, 10).Select(i => TestOutbox.Note($"{i}"))]);
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == 10, "delivered");
        var session = centre.Sessions[TestCar.UnitId];
        var own = ByteString.CopyFrom(car.Outbox.Incarnation);
        var other = ByteString.CopyFrom(new byte[16]);
        await session.SendAsync(new CentreMessage { Watermarks = new Watermarks { Lanes = { new LaneWatermark { Lane = Lane.Calls, Number = 9, Incarnation = other } } } });
        await session.SendAsync(new CentreMessage { Watermarks = new Watermarks { Lanes = { new LaneWatermark { Lane = Lane.Calls, Number = 4, Incarnation = own } } } });
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == 6, "four forgotten, not nine");
        await session.SendAsync(new CentreMessage { Resend = new Resend { Incarnation = other, Lane = Lane.Calls, FromNumber = 1, ToNumber = 10 } });
        await session.SendAsync(new CentreMessage { Resend = new Resend { Incarnation = own, Lane = Lane.Calls, FromNumber = 3, ToNumber = 6 } });
        await Eventually.HoldsAsync(() => centre.Received.Count == 13, "5, 6 and a tombstone came");
        var again = centre.Received.Skip(10).ToList();
        Assert.Equal([5UL, 6UL, 11UL], again.Select(happened => happened.Number).Order());
        Assert.Equal((3UL, 4UL), (again.Single(happened => happened.Number == 11).Tombstone.FromNumber, again.Single(happened => happened.Number == 11).Tombstone.ToNumber));
    }

    [Fact]
    public async Task The_fleet_is_passed_on_and_a_goodbye_is_heeded()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address).Start();
        await Eventually.HoldsAsync(() => centre.Sessions.ContainsKey(TestCar.UnitId), "up");
        await centre.Sessions[TestCar.UnitId].SendAsync(new CentreMessage { Fleet = new FleetPositions { Units = { new FleetUnit { UnitId = "unit-9" } } } });
        await Eventually.HoldsAsync(() => car.Fleets.Count == 1, "fleet seen");
        await centre.Sessions[TestCar.UnitId].SendAsync(new CentreMessage { Goodbye = new Goodbye { Code = "maintenance", Detail = "back at 5", RetryAfterMs = 600_000 } });
        await Eventually.HoldsAsync(() => car.Link.State.Phase == LinkPhase.Down, "down");
        Assert.Contains("maintenance back at 5", car.Link.State.Detail);
        await Task.Delay(300);
        Assert.Single(centre.Hellos);
    }

    [Fact]
    public async Task Stopping_says_goodbye()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address).Start();
        await Eventually.HoldsAsync(() => car.Link.State.Phase == LinkPhase.Up, "up");
        await car.StopAsync();
        await Eventually.HoldsAsync(() => centre.Goodbyes.Count == 1, "goodbye");
        Assert.Equal(LinkPhase.Down, car.Link.State.Phase);
    }

    [Fact]
    public async Task A_session_without_answers_is_given_up()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Judge = _ => new EventAck();
        await using var car = new TestCar(pki, centre.Address, options => options with { AckTimeout = TimeSpan.FromSeconds(1) });
        car.Outbox.Append(TestOutbox.Note("a"));
        car.Start();
        await Eventually.HoldsAsync(() => centre.Hellos.Count >= 2, "a new session");
        centre.Judge = _ => null;
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == 1, "delivered in a later one");
    }

    [Fact]
    public void Options_out_of_range_are_named_all_together()
    {
        var faults = new LinkOptions { Centre = new Uri("http://centre"), PingDelay = TimeSpan.Zero, WindowEvents = 0, AckTimeout = TimeSpan.FromDays(1) }.Faults();
        Assert.Equal(4, faults.Count);
    }

    private static Command Instruction(string text) => new()
    {
        Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
        Instruction = new Instruction { Text = text },
    };
}
