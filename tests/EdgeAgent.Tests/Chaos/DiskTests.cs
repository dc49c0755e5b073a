using EdgeAgent.Chaos.Disk;
using EdgeAgent.Tests.DispatchClient;

namespace EdgeAgent.Tests.Chaos;

/// <summary>`chaos disk`, short, and the same without what makes it hold.</summary>
public sealed class DiskTests
{
    [DiskFact]
    public async Task On_a_full_disk_every_decision_is_taken_and_comes_and_the_rest_is_accounted_for()
    {
        DiskFigures figures = await PlayAsync(withReserve: true);
        Assert.Empty(figures.Wrong());
        Assert.True(figures is { DecisionsLost: 0, DecisionsRefusedByFullDisk: 0, Decisions: > 20, SecondsUntilRecovered: <= 15 }, figures.ToString());
    }

    [DiskFact]
    public async Task Without_a_reserve_the_scenario_finds_refused_decisions()
    {
        DiskFigures figures = await PlayAsync(withReserve: false);
        Assert.True(figures.DecisionsRefusedByFullDisk > 0, figures.ToString());
        Assert.NotEmpty(figures.Wrong());
    }

    private static Task<DiskFigures> PlayAsync(bool withReserve) =>
        new DiskRun(DiskPlan.Make(ChaosProgram.Seed, 15, withReserve), ChaosProgram.File, TextWriter.Null, TimeProvider.System).RunAsync(CancellationToken.None);
}
