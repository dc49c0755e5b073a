using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Tests.Agent;

/// <summary>What counts against a new version, and what does not.</summary>
public sealed class HostHealthTests
{
    [Theory]
    [InlineData("eyes", Criticality.Optional, StageCondition.Ok, true)]
    [InlineData("eyes", Criticality.Optional, StageCondition.Degraded, false)]
    [InlineData("eyes", Criticality.Optional, StageCondition.Starting, false)]
    [InlineData("eyes-link", Criticality.Essential, StageCondition.Degraded, false)]
    [InlineData("link", Criticality.Essential, StageCondition.Degraded, true)]
    [InlineData("link", Criticality.Essential, StageCondition.Starting, false)]
    [InlineData("link", Criticality.Essential, StageCondition.Stopped, false)]
    [InlineData("gnss", Criticality.Optional, StageCondition.Degraded, true)]
    [InlineData("gnss", Criticality.Optional, StageCondition.Starting, true)]
    [InlineData("gnss", Criticality.Optional, StageCondition.Stopped, false)]
    internal void A_stage_works_unless_the_program_is_at_fault(string name, Criticality criticality, StageCondition condition, bool works) =>
        Assert.Equal(works, HostHealth.Works(new StageRow(name, StopPhase.Facts, criticality), new StageSnapshot(name, condition, "", 0, 0)));
}
