using EdgeAgent.CommandCentre.Containments;
using EdgeAgent.CommandCentre.Gateways;
using EdgeAgent.CommandCentre.Patrolling;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>The pages about cars in the field: patrol progress, police visibility, cordons.</summary>
internal static class FieldPages
{
    public static void AddFieldPages(this IServiceCollection services)
    {
        services.AddSingleton<PatrolTable>();
        services.AddSingleton<VisibilityTable>();
        services.AddSingleton<ContainmentTable>();
        services.AddSingleton<PatrolNews>();
        services.AddSingleton<PatrolSweep>();
        services.AddLead<PatrolSweep>();
        services.AddSingleton<PatrolProgress>();
        services.AddSingleton<PatrolEndpoints>();
        services.AddSingleton<VisibilityEndpoints>();
        services.AddSingleton<RoadBook>();
        services.AddSingleton<CarChoice>();
        services.AddSingleton<ContainmentBook>();
        services.AddSingleton<ContainmentViews>();
        services.AddHostedService<ContainmentWatch>();
        services.AddSingleton<ContainmentEndpoints>();
        services.AddSingleton<IConsoleTopic, PatrolTopic>();
        services.AddSingleton<IConsoleTopic, ContainmentTopic>();
    }

    public static void MapFieldPages(this IServiceProvider services, RouteGroupBuilder api)
    {
        services.GetRequiredService<PatrolEndpoints>().Map(api);
        services.GetRequiredService<VisibilityEndpoints>().Map(api);
        services.GetRequiredService<ContainmentEndpoints>().Map(api);
    }
}
