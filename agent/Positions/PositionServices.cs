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
            return new GnssClient(
                new Hw.Gnss.GnssOptions { Host = gpsd.Host, Port = gpsd.Port },
                sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<GnssClient>>());
        })
        .AddSingleton<PositionBook>().AddSingleton<FleetBook>().AddSingleton<LiveReport>().AddSingleton<PositionStage>()
        .AddStage<PositionStage>(
            new("gnss", StopPhase.Facts, Criticality.Optional) { ExpectedRateHz = 1, Restart = RestartRule.Patient },
            (s, pulse, stop) => s.RunAsync(pulse, stop));
}
