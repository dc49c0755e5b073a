using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Retention;
using EdgeAgent.Agent.Terminal;

namespace EdgeAgent.Agent.Hazards;

internal static class HazardServices
{
    /// <summary>Hazards that officers report, followed until they are gone.</summary>
    public static IServiceCollection AddHazards(this IServiceCollection services) => services
        .AddSingleton<TakenPictures>().AddSingleton<HazardStore>().AddSingleton<HazardBook>().AddSingleton<IStateArea, HazardArea>()
        .AddSingleton<ITakesCommands>(sp => sp.GetRequiredService<HazardBook>()).AddSingleton<IForgets>(sp => sp.GetRequiredService<HazardBook>())
        .AddStage<HazardBook>(new("hazards", StopPhase.Alerts, Criticality.Essential) { ExpectedRateHz = 4 }, (s, pulse, stop) => s.RunAsync(pulse, stop));
}

/// <summary>What this car reported and how far it is, for the officers on duty.</summary>
internal sealed class HazardArea(HazardBook book, TrustedClock clock, OfficerDesk officers) : IStateArea
{
    private const int MostShown = 50;

    public string Name => "hazards";

    public object? Now() => !officers.IsAnyOpen ? null : book.All.Take(MostShown).Select(hazard => new
    {
        hazard.Id,
        hazard.Kind,
        hazard.Note,
        hazard.AtUnixMs,
        hazard.CameraId,
        state = hazard.IsPending ? "pending" : Words.Of(hazard.State),
        undoUntilUnixMs = hazard.IsPending ? clock.NowUnixMs + (long)book.UndoLeft(hazard.Id).TotalMilliseconds : (long?)null,
        hazard.ChangedAtUnixMs,
    });
}
