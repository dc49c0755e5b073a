using System.Collections.Concurrent;
using System.Data.Common;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Gateways;

/// <summary>What consoles here were told to look at anew, those of other gateways are told as well: many times at once are one.</summary>
internal sealed class TopicsRound(Gateway gateway, ConsoleFeed feed, CommitQueue commits, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    // By their names, of which there are few.
    private readonly ConcurrentDictionary<string, bool> waiting = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!gateway.IsShared)
            return;
        feed.ChangedHere += topic => waiting[topic] = true;
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TellAsync();
        }
        catch (OperationCanceledException)
        {
            // The centre stops.
        }
    }

    private async Task TellAsync()
    {
        var topics = waiting.Keys.Where(topic => waiting.TryRemove(topic, out _)).ToList();
        if (topics.Count == 0)
            return;
        try
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            _ = await commits.CommitAsync(transaction =>
            {
                foreach (var topic in topics)
                    ChangeTable.Note(transaction, ChangeKind.Topics, topic, now);
                return topics.Count;
            });
        }
        catch (Exception e) when (e is DbException or ChannelClosedException)
        {
            foreach (var topic in topics)
                waiting[topic] = true;
        }
    }
}
