using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Scenes;

internal static class SceneServices
{
    /// <summary>Crowd and traffic as numbers.</summary>
    public static IServiceCollection AddScenes(this IServiceCollection services) => services
        .AddSingleton<SceneBook>().AddSingleton<SceneStage>()
        .AddStage<SceneStage>(
            new("scenes", StopPhase.Facts, Criticality.Optional) { Restart = RestartRule.Patient },
            (s, pulse, stop) => s.RunAsync(pulse, stop));
}
