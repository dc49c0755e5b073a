using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Privacy;

internal static class PrivacyServices
{
    /// <summary>Places in which the car shows, matches or looks at less.</summary>
    public static IServiceCollection AddPrivacy(this IServiceCollection services) => services
        .AddSingleton<PrivacyBook>().AddSingleton<PrivacyStage>()
        .AddStage<PrivacyStage>(
            new("privacy", StopPhase.Alerts, Criticality.Essential) { ExpectedRateHz = 5 },
            (s, pulse, stop) => s.RunAsync(pulse, stop));
}
