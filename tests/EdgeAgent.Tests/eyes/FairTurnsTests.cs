using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Tests.Eyes;

/// <summary>Cameras, a box that is too slow for them or not, and a clock that only the test moves.</summary>
public sealed class FairTurnsTests : IDisposable
{
    private const int Seed = 20261125;
    private readonly FramePool _pool = new(1 << 20);

    public void Dispose()
    {
        Assert.Equal(0, _pool.Outstanding);
        _pool.Dispose();
    }

    [Fact]
    public void Twice_overloaded_all_cameras_fall_to_the_same_rate_and_the_newest_frames_are_taken()
    {
        // 70 frames a second come, 35 can be looked at.
        var box = new Box(_pool, [10, 10, 10, 10, 10, 10, 10], costMs: 1000 / 35.0);
        box.Run(TimeSpan.FromSeconds(30));
        double[] rates = box.Rates();
        Assert.InRange(rates.Max() / rates.Min(), 1, 1.1);
        Assert.InRange(rates.Sum(), 34, 35.5);
        Assert.InRange(box.OldestTakenMs, 0, 101);
        Assert.InRange(box.Dropped, 1000, 1100);
    }

    [Fact]
    public void Who_asks_for_less_than_the_even_share_gets_all_of_it_and_the_rest_is_even()
    {
        // Five stand still; 12 a second are left for the other two, which ask for 20.
        var box = new Box(_pool, [2, 2, 2, 2, 2, 10, 10], costMs: 1000 / 22.0);
        box.Run(TimeSpan.FromSeconds(30));
        double[] rates = box.Rates();
        Assert.All(rates[..5], r => Assert.InRange(r, 1.9, 2.1));
        Assert.All(rates[5..], r => Assert.InRange(r, 5.7, 6.3));
    }

    [Fact]
    public void A_busy_camera_has_its_full_rate_while_the_others_are_still()
    {
        // Six frames of the still ones may come at once, and must be done before the next two of the busy one.
        var box = new Box(_pool, [2, 2, 2, 2, 2, 2, 10], costMs: 1000 / 60.0);
        box.Run(TimeSpan.FromSeconds(20));
        Assert.InRange(box.Rates()[6], 9.8, 10.1);
        Assert.Equal(0, box.Dropped);
    }

    [Fact]
    public void A_flood_starves_nobody_however_slow_the_box()
    {
        var box = new Box(_pool, [60, 10, 10, 10, 10, 10, 2], costMs: 1000 / 7.0);
        box.Run(TimeSpan.FromSeconds(60));
        Assert.All(box.Rates(), r => Assert.InRange(r, 0.9, 1.1));
    }

    [Fact]
    public void When_the_load_is_gone_the_full_rates_are_back_within_a_second()
    {
        var box = new Box(_pool, [10, 10, 10, 10, 10, 10, 10], costMs: 1000 / 20.0);
        box.Run(TimeSpan.FromSeconds(20));
        Assert.InRange(box.Rates().Max(), 2, 3.5);
        box.CostMs = 8.6;
        box.Run(TimeSpan.FromSeconds(1));
        box.ForgetCounts();
        box.Run(TimeSpan.FromSeconds(10));
        Assert.All(box.Rates(), r => Assert.InRange(r, 9.8, 10.1));
        Assert.Equal(0, box.Dropped);
    }

    [Fact]
    public void Whoever_was_silent_has_saved_nothing_up()
    {
        var box = new Box(_pool, [0, 10, 10], costMs: 1000 / 10.0);
        box.Run(TimeSpan.FromSeconds(60));
        box.Fps[0] = 10;
        box.ForgetCounts();
        box.Run(TimeSpan.FromSeconds(6));
        Assert.All(box.Rates(), r => Assert.InRange(r, 3, 3.7));
    }

    [Fact]
    public void Any_demand_is_shared_as_water_finds_its_level()
    {
        var random = new Random(Seed);
        for (int round = 0; round < 20; round++)
        {
            double[] fps = [.. Enumerable.Range(0, random.Next(2, 9)).Select(_ => 1.0 + random.Next(25))];
            double capacity = fps.Sum() * (0.3 + random.NextDouble());
            var box = new Box(_pool, fps, 1000 / capacity);
            box.Run(TimeSpan.FromSeconds(40));
            double level = Level(fps, capacity);
            double[] rates = box.Rates();
            for (int i = 0; i < fps.Length; i++)
                Assert.True(Math.Abs(rates[i] - Math.Min(fps[i], level)) < 0.1 * Math.Min(fps[i], level) + 0.2,
                    $"seed {Seed}, round {round}: camera {i} of {string.Join(' ', fps)} at {capacity:0.0}/s got {rates[i]:0.00}, not {Math.Min(fps[i], level):0.00}");
        }
    }

    [Fact]
    public void A_frame_that_comes_when_the_camera_is_gone_is_given_back()
    {
        var flow = new FrameFlow(new Counters());
        flow.Put(_pool.TryRent(2, 2)!.Value);
        flow.Dispose();
        flow.Put(_pool.TryRent(2, 2)!.Value);
        Assert.False(flow.TryTake(out _));
    }

    /// <summary>The rate at which those who want more than it share the capacity.</summary>
    private static double Level(double[] fps, double capacity)
    {
        double[] sorted = [.. fps.Order()];
        for (int i = 0; i < sorted.Length; i++)
        {
            double even = capacity / (sorted.Length - i);
            if (sorted[i] >= even)
                return even;
            capacity -= sorted[i];
        }
        return double.PositiveInfinity;
    }

    private sealed class Box(FramePool pool, double[] fps, double costMs)
    {
        private readonly FairTurns _turns = new();
        private readonly FrameFlow[] _flows = [.. fps.Select(_ => new FrameFlow(new Counters()))];
        // Cameras are not in step, and not evenly out of step either.
        private readonly double[] _nextMs = [.. fps.Select((_, i) => i * 37.0 % 100)];
        private readonly long[] _analysed = new long[fps.Length];
        private double _freeMs;
        private double _beganMs;
        private double _nowMs;

        public double[] Fps { get; } = fps;

        public double CostMs { get; set; } = costMs;

        public double OldestTakenMs { get; private set; }

        public long Dropped { get; private set; }

        public void Run(TimeSpan time)
        {
            double end = _nowMs + time.TotalMilliseconds;
            for (; _nowMs < end; _nowMs += 0.5)
            {
                for (int i = 0; i < Fps.Length; i++)
                    Arrive(i);
                if (_nowMs >= _freeMs && _turns.Next(_flows) is { } flow && flow.TryTake(out var frame))
                    using (frame)
                    {
                        _analysed[Array.IndexOf(_flows, flow)]++;
                        OldestTakenMs = Math.Max(OldestTakenMs, _nowMs - frame.CapturedMonoMs);
                        _freeMs = Math.Max(_freeMs, _nowMs - 0.5) + CostMs;
                    }
            }
            foreach (var flow in _flows)
                if (flow.TryTake(out var left))
                    left.Dispose();
        }

        public double[] Rates() => [.. _analysed.Select(a => a * 1000 / (_nowMs - _beganMs))];

        public void ForgetCounts()
        {
            Array.Clear(_analysed);
            Dropped = 0;
            _beganMs = _nowMs;
        }

        private void Arrive(int camera)
        {
            if (Fps[camera] <= 0)
                _nextMs[camera] = _nowMs;
            else if (_nowMs >= _nextMs[camera])
            {
                var frame = pool.TryRent(2, 2)!.Value;
                frame.Mark(new FrameStamp($"{camera}", 0, (long)_nowMs, 0));
                if (_flows[camera].Waits)
                    Dropped++;
                _flows[camera].Put(frame);
                _nextMs[camera] += 1000 / Fps[camera];
            }
        }
    }
}
