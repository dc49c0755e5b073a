using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Alerts;

internal static class AlertServices
{
    /// <summary>From visits to decisions.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services) => services
        .AddSingleton<MatchGate>().AddSingleton<AlertMaker>().AddSingleton<DecisionDesk>().AddSingleton<AlertBook>().AddSingleton<Matcher>().AddSingleton<AlertStage>()
        .AddSingleton(sp => new Stage("matching", StopPhase.Alerts, Criticality.Essential, 0, RestartRule.Quick, (pulse, stop) => sp.GetRequiredService<Matcher>().RunAsync(pulse, stop)))
        .AddSingleton(sp => new Stage("alerts", StopPhase.Alerts, Criticality.Essential, 5, RestartRule.Quick, (pulse, stop) => sp.GetRequiredService<AlertStage>().RunAsync(pulse, stop)));
}
