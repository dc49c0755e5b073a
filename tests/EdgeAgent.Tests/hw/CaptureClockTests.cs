using EdgeAgent.Hw.Cameras;

namespace EdgeAgent.Tests.Hw;

public sealed class CaptureClockTests
{
    [Fact]
    public void Without_timestamps_the_arrival_is_taken()
    {
        var clock = new CaptureClock();
        Assert.Equal(1234, clock.Map(null, 1234));
        Assert.Equal(1300, clock.Map(null, 1300));
    }

    [Fact]
    public void Jitter_of_the_way_does_not_leak_into_capture_times()
    {
        var clock = new CaptureClock();
        var random = new Random(7);
        long last = 0;
        for (int n = 0; n < 500; n++)
        {
            long sent = 100_000 + n * 40;
            long captured = clock.Map(n * 40, sent + 3 + random.Next(60));
            if (n > 50)
            {
                Assert.InRange(captured, sent, sent + 10);
                Assert.InRange(captured - last, 38, 42);
            }
            last = captured;
        }
    }

    [Fact]
    public void Packets_after_a_stall_say_that_they_are_old()
    {
        var clock = new CaptureClock();
        for (int n = 0; n < 50; n++)
            clock.Map(n * 40, 10_000 + n * 40);
        // 1.5 s of them arrive at once.
        for (int n = 50; n < 88; n++)
            Assert.InRange(clock.Map(n * 40, 10_000 + 88 * 40), 10_000 + n * 40 - 2, 10_000 + n * 40 + 2);
    }

    [Theory]
    [InlineData(-5_000)]
    [InlineData(90_000)]
    public void A_camera_that_sets_its_clock_is_followed_at_once(double jump)
    {
        var clock = new CaptureClock();
        for (int n = 0; n < 50; n++)
            clock.Map(n * 40, 10_000 + n * 40);
        for (int n = 50; n < 100; n++)
            Assert.InRange(clock.Map(n * 40 + jump, 10_000 + n * 40), 10_000 + n * 40 - 2, 10_000 + n * 40);
    }

    [Fact]
    public void A_crystal_that_runs_fast_or_slow_is_followed()
    {
        foreach (double rate in new[] { 1.0001, 0.9999 })
        {
            var clock = new CaptureClock();
            for (int n = 0; n < 25 * 600; n++)
                Assert.InRange(clock.Map(n * 40 * rate, 10_000 + n * 40), 10_000 + n * 40 - 3, 10_000 + n * 40);
        }
    }

    [Fact]
    public void Capture_times_never_go_backwards_nor_into_the_future()
    {
        var clock = new CaptureClock();
        var random = new Random(11);
        long last = long.MinValue, arrival = 0;
        for (int n = 0; n < 5000; n++)
        {
            arrival += random.Next(80);
            if (n % 500 == 499)
                clock.Reset();
            long captured = clock.Map(random.Next(10) == 0 ? null : random.Next(1_000_000), arrival);
            Assert.InRange(captured, last, arrival);
            last = captured;
        }
    }
}
