using EdgeAgent.Benchmarks.Bench;

namespace EdgeAgent.Tests.EndToEnd;

/// <summary>`bench revocation`, short: a real centre and a real host on a live link.</summary>
public sealed class RevocationTests
{
    [Fact]
    public async Task Lists_issued_changed_and_revoked_while_the_link_is_up_reach_the_car_at_once_and_not_with_its_next_question()
    {
        // Nothing that takes the car's next question of its own, minutes later, passes: see RevocationBench's patience.
        RevocationFigures figures = await RevocationBench.RunAsync(3, 50, TextWriter.Null);
        Assert.Equal((3, 3), (figures.Rounds, figures.ByDelta));
        Assert.InRange(figures.ChangeMaxMs, 1, 30_000);
        Assert.InRange(figures.MaxMs, 1, 30_000);
    }
}
