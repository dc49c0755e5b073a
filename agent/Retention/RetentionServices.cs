using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Retention;

internal static class RetentionServices
{
    /// <summary>The region's clocks, and what goes by them.</summary>
    public static IServiceCollection AddRetention(this IServiceCollection services) => services
        .AddSingleton<PolicyBook>().AddSingleton<RetentionDesk>().AddSingleton<RetentionStage>()
        .AddStage<RetentionStage>(
            new("retention", StopPhase.Facts, Criticality.Optional) { Restart = RestartRule.Patient },
            (s, pulse, stop) => s.RunAsync(pulse, stop));
}
