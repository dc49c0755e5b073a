using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Releases;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Releases;

/// <summary>
/// Has a fetched release written into the slot that is not started, while the car drives: by a process of its own at the lowest
/// precedence for processor and disk, and never begun while an alert waits for an officer. Its trial begins at the next start. What
/// the slots have seen is told from here, too.
/// </summary>
internal sealed class InstallStage(ReleaseBook book, SlotNews news, ReleaseInstaller installer, AlertBook alerts, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(30), LongestRetry = TimeSpan.FromMinutes(15);

    // What another time, or somebody's hand at the box, may mend. All else is the bundle's own fault.
    private static readonly HashSet<string> Passing =
        [ReleaseCodes.Busy, ReleaseCodes.OnTrial, ReleaseCodes.SlotInUse, ReleaseCodes.NoRoom, ReleaseCodes.NoRoots, ReleaseCodes.NotFetched, ReleaseInstaller.NoAnswer];

    // These end by themselves: a trial, the running version's next start, another update.
    private static readonly HashSet<string> Expected = [ReleaseCodes.Busy, ReleaseCodes.OnTrial, ReleaseCodes.SlotInUse];

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, time);
        TimeSpan retry = TimeSpan.Zero;
        long triedAt = 0;
        while (await timer.WaitForNextTickAsync(stop))
        {
            pulse.Beat();
            news.Tell();
            if (!installer.CanInstall || book.Fetched is not { } offer)
            {
                retry = TimeSpan.Zero;
                pulse.Ok();
            }
            else if (alerts.Open.Count == 0 && (retry == TimeSpan.Zero || time.GetElapsedTime(triedAt) >= retry))
            {
                retry = await InstallAsync(offer, pulse, stop) ? TimeSpan.Zero : retry == TimeSpan.Zero ? FirstRetry : retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
                triedAt = time.GetTimestamp();
            }
        }
    }

    private async Task<bool> InstallAsync(ReleaseOffer offer, StagePulse pulse, CancellationToken stop)
    {
        string code = await installer.InstallAsync(offer, stop);
        if (code.Length == 0)
            book.Forget(offer);
        else if (!Passing.Contains(code))
            book.Drop(offer, code);
        else if (!Expected.Contains(code))
        {
            pulse.Degraded($"release {offer.Version} cannot be installed yet: {code}");
            return false;
        }
        pulse.Ok();
        return !Expected.Contains(code);
    }
}
