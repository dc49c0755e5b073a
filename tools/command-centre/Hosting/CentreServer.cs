using EdgeAgent.CommandCentre.Acceptances;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Gateways;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.LookUps;
using EdgeAgent.CommandCentre.Releases;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.CommandCentre.Voice;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Logging.Console;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>A running centre: made, started, and stopped in the order of its data.</summary>
internal sealed class CentreServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly FileStream? only;
    private bool stopped;

    private CentreServer(WebApplication app, FileStream? only) => (this.app, this.only) = (app, only);

    /// <summary>https address where cars connect, with the port that was taken.</summary>
    public Uri Grpc => Address(0);

    /// <summary>Where browsers connect.</summary>
    public Uri Http => Address(1);

    public IServiceProvider Services => app.Services;

    /// <summary>Completes when the process was told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation) => app.WaitForShutdownAsync(cancellation);

    /// <exception cref="CentreException">The folder is no centre's, another server has it, or a port is taken.</exception>
    public static async Task<CentreServer> StartAsync(CentreOptions options, TimeProvider time, CancellationToken cancellation = default)
    {
        var folder = new DataFolder(options.DataDirectory).Require(options.PostgresFile);
        if (options.LookUps.Faults().Concat(options.Calls.Faults()).ToList() is { Count: > 0 } faults)
            throw new CentreException(string.Join(' ', faults));
        // Gateways that share a PostgreSQL database may share the folder with its keys and evidence as well.
        var only = DatabaseChoice.Postgres(folder, options.PostgresFile) is null ? Lock(folder) : null;
        WebApplication? app = null;
        try
        {
            app = Build(folder, options, time);
            if (app.Services.GetRequiredService<CentreDatabase>() is { IsShared: true } shared)
                GatewayTable.RequireSameKey(shared, app.Services.GetRequiredService<Sealing>());
            app.Services.GetRequiredService<ServerCertificate>().Renew();
            app.Services.GetRequiredService<LiveLeases>().Restore();
            var units = app.Services.GetRequiredService<UnitTable>().All().Select(unit => unit.UnitId);
            var fleet = app.Services.GetRequiredService<Fleet>();
            fleet.Restore(app.Services.GetRequiredService<EventTable>(), units);
            var healths = app.Services.GetRequiredService<UnitHealths>();
            healths.Restore(app.Services.GetRequiredService<EventTable>(), units);
            var feed = app.Services.GetRequiredService<ConsoleFeed>();
            app.Services.GetRequiredService<EventIntake>().Stored += feed.EventStored;
            app.Services.GetRequiredService<EventIntake>().Stored += fleet.EventStored;
            app.Services.GetRequiredService<EventIntake>().Stored += healths.EventStored;
            app.Services.GetRequiredService<EventIntake>().Stored += app.Services.GetRequiredService<LiveLeases>().EventStored;
            app.Services.GetRequiredService<EventIntake>().StoredElsewhere += feed.EventStored;
            app.Services.GetRequiredService<EventIntake>().StoredElsewhere += healths.EventStored;
            app.Services.GetRequiredService<EventIntake>().StoredElsewhere += app.Services.GetRequiredService<LiveLeases>().EventStored;
            app.Services.GetRequiredService<CommitQueue>().EverythingCommitted += app.Services.GetRequiredService<Broker>().WakeOthers;
            _ = app.Services.GetRequiredService<VideoRound>();
            _ = app.Services.GetRequiredService<VoiceRound>();
            app.Services.GetRequiredService<LiveLeases>().Changed += () => feed.Changed("live");
            var sessions = app.Services.GetRequiredService<SessionRegistry>();
            app.Lifetime.ApplicationStopping.Register(() =>
            {
                sessions.CloseAll("stopping", "The centre is stopping.");
                feed.Close();
            });
            await app.StartAsync(cancellation);
            var server = new CentreServer(app, only);
            CentreLog.Ready(app.Services.GetRequiredService<ILogger<CentreServer>>(), server.Grpc.ToString(), server.Http.ToString());
            return server;
        }
        catch (Exception e)
        {
            if (app is not null)
                await app.DisposeAsync();
            if (only is not null)
                await only.DisposeAsync();
            if (e is IOException)
                throw new CentreException($"The centre cannot listen on {options.Grpc} and {options.Http}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Ends sessions, drains the writer, and folds the log into the database file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopped)
            return;
        stopped = true;
        await app.StopAsync();
        var database = app.Services.GetRequiredService<CentreDatabase>();
        var log = app.Services.GetRequiredService<ILogger<CentreServer>>();
        await app.Services.GetRequiredService<CommitQueue>().DisposeAsync();
        database.Checkpoint();
        CentreLog.Stopped(log);
        await app.DisposeAsync();
        if (only is not null)
            await only.DisposeAsync();
    }

    private static WebApplication Build(DataFolder folder, CentreOptions options, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.WebHost.UseKestrelHttpsConfiguration();
        Logging(builder.Logging, options.JsonLog);
        builder.Services.AddSingleton(time);
        builder.Services.AddCentreStorage(folder, options);
        builder.Services.AddCentreIdentity(folder, options, time);
        builder.Services.AddCentreLink();
        builder.Services.AddLookUps(folder, options.LookUps);
        builder.Services.AddCalls(options.Calls);
        builder.Services.AddConsole(folder, options);
        builder.Services.AddTelemetry(options);
        builder.Services.AddExports(options.Exports);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
            Endpoints.Listen(kestrel, options, kestrel.ApplicationServices.GetRequiredService<ServerCertificate>()));

        var app = builder.Build();
        app.Use(Endpoints.KeepApart);
        app.UseWhen(CarEndpoint.IsOf, cars => cars.UseMiddleware<UnitAuthentication>());
        app.MapHealth();
        app.UseConsole(options);
        app.MapGrpcService<EnrolmentService>();
        app.MapGrpcService<LinkService>();
        app.MapGrpcService<WatchlistsService>();
        app.MapGrpcService<EvidenceService>();
        app.MapGrpcService<VideoService>();
        app.MapGrpcService<ReleasesService>();
        app.MapGrpcService<LookUpsService>();
        app.MapGrpcService<VoiceService>();
        app.MapGrpcService<AcceptanceService>();
        return app;
    }

    private static void Logging(ILoggingBuilder logging, bool asJson)
    {
        logging.ClearProviders();
        // Standard output is for results; what happens is told on standard error.
        if (asJson)
        {
            logging.AddJsonConsole(console => (console.TimestampFormat, console.UseUtcTimestamp) = ("yyyy-MM-ddTHH:mm:ss.fffZ", true));
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                console.UseUtcTimestamp = true;
            });
        }
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        logging.AddFilter("Grpc", LogLevel.Error);
    }

    private static FileStream Lock(DataFolder folder)
    {
        try
        {
            return new FileStream(folder.ServerLock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new CentreException($"Another server works on {folder.Path} already.", e);
        }
    }

    private Uri Address(int at)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new Uri(addresses.ElementAt(at));
    }
}
