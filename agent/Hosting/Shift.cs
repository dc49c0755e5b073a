using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Rescue;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Agent.Watchlists;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// The first to start and the last to stop. Opens everything that must be right before the car is ready (identity, keys, store,
/// audit chain, lists), and leaves the run's figures behind when all stages have ended.
/// </summary>
internal sealed class Shift(IServiceProvider services, CarOptions options, Systemd systemd, IHostApplicationLifetime lifetime, ILogger<Shift> log) : IHostedService
{
    private int streamingAtEnd;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        SwapWatch.Look(log);
        services.GetRequiredService<Ledger>().Note(new AuditDraft(AuditKind.Start, AuditDraft.System, "", CarFacts.SoftwareVersion, ""));
        SwapNotes.Write(options, services.GetRequiredService<Ledger>(), log);
        services.GetRequiredService<WatchlistLibrary>().LoadFromDisk();
        _ = lifetime.ApplicationStarted.Register(systemd.Ready);
        _ = lifetime.ApplicationStopping.Register(() =>
        {
            streamingAtEnd = services.GetRequiredService<CameraView>().Streaming();
            systemd.Stopping();
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<TrustedClock>().Save();
        services.GetRequiredService<CarFacts>().WriteSummary(Path.Combine(options.DataDirectory, "run", "summary.json"), streamingAtEnd);
        return Task.CompletedTask;
    }
}
