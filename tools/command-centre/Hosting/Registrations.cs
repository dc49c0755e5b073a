using System.Security.Cryptography.X509Certificates;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Exhibits;
using EdgeAgent.CommandCentre.Exhibits.Redaction;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.LookUps;
using EdgeAgent.CommandCentre.Releases;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>What the server is made of, a method a folder.</summary>
internal static class Registrations
{
    public static void AddCentreStorage(this IServiceCollection services, DataFolder folder)
    {
        services.AddSingleton(folder);
        services.AddSingleton(_ => CentreDatabase.Open(folder.Database));
        services.AddSingleton(_ => CentreKeys.LoadSealing(folder));
        services.AddSingleton<CommitQueue>();
        services.AddSingleton<UnitTable>();
        services.AddSingleton<CommandTable>();
        services.AddSingleton<ListTable>();
        services.AddSingleton<RegisterTable>();
        services.AddSingleton<AlarmTable>();
        services.AddSingleton<ReleaseStore>();
        services.AddSingleton<EventTable>();
        services.AddSingleton<EvidenceTable>();
        services.AddSingleton<ClipTable>();
        services.AddSingleton<ExhibitTable>();
        services.AddSingleton<UnitGapTable>();
        services.AddSingleton<OfficerTable>();
        services.AddSingleton<AccountTable>();
    }

    public static void AddCentreIdentity(this IServiceCollection services, DataFolder folder, CentreOptions options, TimeProvider time)
    {
        services.AddSingleton(_ => DeviceAuthority.Load(folder, time));
        services.AddSingleton(_ => CentreSigner.Load(folder));
        services.AddSingleton(provider => new ServerCertificate(
            folder, provider.GetRequiredService<DeviceAuthority>(), ["127.0.0.1", "localhost", .. options.Hosts], time));
        services.AddSingleton(provider => new TrustAnchors(
            provider.GetRequiredService<DeviceAuthority>(),
            [X509Certificate2.CreateFromPem(File.ReadAllText(folder.KeyFile(CentreKeys.ListRoot + ".pem")))],
            provider.GetRequiredService<CentreSigner>().Certificate));
        services.AddSingleton<AttemptLimit>();
    }

    public static void AddCentreLink(this IServiceCollection services)
    {
        services.AddGrpc(grpc => grpc.Interceptors.Add<StorageFaults>());
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<Fleet>();
        services.AddSingleton<UnitFacts>();
        services.AddSingleton<DecisionCheck>();
        services.AddSingleton<EventIntake>();
        services.AddSingleton<RosterIssuing>();
        services.AddSingleton<ConfigurationIssuing>();
        services.AddSingleton<RetentionIssuing>();
        services.AddSingleton<RetentionSweep>();
        services.AddSingleton(provider => new SessionServices
        {
            Intake = provider.GetRequiredService<EventIntake>(),
            Commits = provider.GetRequiredService<CommitQueue>(),
            Database = provider.GetRequiredService<CentreDatabase>(),
            Commands = provider.GetRequiredService<CommandTable>(),
            Fleet = provider.GetRequiredService<Fleet>(),
            Leases = provider.GetRequiredService<LiveLeases>(),
            Signer = provider.GetRequiredService<CentreSigner>(),
            Time = provider.GetRequiredService<TimeProvider>(),
            Log = provider.GetRequiredService<ILogger<UnitSession>>(),
            KeepUntilBackup = provider.GetRequiredService<CentreOptions>().KeepUntilBackup,
        });
        services.AddSingleton<EvidenceFiles>();
        services.AddSingleton<ExhibitStore>();
        services.AddSingleton<Moments>();
        services.AddSingleton<EvidenceItems>();
        services.AddSingleton<EvidenceSearch>();
        services.AddSingleton<Custody>();
        services.AddSingleton<ExportPackage>();
        services.AddSingleton<Holds>();
        services.AddSingleton<Redactions>();
        services.AddHostedService(provider => provider.GetRequiredService<Redactions>());
        services.AddSingleton<LiveLeases>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveLeases>());
        services.AddHostedService<FleetBroadcast>();
        services.AddSingleton<ChangeEffects>();
        services.AddHostedService<ChangeWatcher>();
        services.AddHostedService<Housekeeping>();
    }

    public static void AddLookUps(this IServiceCollection services, DataFolder folder, LookUpLimits limits)
    {
        services.AddSingleton(limits);
        services.AddSingleton<LookUpTable>();
        services.AddSingleton<LookUpBook>();
        services.AddSingleton<LookUpSweep>();
        // Asked with each call: a register may be imported while the centre runs.
        services.AddTransient<ILookUpSource>(provider => File.Exists(folder.Registry)
            ? new SqliteLookUpSource(folder.Registry, provider.GetRequiredService<Sealing>())
            : new NoLookUpSource());
    }
}
