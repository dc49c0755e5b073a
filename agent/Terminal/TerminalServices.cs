using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Emergencies;
using EdgeAgent.Agent.Hazards;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Patrolling;
using EdgeAgent.Agent.Records;
using EdgeAgent.Agent.Scenes;
using EdgeAgent.Agent.Watchlists;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EdgeAgent.Agent.Terminal;

internal static class TerminalServices
{
    private const int MaxBodyBytes = 16 * 1024;

    public static WebApplicationBuilder AddTerminal(this WebApplicationBuilder builder)
    {
        _ = builder.Services
            .AddSingleton<CarFacts>().AddSingleton<CameraView>().AddSingleton<ListView>().AddSingleton<OfficerView>().AddSingleton<LinkView>()
            .AddSingleton<StateView>().AddSingleton<PictureSockets>()
            .AddSingleton(sp =>
            {
                var stream = ActivatorUtilities.CreateInstance<StateStream>(sp);
                sp.GetRequiredService<OfficerDesk>().Changed += stream.Changed;
                sp.GetRequiredService<WatchlistLibrary>().Changed += stream.Changed;
                sp.GetRequiredService<EyesFacts>().Changed += stream.Changed;
                sp.GetRequiredService<SceneBook>().Changed += stream.Changed;
                sp.GetRequiredService<CallBook>().Changed += stream.Changed;
                sp.GetRequiredService<SosBook>().Changed += stream.Changed;
                sp.GetRequiredService<PatrolBook>().Changed += stream.Changed;
                sp.GetRequiredService<InstructionBook>().Changed += stream.Changed;
                sp.GetRequiredService<DutyNotes>().Changed += stream.Changed;
                sp.GetRequiredService<HazardBook>().Changed += stream.Changed;
                sp.GetRequiredService<RecordBook>().Changed += stream.Changed;
                sp.GetRequiredService<RequestBook>().Changed += stream.Changed;
                return stream;
            })
            .AddStage<StateStream>(
                new("terminal", StopPhase.Facts, Criticality.Essential) { ExpectedRateHz = 2 },
                (s, pulse, stop) => s.RunAsync(pulse, stop));
        _ = builder.WebHost.UseKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Limits.MaxRequestBodySize = MaxBodyBytes;
            k.Limits.MaxConcurrentConnections = 128;
            k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http1);
        });
        return builder;
    }
}
