using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers.Face;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Agent.Officers;

internal static class OfficerServices
{
    /// <summary>Roster, locks, the crew on duty, and sign-in by face.</summary>
    public static IServiceCollection AddOfficers(this IServiceCollection services) => services
        .AddSingleton(sp =>
        {
            UnitIdentity unit = sp.GetRequiredService<UnitIdentity>();
            return new RosterBook(
                sp.GetRequiredService<CarOptions>().DataDirectory, unit.UnitId, unit.CentreSigners,
                sp.GetRequiredService<UnitVault>(), sp.GetRequiredService<ILogger<RosterBook>>());
        })
        .AddSingleton(sp => sp.GetRequiredService<CarOptions>().SignIn)
        .AddSingleton<PinLock>().AddSingleton<FaceLock>()
        .AddSingleton<OfficerDesk>()
        .AddSingleton<CabCamera>()
        .AddSingleton(sp =>
        {
            ModelStore models = sp.GetRequiredService<ModelStore>();
            return new FaceParts(sp.GetRequiredService<CabCamera>(), FaceThresholds.Of(models), models.Sha256Of(HostingServices.FaceModel));
        })
        .AddSingleton<FaceDesk>()
        .AddSingleton<AutoLock>()
        .AddStage<AutoLock>(
            new("screens", StopPhase.Facts, Criticality.Optional) { ExpectedRateHz = 1 },
            (s, pulse, stop) => s.RunAsync(pulse, stop));
}
