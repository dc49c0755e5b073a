using EdgeAgent.Chaos.Power;
using EdgeAgent.Rig.Run;
using EdgeAgent.Tests.EndToEnd;

namespace EdgeAgent.Tests.Chaos;

/// <summary>`chaos power`'s real kills, on the bench that the end-to-end tests share.</summary>
[Collection(BenchCollection.Name)]
public sealed class KillTests(BenchFixture fixture)
{
    [Fact]
    public async Task Fifty_kills_of_host_eyes_and_centre_lose_nothing_and_repeat_nothing()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(12));
        KillFigures figures = await new KillRun(fixture.Bench, ChaosProgram.Seed, TextWriter.Null, TimeProvider.System).RunAsync(50, limit.Token);
        await fixture.Bench.StartedAsync(limit.Token);
        Assert.Empty(figures.Wrong());
        Assert.Equal(50, figures.Kills.Values.Sum());
        Assert.Equal(["centre", "eyes", "host"], figures.Kills.Keys);
    }
}
