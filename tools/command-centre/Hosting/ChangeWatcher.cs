using System.Data.Common;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Gateways;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>
/// Notices what the command line and other gateways changed while the server runs: the database's mark moves, and the table of
/// changes says what it was about. Cars hear of it within a fraction of a second.
/// </summary>
internal sealed class ChangeWatcher(CentreDatabase database, ChangeEffects effects, GatewayEffects gateways, TimeProvider time, ILogger<ChangeWatcher> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private long seen = database.Read(ChangeTable.Newest);
    private DbConnection? connection;
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long mark = -1;
    private bool failing;

    /// <summary>Another gateway says that there is something: it is not waited for.</summary>
    public void LookNow() => wake.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await LookAsync();
                using var tick = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                _ = await Task.WhenAny(wake.Reader.ReadAsync(tick.Token).AsTask(), Task.Delay(Period, time, tick.Token));
                await tick.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private async Task LookAsync()
    {
        try
        {
            connection ??= database.Connect();
            var current = database.ChangeMark(connection);
            if (current == mark)
                return;
            var changes = ChangeTable.After(connection, seen);
            await effects.OfAsync(changes);
            await gateways.OfAsync(changes);
            if (changes.Count > 0)
                seen = changes[^1].Seq;
            mark = current;
            failing = false;
        }
        catch (Exception e) when (e is DbException or ChannelClosedException)
        {
            if (!failing)
                CentreLog.WatchFailed(log, e.GetType().Name);
            failing = true;
            // The server may have been away: the next look begins with a new connection.
            connection?.Dispose();
            connection = null;
            mark = -1;
        }
    }
}
