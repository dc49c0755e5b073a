using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Releases;

internal static class ReleaseServices
{
    /// <summary>Releases that the centre offers: fetched, held against their hash, kept for who installs them.</summary>
    public static IServiceCollection AddReleases(this IServiceCollection services) => services
        .AddSingleton<ReleaseBook>().AddSingleton<ReleaseStage>()
        .AddStage<ReleaseStage>(
            new("releases", StopPhase.Facts, Criticality.Optional) { Restart = RestartRule.Patient },
            (s, pulse, stop) => s.RunAsync(pulse, stop));
}
