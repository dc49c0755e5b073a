using EdgeAgent.Agent.Live;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Agent.Hosting;

internal static class HostingServices
{
    // What eyes compares faces with; lists made with another model are refused.
    public const string FaceModel = "face-feature";

    /// <summary>Puts a stage into the table. What runs is looked up when it starts, so that stages may know the table.</summary>
    public static IServiceCollection AddStage<T>(this IServiceCollection services, StageRow row, Func<T, StagePulse, CancellationToken, Task> run)
        where T : notnull =>
        services.AddSingleton(sp => new Stage(row, (pulse, stop) => run(sp.GetRequiredService<T>(), pulse, stop)));

    /// <summary>Identity, vault, clock, store, supervision, and the process that looks.</summary>
    public static IServiceCollection AddHosting(this IServiceCollection services, CarOptions options, TimeProvider time, BootClock boot)
    {
        string socket = Path.Combine(options.DataDirectory, "run", "eyes.sock");
        return services
            .AddSingleton(options).AddSingleton(options.Alerts).AddSingleton(time)
            .AddSingleton<ExitCode>().AddSingleton<StageTable>().AddSingleton<HostHealth>().AddSingleton(Systemd.OfEnvironment())
            .AddHostedService<Shift>().AddHostedService<Supervisor>()
            .AddSingleton(_ => UnitIdentity.Load(options.IdentityDirectory))
            .AddSingleton(sp => UnitVault.Open(options.DataDirectory, sp.GetRequiredService<ILogger<UnitVault>>(), sp.GetRequiredService<UnitIdentity>().Tpm))
            .AddSingleton(sp => CameraLogins.Open(options.DataDirectory, sp.GetRequiredService<UnitVault>(), sp.GetRequiredService<ILogger<CameraLogins>>()))
            .AddSingleton(_ => TrustedClock.Open(options.DataDirectory, boot, time))
            .AddSingleton(sp => OpenStore(options, sp))
            .AddSingleton(_ => ModelStore.Open())
            .AddSingleton(sp => new VisitGate(options.Cameras, sp.GetRequiredService<ModelStore>().Sha256Of(FaceModel)))
            .AddSingleton<EyesFacts>()
            .AddSingleton(sp => new EyesChild(options.Vision, socket, time, sp.GetRequiredService<ILogger<EyesChild>>())
            {
                AskToEnd = sp.GetRequiredService<EyesFacts>().Stop,
            })
            .AddSingleton(sp => ActivatorUtilities.CreateInstance<EyesServer>(sp, socket))
            .AddStage<EyesChild>(
                new("eyes", StopPhase.Eyes, Criticality.Optional) { StopDeadline = TimeSpan.FromSeconds(9) },
                (s, pulse, stop) => s.RunAsync(pulse, stop))
            .AddSingleton<CarAbroad>()
            .AddSingleton<TechnicianDoor>()
            .AddStage<TechnicianDoor>(new("technician", StopPhase.Facts, Criticality.Optional), (s, pulse, stop) => s.RunAsync(pulse, stop))
            .AddStage<EyesServer>(new("eyes-link", StopPhase.EyesLink, Criticality.Essential), (s, pulse, stop) => s.RunAsync(pulse, stop));
    }

    private static OutboxStore OpenStore(CarOptions options, IServiceProvider services)
    {
        UnitVault vault = services.GetRequiredService<UnitVault>();
        var seal = new PayloadSeal(plain => vault.Seal("outbox", plain), closed => vault.Open("outbox", closed));
        OutboxStore store = OutboxStore.Open(
            new OutboxOptions { Directory = options.DataDirectory }, seal,
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>());
        AgentTables.Migrate(store);
        return store;
    }
}
