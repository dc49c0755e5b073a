using System.Data.Common;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Gateways;

/// <summary>
/// Runs what only one gateway of a city may do (an export, a sweep with a mark of its own) at whichever holds the right to it. When
/// that one dies, or loses its database, another takes over within seconds.
/// </summary>
internal sealed class LeadService<T>(CentreDatabase database, T inner, TimeProvider time) : BackgroundService
    where T : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            using (var held = TryHold())
            {
                if (held is not null)
                    await LeadAsync(held, stoppingToken);
            }
            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private TaskHold? TryHold()
    {
        try
        {
            return database.TryHold($"service {typeof(T).Name}");
        }
        catch (DbException)
        {
            // The database is away: nobody leads, and it is tried again.
            return null;
        }
    }

    private async Task LeadAsync(TaskHold held, CancellationToken stop)
    {
        await inner.StartAsync(stop);
        var running = inner.ExecuteTask ?? Task.CompletedTask;
        while (!running.IsCompleted && held.Stands && !stop.IsCancellationRequested)
            _ = await Task.WhenAny(running, Task.Delay(Period, time, stop));
        await inner.StopAsync(CancellationToken.None);
        // What ended it by a fault ends the server, as it would without us.
        if (!stop.IsCancellationRequested)
            await running.ConfigureAwait(ConfigureAwaitOptions.None);
    }
}

internal static class LeadServices
{
    /// <summary>For a hosted service of which a city runs one.</summary>
    public static IServiceCollection AddLead<T>(this IServiceCollection services)
        where T : BackgroundService
    {
        services.AddSingleton<LeadService<T>>();
        return services.AddHostedService(provider => provider.GetRequiredService<LeadService<T>>());
    }
}
