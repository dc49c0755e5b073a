using EdgeAgent.Agent.Hosting;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class TrustedClockTests : IDisposable
{
    private const long Told = 1_800_000_000_000;

    private readonly TemporaryDirectory folder = new();
    private readonly JumpTime time = new();

    [Fact]
    public void Before_any_word_nothing_is_vouched_for_and_nothing_is_over()
    {
        TrustedClock clock = Open("a");
        Assert.Equal((false, TimeTrust.Untrusted, 0L), (clock.IsVouched, clock.Trust, clock.EarliestUnixMs));
        clock.GnssSaid(Told);
        Assert.False(clock.IsVouched);
    }

    [Fact]
    public void The_wall_clock_moves_nothing_while_the_centre_vouches()
    {
        TrustedClock clock = Open("a");
        clock.CentreSaid(Told);
        time.SetWall(DateTimeOffset.UnixEpoch);
        Assert.InRange(clock.NowUnixMs, Told, Told + 5000);
        time.SetWall(DateTimeOffset.FromUnixTimeMilliseconds(Told).AddYears(5));
        time.Jump(TimeSpan.FromMinutes(1));
        Assert.InRange(clock.NowUnixMs, Told + 60_000, Told + 65_000);
        clock.CentreSaid(Told);
        Assert.InRange(clock.NowUnixMs, Told + 60_000, Told + 65_000);
    }

    [Fact]
    public void Running_time_adds_up_over_boots_and_power_off_is_unknown()
    {
        TrustedClock clock = Open("a");
        clock.CentreSaid(Told);
        time.Jump(TimeSpan.FromHours(1));
        clock.Tick();
        TrustedClock second = Open("b");
        Assert.False(second.IsVouched);
        time.Jump(TimeSpan.FromHours(2));
        second.Tick();
        TrustedClock third = Open("c");
        Assert.InRange(third.EarliestUnixMs, Told + 3 * 3_600_000L, Told + 3 * 3_600_000L + 10_000);
        Assert.False(third.IsVouched);
    }

    [Fact]
    public void A_restart_within_the_same_boot_stays_vouched_and_counts_the_time_between()
    {
        TrustedClock clock = Open("a");
        clock.CentreSaid(Told);
        time.Jump(TimeSpan.FromMinutes(5));
        TrustedClock again = Open("a");
        Assert.True(again.IsVouched);
        Assert.InRange(again.NowUnixMs, Told + 300_000, Told + 310_000);
    }

    [Fact]
    public void Gnss_vouches_but_neither_destroys_nor_turns_back()
    {
        TrustedClock first = Open("a");
        first.CentreSaid(Told);
        first.Save();
        TrustedClock clock = Open("b");
        clock.GnssSaid(Told - 60_000);
        Assert.False(clock.IsVouched);
        clock.GnssSaid(Told + 86_400_000);
        Assert.Equal((true, TimeTrust.Gnss), (clock.IsVouched, clock.Trust));
        Assert.InRange(clock.NowUnixMs, Told + 86_400_000, Told + 86_410_000);
        Assert.InRange(clock.EarliestUnixMs, Told, Told + 10_000);
        Assert.False(clock.CentreToldThisBoot);
    }

    [Fact]
    public void A_time_that_was_vouched_for_and_is_moved_is_told_with_whose_word_it_was()
    {
        TrustedClock first = Open("a");
        first.CentreSaid(Told);
        // Nobody believed the time before.
        Assert.Null(first.LastJump);
        first.CentreSaid(Told + 2_000);
        Assert.Null(first.LastJump);
        TrustedClock clock = Open("b");
        clock.GnssSaid(Told + 86_400_000);
        Assert.Null(clock.LastJump);
        clock.GnssSaid(Told + 2 * 86_400_000L);
        Assert.Equal((TimeTrust.Gnss, true), (clock.LastJump!.By, clock.LastJump.IsFresh(clock.MonoMs)));
        Assert.InRange(clock.LastJump.ByMs, 86_300_000, 86_500_000);
        // A forged fix was believed until the centre said better.
        clock.CentreSaid(Told + 60_000);
        Assert.Equal(TimeTrust.Centre, clock.LastJump.By);
        Assert.InRange(clock.LastJump.ByMs, -2 * 86_400_000L, -86_400_000);
        time.Jump(TimeSpan.FromMinutes(11));
        Assert.False(clock.LastJump.IsFresh(clock.MonoMs));
    }

    [Fact]
    public void A_damaged_file_is_as_good_as_none()
    {
        Open("a").CentreSaid(Told);
        File.WriteAllText(folder.At("time.json"), "{\"Floor");
        Assert.Equal((false, 0L), (Open("a").IsVouched, Open("a").EarliestUnixMs));
    }

    public void Dispose() => folder.Dispose();

    private TrustedClock Open(string boot)
    {
        // Every boot has its own zero.
        long zero = time.MonoMs - (boot[0] - 'a');
        return TrustedClock.Open(folder.Path, new BootClock(boot, () => boot == "a" ? time.MonoMs : time.MonoMs - zero), time);
    }
}
