using EdgeAgent.DispatchClient.Uplink;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>Falling and climbing of a live view, on a clock that the test steps: 25 pictures a second, confirmed as late as the test says.</summary>
public class VideoPaceTests
{
    private const int FrameMs = 40;

    private readonly SteppedTime time = new();
    private readonly Queue<(ulong Sequence, long DueMs)> confirmations = new();
    private ulong sequence;
    private long lastDueMs;

    [Fact]
    public void A_good_link_keeps_what_was_asked_for()
    {
        var main = new VideoPace(LiveQuality.Main, time);
        Run(main, seconds: 60, _ => 40);
        Assert.Equal((VideoLevel.Main, LiveQuality.Main), (main.Level, main.Quality));
        Assert.Equal(VideoLevel.Sub, new VideoPace(LiveQuality.Sub, time).Level);
    }

    [Fact]
    public void A_link_that_is_far_away_but_wide_keeps_it_too()
    {
        var pace = new VideoPace(LiveQuality.Main, time);
        Run(pace, seconds: 60, _ => 1500);
        Assert.Equal(VideoLevel.Main, pace.Level);
    }

    [Fact]
    public void Old_pictures_cost_one_step_at_a_time()
    {
        var pace = new VideoPace(LiveQuality.Main, time);
        Run(pace, seconds: 5, _ => 40);
        // What is sent before the fall comes through within three seconds; what comes after it is late again.
        Run(pace, seconds: 2, _ => 3000);
        Assert.Equal((VideoLevel.Sub, LiveQuality.Sub), (pace.Level, pace.Quality));
        Run(pace, seconds: 8, _ => 3000);
        Assert.Equal((VideoLevel.KeyFrames, LiveQuality.Sub), (pace.Level, pace.Quality));
    }

    [Fact]
    public void It_climbs_back_after_it_was_good_for_a_while()
    {
        var pace = new VideoPace(LiveQuality.Main, time);
        Run(pace, seconds: 5, _ => 40);
        Run(pace, seconds: 15, _ => 2000);
        Assert.Equal(VideoLevel.KeyFrames, pace.Level);
        Run(pace, seconds: 4, _ => 40);
        Assert.Equal(VideoLevel.KeyFrames, pace.Level);
        Run(pace, seconds: 5, _ => 40);
        Assert.Equal(VideoLevel.Sub, pace.Level);
        Run(pace, seconds: 6, _ => 40);
        Assert.Equal(VideoLevel.Main, pace.Level);
    }

    [Fact]
    public void Each_climb_that_fails_makes_the_next_wait_longer()
    {
        var pace = new VideoPace(LiveQuality.Sub, time);
        Run(pace, seconds: 2, _ => 40);
        // A link that carries key frames and nothing more.
        var climbs = new List<double>();
        VideoLevel before = pace.Level;
        double from = time.Seconds;
        Run(pace, seconds: 240, level =>
        {
            if (level == VideoLevel.Sub && before == VideoLevel.KeyFrames)
                climbs.Add(time.Seconds);
            before = level;
            return level == VideoLevel.KeyFrames ? 200 : 2000;
        });
        double[] waits = [.. climbs.Zip(climbs.Skip(1), (a, b) => b - a)];
        Assert.True(waits.Length is >= 3 and <= 8, string.Join(" ", climbs.Select(c => c - from)));
        Assert.All(waits.Zip(waits.Skip(1)), pair => Assert.True(pair.Second >= Math.Min(pair.First, VideoPace.LongestTrial.TotalSeconds), string.Join(" ", waits)));
        Assert.True(waits[^1] > 1.8 * waits[0], string.Join(" ", waits));
    }

    [Fact]
    public void Nothing_is_sent_into_a_queue_that_does_not_move()
    {
        var pace = new VideoPace(LiveQuality.Main, time);
        Run(pace, seconds: 2, _ => 40);
        ulong before = sequence;
        // A tunnel of a minute: the first second's pictures wait in it, no more.
        Run(pace, seconds: 60, _ => 60_000);
        Assert.InRange(sequence - before, 1UL, 50UL);
    }

    [Fact]
    public void A_centre_that_confirms_nothing_is_not_waited_for()
    {
        var pace = new VideoPace(LiveQuality.Main, time);
        pace.Begin();
        for (int i = 0; i < 5000; i++)
        {
            Assert.True(pace.MaySend(key: i % 25 == 0));
            pace.Sent((ulong)i, 1000);
            time.Step(FrameMs);
        }
        Assert.Equal(VideoLevel.Main, pace.Level);
    }

    [Fact]
    public void The_rate_is_what_was_confirmed_of_late()
    {
        var pace = new VideoPace(LiveQuality.Main, time);
        Run(pace, seconds: 10, _ => 40);
        // 25 pictures of 1000 bytes a second.
        Assert.InRange(pace.KilobitsPerSecond, 190, 205);
        time.Step(10_000);
        Assert.Equal(0, pace.KilobitsPerSecond);
    }

    // The way confirms in order, each picture so many ms after it was sent as `takes` says for the level of that moment.
    private void Run(VideoPace pace, int seconds, Func<VideoLevel, long> takes)
    {
        for (int i = 0; i < seconds * 1000 / FrameMs; i++)
        {
            while (confirmations.TryPeek(out var first) && first.DueMs <= time.Milliseconds)
                pace.Received(confirmations.Dequeue().Sequence);
            long late = takes(pace.Level);
            bool key = i % 25 == 0;
            if (pace.MaySend(key))
            {
                pace.Sent(++sequence, 1000);
                lastDueMs = Math.Max(lastDueMs, time.Milliseconds + late);
                confirmations.Enqueue((sequence, lastDueMs));
            }
            time.Step(FrameMs);
        }
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long ms = 1_000_000;

        public long Milliseconds => ms;

        public double Seconds => ms / 1000.0;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => ms;

        public void Step(int by) => ms += by;
    }
}
