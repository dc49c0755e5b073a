using System.Threading.Channels;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Uplink;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>Asks the centre which lists this unit should hold: when the link comes up, when told that they changed, and now and then.</summary>
internal sealed partial class ListSync(CentreLink link, WatchlistLibrary library, TrustedClock clock, TimeProvider time, ILogger<ListSync> log)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250), NowAndThen = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500), LongestRetry = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _ = wakes.Writer.TryWrite(true);

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, time);
        bool wasUp = false;
        long askedAt = 0;
        TimeSpan pause = TimeSpan.Zero, retry = FirstRetry;
        while (await timer.WaitForNextTickAsync(stop))
        {
            pulse.Beat();
            // The centre's signed time comes first: a list cannot be judged by a clock that nobody vouches for.
            bool up = link.State.Phase == LinkPhase.Up && clock.IsVouched;
            bool due = up && (!wasUp || time.GetElapsedTime(askedAt) >= pause || wakes.Reader.TryRead(out _));
            wasUp = up;
            if (!due)
                continue;
            askedAt = time.GetTimestamp();
            bool good = await AskAsync(pulse, stop);
            pause = good ? NowAndThen : retry;
            retry = good ? FirstRetry : retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
        }
    }

    private async Task<bool> AskAsync(StagePulse pulse, CancellationToken stop)
    {
        try
        {
            ListIndex index = await link.ListIndexAsync(stop);
            foreach (string revoked in index.RevokedListIds)
                library.Revoke(revoked, []);
            foreach (IGrouping<string, ListOffer> offers in index.Offers.GroupBy(o => o.ListId))
                await TakeAsync([.. offers], stop);
            pulse.Ok();
            return true;
        }
        catch (Exception error) when (error is RpcException or InvalidDataException && !stop.IsCancellationRequested)
        {
            pulse.Degraded(error is RpcException rpc ? rpc.Status.Detail : error.Message);
            LogNotAsked(log, error.Message);
            return false;
        }
    }

    private async Task TakeAsync(IReadOnlyCollection<ListOffer> offers, CancellationToken stop)
    {
        if (offers.Where(o => o.DeltaFromVersion == 0).MaxBy(o => o.Version) is not { } whole || !library.Wants(whole))
            return;
        foreach (ListOffer delta in ListPlan.Deltas(library.HeldVersion(whole.ListId), whole, offers))
        {
            if (!await TakeDeltaAsync(delta, stop))
                break;
        }
        // What no delta brought comes whole.
        if (library.Wants(whole))
            _ = library.Take(await link.FetchListAsync(whole, stop), whole.ListId, whole.Version);
    }

    private async Task<bool> TakeDeltaAsync(ListOffer delta, CancellationToken stop)
    {
        try
        {
            return library.Take(await link.FetchListAsync(delta, stop), delta.ListId, delta.Version, asDelta: true).Accepted;
        }
        catch (InvalidDataException error)
        {
            LogNotAsked(log, error.Message);
            return false;
        }
    }

    [LoggerMessage(4034, LogLevel.Warning, "The lists could not be fetched: {Why}")]
    private static partial void LogNotAsked(ILogger log, string why);
}
