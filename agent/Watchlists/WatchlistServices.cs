using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Agent.Watchlists;

internal static class WatchlistServices
{
    /// <summary>The lists: at rest, in use, and kept up with the centre's.</summary>
    public static IServiceCollection AddWatchlists(this IServiceCollection services) => services
        .AddSingleton(sp => new ListFiles(
            Path.Combine(sp.GetRequiredService<CarOptions>().DataDirectory, "lists"), sp.GetRequiredService<UnitVault>()))
        .AddSingleton(sp => new ListPolicy(
            new ListTrust([.. sp.GetRequiredService<UnitIdentity>().ListRoots]),
            sp.GetRequiredService<ModelStore>().Sha256Of(HostingServices.FaceModel), sp.GetRequiredService<CarOptions>().Lists))
        .AddSingleton<ListJudge>()
        .AddSingleton<WatchlistLibrary>()
        .AddSingleton<ListSync>()
        .AddStage<ListSync>(
            new("lists", StopPhase.Facts, Criticality.Optional) { ExpectedRateHz = 4, Restart = RestartRule.Patient },
            (s, pulse, stop) => s.RunAsync(pulse, stop));
}
