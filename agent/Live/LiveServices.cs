using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Live;

internal static class LiveServices
{
    /// <summary>Pictures and video to the terminal and, under a lease, to the centre; cameras that can be steered.</summary>
    public static IServiceCollection AddLive(this IServiceCollection services) => services
        .AddSingleton<EyesMedia>().AddSingleton<PtzDesk>().AddSingleton<LeaseBook>()
        .AddSingleton(sp => new Stage("live", StopPhase.Alerts, Criticality.Optional, 0, RestartRule.Quick, (pulse, stop) => sp.GetRequiredService<LeaseBook>().RunAsync(pulse, stop)));
}
