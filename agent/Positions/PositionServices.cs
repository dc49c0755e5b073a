using EdgeAgent.Agent.Hosting;
using EdgeAgent.Hw.Gnss;

namespace EdgeAgent.Agent.Positions;

internal static class PositionServices
{
    /// <summary>Where the car is.</summary>
    public static IServiceCollection AddPositions(this IServiceCollection services) => services
        .AddSingleton(sp =>
        {
            GnssOptions gpsd = sp.GetRequiredService<CarOptions>().Gnss;
            return new GnssClient(new Hw.Gnss.GnssOptions { Host = gpsd.Host, Port = gpsd.Port }, sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<GnssClient>>());
        })
        .AddSingleton<PositionBook>().AddSingleton<PositionStage>()
        .AddSingleton(sp => new Stage("gnss", StopPhase.Facts, Criticality.Optional, 1, RestartRule.Patient, (pulse, stop) => sp.GetRequiredService<PositionStage>().RunAsync(pulse, stop)));
}
