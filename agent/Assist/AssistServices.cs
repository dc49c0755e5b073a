using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Assist;

internal static class AssistServices
{
    /// <summary>Help for somebody who cannot say who they are.</summary>
    public static IServiceCollection AddAssist(this IServiceCollection services) => services
        .AddSingleton<AssistDesk>()
        .AddStage<AssistDesk>(new("assist", StopPhase.Alerts, Criticality.Essential) { ExpectedRateHz = 4 }, (s, pulse, stop) => s.RunAsync(pulse, stop));
}
