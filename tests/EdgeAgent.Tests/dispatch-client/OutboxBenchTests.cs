using EdgeAgent.Benchmarks;
using EdgeAgent.Benchmarks.Bench;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class OutboxBenchTests
{
    [Fact]
    public async Task What_leaves_the_car_keeps_to_its_sizes_and_the_bench_leaves_nothing_behind()
    {
        using var folder = new TemporaryDirectory();
        OutboxFigures figures = await OutboxBench.RunAsync(events: 100, batch: 10, seed: 7, folder.Path, TextWriter.Null);

        // A crop that just fits fills most of what an alert may weigh.
        Assert.InRange(figures.AlertBytes, 9 * 1024, 12 * 1024);
        Assert.InRange(figures.PositionBytes, 8, 40);
        Assert.Equal(100 + 10 * 20, figures.Events);
        Assert.True(figures.StoredBytesPerEvent > figures.EventBytes);
        Assert.True(figures.Ratio > 0 && figures.SingleP50Ms > 0);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData(100, 0, "")]
    [InlineData(5, 10, "")]
    [InlineData(100, 10, "not-there")]
    public async Task What_cannot_be_measured_is_said(int events, int batch, string below)
    {
        using var folder = new TemporaryDirectory();
        _ = await Assert.ThrowsAsync<InputException>(() => OutboxBench.RunAsync(events, batch, 7, Path.Combine(folder.Path, below), TextWriter.Null));
    }
}
