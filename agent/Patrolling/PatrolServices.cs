using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Terminal;

namespace EdgeAgent.Agent.Patrolling;

internal static class PatrolServices
{
    /// <summary>What this unit is to patrol, and how far it is with it.</summary>
    public static IServiceCollection AddPatrolling(this IServiceCollection services) => services
        .AddSingleton<PatrolBook>().AddSingleton<DutyTrail>().AddSingleton<DutyBook>().AddSingleton<DutyNotes>().AddSingleton<IStateArea, DutyArea>();
}
