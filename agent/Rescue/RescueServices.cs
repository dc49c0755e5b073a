using EdgeAgent.Agent.Dispatches;

namespace EdgeAgent.Agent.Rescue;

internal static class RescueServices
{
    /// <summary>The centre's order that this unit be none any more.</summary>
    public static IServiceCollection AddRescue(this IServiceCollection services) => services
        .AddSingleton<Decommission>().AddSingleton<ITakesCommands>(sp => sp.GetRequiredService<Decommission>());
}
