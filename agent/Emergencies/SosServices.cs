using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Terminal;

namespace EdgeAgent.Agent.Emergencies;

internal static class SosServices
{
    /// <summary>An officer needs help.</summary>
    public static IServiceCollection AddSos(this IServiceCollection services) => services
        .AddSingleton(s => s.GetRequiredService<CarOptions>().Sos)
        .AddSingleton<SosBook>().AddSingleton<IStateArea>(s => s.GetRequiredService<SosBook>())
        .AddSingleton<ITakesCommands>(s => s.GetRequiredService<SosBook>())
        .AddSingleton<SosKey>()
        .AddStage<SosKey>(new("sos-key", StopPhase.Facts, Criticality.Optional), (s, pulse, stop) => s.RunAsync(pulse, stop));

    /// <summary>For whoever is at the page, signed in or not: nobody has to remember a PIN to call for help.</summary>
    public static void MapSos(this WebApplication app)
    {
        _ = app.MapPost("/api/sos", (SosBook book, OfficerDesk desk) => Results.Json(new { since = book.Call(desk.OnDuty?.OfficerId ?? "", "page").SinceUnixMs }));
        _ = app.MapDelete("/api/sos", (HttpContext http, SosBook book) =>
            book.TakeBack(TerminalApi.OfficerOf(http).OfficerId) ? Results.NoContent() : TerminalApi.Refused(404, "no_sos")).AddEndpointFilter(TerminalApi.SignedIn);
    }
}
