using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>
/// Notices what the command line changed while the server runs: SQLite's data_version moves with every commit of another
/// connection, and the table of changes says what it was about. Cars hear of it within a fraction of a second.
/// </summary>
internal sealed class ChangeWatcher(CentreDatabase database, ChangeEffects effects, TimeProvider time, ILogger<ChangeWatcher> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private long seen = database.Read(ChangeTable.Newest);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var connection = database.Connect();
        using var timer = new PeriodicTimer(Period, time);
        var version = -1L;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                version = await LookAsync(connection, version);
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
    }

    private async Task<long> LookAsync(DbConnection connection, long version)
    {
        try
        {
            var current = connection.ExecuteScalar<long>("PRAGMA data_version");
            if (current == version)
                return version;
            var changes = ChangeTable.After(connection, seen);
            await effects.OfAsync(changes);
            if (changes.Count > 0)
                seen = changes[^1].Seq;
            return current;
        }
        catch (Exception e) when (e is DbException or System.Threading.Channels.ChannelClosedException)
        {
            CentreLog.WatchFailed(log, e.GetType().Name);
            return -1;
        }
    }
}
