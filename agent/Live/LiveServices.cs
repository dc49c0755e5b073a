using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Live;

internal static class LiveServices
{
    /// <summary>Pictures and video to the terminal and, under a lease, to the centre; cameras that can be steered.</summary>
    public static IServiceCollection AddLive(this IServiceCollection services) => services
        .AddSingleton<EyesMedia>().AddSingleton<PtzDesk>().AddSingleton<LeaseBook>().AddSingleton<ClipRules>().AddSingleton<ClipDesk>().AddSingleton<StillDesk>().AddSingleton<MomentDesk>()
        .AddStage<LeaseBook>(new("live", StopPhase.Alerts, Criticality.Optional), (s, pulse, stop) => s.RunAsync(pulse, stop))
        .AddStage<ClipDesk>(new("asked-clips", StopPhase.Alerts, Criticality.Optional), (s, pulse, stop) => s.RunAsync(pulse, stop));
}
