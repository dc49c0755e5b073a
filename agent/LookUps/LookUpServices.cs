using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.LookUps;

internal static class LookUpServices
{
    /// <summary>Look-ups by plate or document number, asked of the centre.</summary>
    public static IServiceCollection AddLookUps(this IServiceCollection services) => services
        .AddSingleton<LookUpPace>().AddSingleton<LookUpFacts>().AddSingleton<LookUpDesk>()
        .AddStage<LookUpDesk>(new("look-ups", StopPhase.Facts, Criticality.Optional) { ExpectedRateHz = 1 }, (s, pulse, stop) => s.RunAsync(pulse, stop));
}
