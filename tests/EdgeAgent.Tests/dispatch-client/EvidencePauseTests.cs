using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Tests.Rig;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>Attachments wait while the link is metered or a live view needs it; everything else goes on.</summary>
public sealed class EvidencePauseTests
{
    [Fact]
    public async Task On_a_metered_link_events_go_and_attachments_wait_until_it_is_not()
    {
        var pki = new TestPki();
        var metered = true;
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address, options => options with { Metered = () => metered }).Start();
        car.Outbox.Append(TestOutbox.Clip(20, TestOutbox.Noise(1, 100_000)));
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == 1, "the event went");
        await Task.Delay(700);
        Assert.Equal(1, car.Outbox.Counts.AttachmentsPending);
        metered = false;
        await Eventually.HoldsAsync(() => car.Outbox.Counts.AttachmentsPending == 0, "the attachment went, too");
    }

    [Fact]
    public void A_live_view_that_fell_behind_has_the_link_to_itself_for_ten_seconds()
    {
        var clock = new SteppedTime();
        var board = new LinkBoard(clock);
        var pace = new EvidencePace(new DelayWindow(() => null, 1, 1 << 20, clock), () => false, board, clock);
        Assert.Equal("", pace.Paused);
        board.LiveFellBehind();
        clock.Step(9);
        Assert.Equal("live", pace.Paused);
        clock.Step(2);
        Assert.Equal("", pace.Paused);
    }

    [Fact]
    public void Without_a_connection_to_ask_the_window_is_what_the_caller_counts()
    {
        var window = new DelayWindow(() => null, 1000, 1 << 20, new SteppedTime());
        Assert.Equal(1 << 20, window.Room());
        Assert.Equal((32 << 10) - 10_000, window.Room(10_000));
        Assert.Equal(0, window.Room(1 << 20));
    }
}
