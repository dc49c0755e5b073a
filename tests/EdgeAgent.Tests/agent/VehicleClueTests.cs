using EdgeAgent.Agent.Alerts;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class VehicleClueTests
{
    [Theory]
    [InlineData(PlateClass.Yellow, "白色轿车", true)]
    [InlineData(PlateClass.YellowTwoRow, "black SUV", true)]
    [InlineData(PlateClass.Blue, "白色轿车", false)]
    [InlineData(PlateClass.Green, "sedan", false)]
    [InlineData(PlateClass.Blue, "大型客车", true)]
    [InlineData(PlateClass.Blue, "red Coach", true)]
    [InlineData(PlateClass.Yellow, "公交", false)]
    [InlineData(PlateClass.Green, "bus", false)]
    // A light lorry bears a blue plate and a heavy one a yellow: "lorry" alone says nothing. Nor do words within others.
    [InlineData(PlateClass.Blue, "货车", false)]
    [InlineData(PlateClass.Blue, "business van", false)]
    [InlineData(PlateClass.Yellow, "", false)]
    [InlineData(PlateClass.Yellow, "bus or sedan", false)]
    [InlineData(PlateClass.Unspecified, "sedan", false)]
    public void Only_words_that_leave_no_doubt_speak_against_a_plate(PlateClass seen, string listed, bool contradicts) =>
        Assert.Equal(contradicts, VehicleClue.Contradicts(seen, listed));
}
