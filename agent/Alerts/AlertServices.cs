using EdgeAgent.Agent.Hosting;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Agent.Alerts;

internal static class AlertServices
{
    /// <summary>From visits to decisions.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services) => services
        .AddSingleton(s => FaceThresholds.Of(s.GetRequiredService<ModelStore>()))
        .AddSingleton<MatchGate>().AddSingleton<Matcher>().AddSingleton<AlertMaker>().AddSingleton<AlertBook>()
        .AddSingleton<OwedClips>().AddSingleton<DecisionDesk>().AddSingleton<AlertStage>().AddSingleton<ClipKeeper>()
        .AddStage<Matcher>(new("matching", StopPhase.Alerts, Criticality.Essential), (s, pulse, stop) => s.RunAsync(pulse, stop))
        .AddStage<AlertStage>(
            new("alerts", StopPhase.Alerts, Criticality.Essential) { ExpectedRateHz = 5 },
            (s, pulse, stop) => s.RunAsync(pulse, stop))
        .AddStage<ClipKeeper>(new("clips", StopPhase.Alerts, Criticality.Optional), (s, pulse, stop) => s.RunAsync(pulse, stop));
}
