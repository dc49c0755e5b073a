using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Terminal;

namespace EdgeAgent.Agent.Box;

internal static class BoxServices
{
    /// <summary>What the box knows of its vehicle and itself.</summary>
    public static IServiceCollection AddBox(this IServiceCollection services) => services
        .AddSingleton(s => s.GetRequiredService<CarOptions>().Power).AddSingleton(s => s.GetRequiredService<CarOptions>().Box)
        .AddSingleton<BoxBook>().AddSingleton<IStateArea, BoxArea>()
        .AddSingleton<ShutdownPlan>().AddSingleton<PowerOff>()
        .AddSingleton<PowerStage>()
        .AddStage<PowerStage>(
            new("power", StopPhase.Facts, Criticality.Optional) { ExpectedRateHz = 0.1, Restart = RestartRule.Patient },
            (s, pulse, stop) => s.RunAsync(pulse, stop))
        .AddSingleton<BoxStage>()
        .AddStage<BoxStage>(
            new("box", StopPhase.Facts, Criticality.Optional) { ExpectedRateHz = 0.1, Restart = RestartRule.Patient },
            (s, pulse, stop) => s.RunAsync(pulse, stop))
        .AddSingleton<HealthStage>()
        .AddStage<HealthStage>(
            new("health", StopPhase.Facts, Criticality.Optional) { ExpectedRateHz = 0.1, Restart = RestartRule.Patient },
            (s, pulse, stop) => s.RunAsync(pulse, stop));

    /// <summary>For whoever is at the page: nobody signs in to keep the box on.</summary>
    public static void MapBox(this WebApplication app) =>
        _ = app.MapPost("/api/power/postpone", (PowerStage power) => power.Postpone() ? Results.NoContent() : TerminalApi.Refused(409, "not_going"));
}
