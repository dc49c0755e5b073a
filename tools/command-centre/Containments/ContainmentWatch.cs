using System.Data.Common;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Containments;

/// <summary>Follows open cordons each second: writes down who arrived first at a post, and tells the consoles when a post's state changed.</summary>
internal sealed class ContainmentWatch(
    ContainmentViews views, ContainmentBook book, CommitQueue commits, ConsoleFeed feed, TimeProvider time, ILogger<ContainmentWatch> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private string told = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await LookAsync();
                }
                catch (DbException e)
                {
                    CentreLog.ContainmentWatchFailed(log, e.GetType().Name);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            // The centre stops.
        }
    }

    private async Task LookAsync()
    {
        var open = views.Recent().Where(operation => operation.EndedAtUnixMs is null).ToList();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var operation in open)
        {
            foreach (var post in operation.Posts.Where(post => post.ArrivedAtUnixMs is null && views.Metres(post) <= Containment.HoldMetres))
            {
                _ = await commits.CommitAsync(transaction =>
                {
                    book.Arrived(transaction, operation.OperationId, post, now);
                    return 0;
                });
            }
        }
        // Distances move each second; a console hears of it when a state changes, and otherwise has the cars themselves on its map.
        var state = string.Join(' ', open.Select(views.View).SelectMany(view => view.Posts.Select(post => $"{view.OperationId}/{post.PostId}/{post.UnitId}/{post.State}")));
        if (state == told)
            return;
        told = state;
        feed.Changed("containment");
    }
}
