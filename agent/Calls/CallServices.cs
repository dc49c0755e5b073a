using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Terminal;

namespace EdgeAgent.Agent.Calls;

internal static class CallServices
{
    /// <summary>What the terminal does about calls: callers' recordings, arrival, pictures and video for them, speech.</summary>
    public static IServiceCollection AddCalls(this IServiceCollection services) => services
        .AddSingleton<ArrivalWatch>().AddSingleton<RecordingBook>().AddSingleton<RecordingStage>().AddSingleton<CallPictures>().AddSingleton<Speaker>()
        .AddSingleton<IStateArea, CallsArea>().AddSingleton<IStateArea, FleetArea>()
        .AddStage<RecordingStage>(
            new("recordings", StopPhase.Facts, Criticality.Optional) { Restart = RestartRule.Patient },
            (s, pulse, stop) => s.RunAsync(pulse, stop));
}
