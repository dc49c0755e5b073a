using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Uplink;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Releases;

/// <summary>Fetches the offered release while the link has nothing better to do, and goes on where it stopped.</summary>
internal sealed class ReleaseStage(CentreLink link, ReleaseBook book, CarOptions options, TimeProvider time)
{
    // Left for what the car records while a release comes in.
    private const long RoomBytes = 512L << 20;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2), LongestRetry = TimeSpan.FromMinutes(5);

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, time);
        TimeSpan retry = FirstRetry;
        long triedAt = 0;
        bool failed = false;
        while (await timer.WaitForNextTickAsync(stop))
        {
            pulse.Beat();
            if (book.Waiting is not { } offer)
                pulse.Ok();
            else if (link.State.Phase == LinkPhase.Up && link.Paused.Length == 0 && (!failed || time.GetElapsedTime(triedAt) >= retry))
            {
                triedAt = time.GetTimestamp();
                bool good = await TryAsync(offer, pulse, stop);
                retry = good || !failed ? FirstRetry : retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
                failed = !good;
            }
        }
    }

    private async Task<bool> TryAsync(ReleaseOffer offer, StagePulse pulse, CancellationToken stop)
    {
        long missing = (long)offer.SizeBytes - book.BytesHeld;
        if (new DriveInfo(options.DataDirectory).AvailableFreeSpace < missing + RoomBytes)
        {
            pulse.Degraded($"no room on the disk for release {offer.Version}: {missing >> 20} MiB and {RoomBytes >> 20} MiB to work with");
            return false;
        }
        try
        {
            await using FileStream part = book.OpenPart(offer);
            bool resumed = part.Length > 0;
            if ((ulong)part.Length < offer.SizeBytes)
                await link.FetchReleaseAsync(offer, part, () => GoOn(offer, pulse), stop);
            if ((ulong)part.Length == offer.SizeBytes)
                _ = await book.FinishAsync(offer, part, resumed, stop);
            pulse.Ok();
            return true;
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            book.Drop(offer, "not_offered");
            return true;
        }
        catch (Exception error) when (error is RpcException or InvalidDataException or IOException && !stop.IsCancellationRequested)
        {
            pulse.Degraded(error is RpcException rpc ? rpc.Status.Detail : error.Message);
            return false;
        }
    }

    private bool GoOn(ReleaseOffer offer, StagePulse pulse)
    {
        pulse.Beat();
        return link.Paused.Length == 0 && book.Offers(offer);
    }
}
