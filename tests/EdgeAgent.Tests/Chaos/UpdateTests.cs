using EdgeAgent.Chaos.Update;

namespace EdgeAgent.Tests.Chaos;

/// <summary>`chaos update`, short, and the same with an updater that writes over what runs.</summary>
public sealed class UpdateTests
{
    [Fact]
    public async Task Cut_anywhere_an_update_leaves_a_version_that_works()
    {
        using var world = new UpdateWorld(ChaosProgram.Seed, TimeProvider.System);
        UpdateFigures figures = await new UpdateRun(world, careless: null, TextWriter.Null).RunAsync(12, CancellationToken.None);
        Assert.Empty(figures.Wrong());
        Assert.Equal(12, figures.Updates);
    }

    [Fact]
    public async Task An_updater_that_writes_over_what_runs_is_found_out()
    {
        using var world = new UpdateWorld(ChaosProgram.Seed, TimeProvider.System);
        UpdateFigures figures = await new UpdateRun(world, ChaosProgram.File, TextWriter.Null).RunAsync(30, CancellationToken.None);
        Assert.True(figures.WrongVersion + figures.Bricked > 0, "no cut broke it");
    }

    [Fact]
    public async Task No_bad_bundle_is_taken_and_good_ones_are()
    {
        using var world = new UpdateWorld(ChaosProgram.Seed, TimeProvider.System);
        BundleFigures figures = await new BadBundles(world, TextWriter.Null).RunAsync(500, CancellationToken.None);
        Assert.Empty(figures.Wrong());
        Assert.True(figures.Refused.Count > 8, string.Join(' ', figures.Refused));
    }

    [Fact]
    public async Task Quick_ignition_cycles_use_up_no_start()
    {
        using var world = new UpdateWorld(ChaosProgram.Seed, TimeProvider.System);
        IgnitionFigures figures = await new IgnitionRun(world, TextWriter.Null).RunAsync(8, CancellationToken.None);
        Assert.Equal((0, 0, true), (figures.FallBacks, figures.Failures, figures.GoodAtLast));
    }
}
