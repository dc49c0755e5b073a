using System.Security.Cryptography.X509Certificates;
using EdgeAgent.CommandCentre.Acceptances;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Exports;
using EdgeAgent.CommandCentre.Gateways;
using EdgeAgent.CommandCentre.Exhibits;
using EdgeAgent.CommandCentre.Exhibits.Redaction;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.LookUps;
using EdgeAgent.CommandCentre.Patrolling;
using EdgeAgent.CommandCentre.Releases;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.CommandCentre.Voice;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>What the server is made of, a method a folder.</summary>
internal static class Registrations
{
    public static void AddCentreStorage(this IServiceCollection services, DataFolder folder, CentreOptions options)
    {
        services.AddSingleton(folder);
        services.AddSingleton(_ => CentreDatabase.Of(folder, options.PostgresFile));
        services.AddSingleton(_ => CentreKeys.LoadSealing(folder));
        services.AddSingleton<Gateway>();
        services.AddSingleton<CommitQueue>();
        services.AddSingleton<UnitTable>();
        services.AddSingleton<AcceptanceTable>();
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
        services.AddSingleton<UnitHealths>();
        services.AddSingleton<UnitFacts>();
        services.AddSingleton<DecisionCheck>();
        services.AddSingleton<EventIntake>();
        services.AddSingleton<RosterIssuing>();
        services.AddSingleton<FaceEnrolment>();
        services.AddSingleton<ConfigurationIssuing>();
        services.AddSingleton<RetentionIssuing>();
        services.AddSingleton<PatrolIssuing>();
        services.AddSingleton<UnitHoldings>();
        services.AddSingleton<RetentionSweep>();
        services.AddSingleton(provider => new SessionServices
        {
            Intake = provider.GetRequiredService<EventIntake>(),
            Commits = provider.GetRequiredService<CommitQueue>(),
            Database = provider.GetRequiredService<CentreDatabase>(),
            Gateway = provider.GetRequiredService<Gateway>(),
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
        services.AddSingleton<GatewayEffects>();
        services.AddSingleton<Presence>();
        services.AddHostedService(provider => provider.GetRequiredService<Presence>());
        services.AddSingleton<Broker>();
        services.AddHostedService(provider => provider.GetRequiredService<Broker>());
        services.AddHostedService<PositionsRound>();
        services.AddHostedService<TopicsRound>();
        services.AddSingleton<VideoRound>();
        services.AddSingleton<VoiceHub>();
        services.AddHostedService(provider => provider.GetRequiredService<VoiceHub>());
        services.AddSingleton<VoiceRound>();
        services.AddSingleton<ChangeWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangeWatcher>());
        services.AddHostedService<Housekeeping>();
    }

    /// <summary>Only what the file of exports names runs at all.</summary>
    public static void AddExports(this IServiceCollection services, ExportOptions exports)
    {
        if (exports.Jt808 is { } positions)
            services.AddSingleton(positions).AddSingleton<Jt808Export>().AddLead<Jt808Export>();
        if (exports.Viid is { } alerts)
            services.AddSingleton(alerts).AddSingleton<ViidExport>().AddLead<ViidExport>();
        if (exports.Gb28181 is { } catalogue)
            services.AddSingleton(catalogue).AddSingleton<Gb28181Catalogue>().AddSingleton<Gb28181Export>().AddLead<Gb28181Export>();
    }

    public static void AddCalls(this IServiceCollection services, CallOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<CallTable>();
        services.AddSingleton<CallEntryTable>();
        services.AddSingleton<PlaceTable>();
        services.AddSingleton<CallWriter>();
        services.AddSingleton<CallNews>();
        services.AddSingleton<CallCandidates>();
        services.AddSingleton<CallSteps>();
        services.AddSingleton<CallDesk>();
        services.AddSingleton<CallRecordings>();
        services.AddSingleton<CallErasure>();
        services.AddSingleton<CallWatch>();
        services.AddSingleton<CallEscalation>();
        services.AddHostedService(provider => provider.GetRequiredService<CallEscalation>());
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
