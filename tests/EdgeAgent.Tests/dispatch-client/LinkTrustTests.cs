using EdgeAgent.DispatchClient.Uplink;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class LinkTrustTests : IDisposable
{
    private readonly TestPki pki = new();

    public void Dispose() => pki.Dispose();

    [Fact]
    public async Task A_centre_under_another_root_is_told_nothing()
    {
        using var strangers = new TestPki();
        await using var centre = await TestCentre.StartAsync(strangers);
        await using var car = new TestCar(pki, centre.Address).Start();
        car.Outbox.Append(TestOutbox.Note("a"));
        await AssertRefusedAsync(car, "not trusted");
        Assert.Empty(centre.Hellos);
        Assert.Equal(1, car.Outbox.Counts.Pending);
    }

    [Fact]
    public void A_unit_cannot_play_the_centre()
    {
        // Kestrel would not serve with such a certificate; one who stole it would.
        using var unit = TestPki.Leaf(pki.DeviceRoot, "unit-2", "1.3.6.1.5.5.7.3.2", "localhost", TestPki.Begin, TestPki.End);
        var trust = new CentreTrust("localhost", [pki.DeviceRoot], () => new TrustedNow(TestPki.Begin.AddDays(1), false));
        Assert.False(trust.Accept(unit, null));
        Assert.Contains("not trusted", trust.Refusal);
        Assert.False(trust.Accept(null, null));
        Assert.True(trust.Accept(pki.Server, null));
        Assert.Null(trust.Refusal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        using var server = pki.ServerCertificate("elsewhere.example", TestPki.Begin, TestPki.End);
        await using var centre = await TestCentre.StartAsync(pki, server: server);
        await using var car = new TestCar(pki, centre.Address).Start();
        await AssertRefusedAsync(car, "not for localhost");
    }

    [Fact]
    public async Task A_certificate_that_has_ended_by_the_trusted_clock_is_refused()
    {
        using var server = pki.ServerCertificate("localhost", TestPki.Begin, DateTimeOffset.FromUnixTimeMilliseconds(TestLists.Now).AddDays(-1));
        await using var centre = await TestCentre.StartAsync(pki, server: server);
        await using var car = new TestCar(pki, centre.Address).Start();
        await AssertRefusedAsync(car, "not trusted");
    }

    [Fact]
    public async Task A_clock_that_may_be_behind_does_not_lock_the_car_out()
    {
        using var server = pki.ServerCertificate("localhost", DateTimeOffset.FromUnixTimeMilliseconds(TestLists.Now), TestPki.End);
        await using var centre = await TestCentre.StartAsync(pki, server: server);
        var mayBeBehind = false;
        var wrong = TestPki.Begin.AddDays(1);
        await using var car = new TestCar(pki, centre.Address, options => options with { Clock = () => new TrustedNow(wrong, mayBeBehind) }).Start();
        await AssertRefusedAsync(car, "not trusted");
        mayBeBehind = true;
        await Eventually.HoldsAsync(() => car.Link.State.Phase == LinkPhase.Up, "up, and so told the time");
        await Eventually.HoldsAsync(() => car.Times.Count == 1, "told the time");
    }

    [Fact]
    public async Task A_unit_of_another_world_is_turned_away()
    {
        using var strangers = new TestPki();
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address, certifiedBy: strangers).Start();
        car.Outbox.Append(TestOutbox.Note("a"));
        await Eventually.HoldsAsync(() => car.Link.State.Detail.Length > 0, "an answer");
        Assert.NotEqual(LinkPhase.Up, car.Link.State.Phase);
        Assert.Empty(centre.Hellos);
        Assert.Equal(1, car.Outbox.Counts.Pending);
    }

    [Fact]
    public async Task Signed_time_is_believed_once_for_the_nonce_and_unit_it_answers()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        await using var car = new TestCar(pki, centre.Address).Start();
        await Eventually.HoldsAsync(() => car.Times.Count == 1, "time");
        Assert.True(car.Times.TryPeek(out var time));
        Assert.Equal(TestLists.Now, time.UnixMs);
        Assert.InRange(time.RoundTrip, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.NotNull(car.Link.State.RttMs);
        // Nothing was asked: a replay of an answer, even a fresh one, changes nothing.
        var unasked = centre.SignTime(new TimeRequest(), TestCar.UnitId);
        await centre.Sessions[TestCar.UnitId].SendAsync(new CentreMessage { SignedTime = unasked });
        car.Outbox.Append(TestOutbox.Note("a"));
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == 1, "later traffic passed");
        Assert.Single(car.Times);
    }

    [Theory]
    [InlineData("another nonce")]
    [InlineData("another unit")]
    [InlineData("another key")]
    public async Task Time_that_is_not_for_us_is_not_believed(string fault)
    {
        await using var centre = await TestCentre.StartAsync(pki);
        if (fault == "another nonce")
            centre.ChangeTime = said => said.Nonce = Google.Protobuf.ByteString.CopyFrom(new byte[16]);
        else if (fault == "another unit")
            centre.ChangeTime = said => said.UnitId = "unit-2";
        else
            centre.TimeSigner = pki.Server;
        await using var car = new TestCar(pki, centre.Address).Start();
        car.Outbox.Append(TestOutbox.Note("a"));
        await Eventually.HoldsAsync(() => car.Outbox.Counts.Acknowledged == 1, "the session goes on");
        await Task.Delay(100);
        Assert.Empty(car.Times);
    }

    private static async Task AssertRefusedAsync(TestCar car, string sentence)
    {
        await Eventually.HoldsAsync(() => car.Link.State.Phase == LinkPhase.Refused, "refused");
        Assert.Contains(sentence, car.Link.State.Detail);
    }
}
