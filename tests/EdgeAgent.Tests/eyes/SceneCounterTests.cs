using EdgeAgent.Eyes.Pipelines;

namespace EdgeAgent.Tests.Eyes;

public sealed class SceneCounterTests
{
    [Fact]
    public void A_minute_gives_the_median_and_the_most_heads_and_the_vehicles()
    {
        var counter = new SceneCounter("cam1");
        int[] heads = [0, 0, 3, 3, 3, 9];
        for (int i = 0; i < heads.Length; i++)
            counter.AddFrame(1_000 + i * 100, heads[i], true);
        counter.AddVehicle();
        counter.AddVehicle();
        Assert.Null(counter.TakeDue(1_000 + SceneCounter.PeriodMs - 1));
        var minute = counter.TakeDue(1_000 + SceneCounter.PeriodMs)!;
        Assert.Equal(("cam1", 1_000L, 61_000L, 6U), (minute.CameraId, minute.FromMonoMs, minute.ToMonoMs, minute.Frames));
        Assert.Equal((true, 3U, 9U), (minute.HeadsKnown, minute.HeadsMedian, minute.HeadsMax));
        Assert.Equal((true, 2U), (minute.VehiclesKnown, minute.Vehicles));
        Assert.Null(counter.TakeDue(1_000 + 3 * SceneCounter.PeriodMs));
    }

    [Fact]
    public void What_was_not_looked_for_is_unknown_not_nought()
    {
        var counter = new SceneCounter("cam1");
        counter.AddFrame(0, null, true);
        var plates = counter.TakeDue(SceneCounter.PeriodMs)!;
        Assert.Equal((false, true), (plates.HeadsKnown, plates.VehiclesKnown));
        counter.AddFrame(0, 0, false);
        var faces = counter.TakeDue(SceneCounter.PeriodMs)!;
        Assert.Equal((true, false), (faces.HeadsKnown, faces.VehiclesKnown));
    }

    [Fact]
    public void Forgotten_counts_are_in_no_minute()
    {
        var counter = new SceneCounter("cam1");
        counter.AddFrame(0, 12, true);
        counter.AddVehicle();
        counter.Forget();
        Assert.Null(counter.TakeDue(10 * SceneCounter.PeriodMs));
        counter.AddFrame(500_000, 1, true);
        counter.AddVehicle();
        var minute = counter.TakeDue(500_000 + SceneCounter.PeriodMs)!;
        Assert.Equal((1U, 1U, 1U), (minute.HeadsMax, minute.Vehicles, minute.Frames));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20_261_125)]
    public void The_median_is_that_of_the_sorted_counts(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            int[] heads = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(0, 80))];
            var counter = new SceneCounter("cam1");
            foreach (int count in heads)
                counter.AddFrame(5, count, true);
            var minute = counter.TakeDue(5 + SceneCounter.PeriodMs)!;
            int[] sorted = [.. heads.Select(h => Math.Min(h, SceneCounter.MostHeads)).Order()];
            Assert.True(sorted[(sorted.Length - 1) / 2] == minute.HeadsMedian, $"seed {seed} round {round}");
            Assert.Equal((uint)sorted[^1], minute.HeadsMax);
        }
    }
}
