using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Releases;

internal static class ReleaseServices
{
    /// <summary>Releases that the centre offers: fetched, held against their hash, put into the slot that is not started.</summary>
    public static IServiceCollection AddReleases(this IServiceCollection services) => services
        .AddSingleton<ReleaseBook>().AddSingleton<ReleaseDesk>().AddSingleton<ReleaseStage>()
        .AddSingleton<SlotNews>().AddSingleton<ReleaseInstaller>().AddSingleton<InstallStage>()
        .AddStage<ReleaseStage>(
            new("releases", StopPhase.Facts, Criticality.Optional) { Restart = RestartRule.Patient },
            (s, pulse, stop) => s.RunAsync(pulse, stop))
        .AddStage<InstallStage>(
            new("install", StopPhase.Facts, Criticality.Optional) { Restart = RestartRule.Patient },
            (s, pulse, stop) => s.RunAsync(pulse, stop));
}
