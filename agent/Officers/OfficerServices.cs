using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Identity;

namespace EdgeAgent.Agent.Officers;

internal static class OfficerServices
{
    /// <summary>Roster, PIN lock and the officer on duty.</summary>
    public static IServiceCollection AddOfficers(this IServiceCollection services) => services
        .AddSingleton(sp =>
        {
            UnitIdentity unit = sp.GetRequiredService<UnitIdentity>();
            return new RosterBook(
                sp.GetRequiredService<CarOptions>().DataDirectory, unit.UnitId, unit.CentreSigners,
                sp.GetRequiredService<UnitVault>(), sp.GetRequiredService<ILogger<RosterBook>>());
        })
        .AddSingleton<PinLock>()
        .AddSingleton<OfficerDesk>();
}
