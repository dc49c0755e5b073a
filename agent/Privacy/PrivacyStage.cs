using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Live;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Privacy;

/// <summary>
/// Five times a second: a live view that must not leave the car ends, and entering and leaving are written down, by the place's id,
/// never where that is. Once a second a PTZ that looks where it must not is turned away; a camera that is slow to answer holds up
/// nothing else.
/// </summary>
internal sealed class PrivacyStage(PrivacyBook book, LeaseBook leases, PtzDesk ptz, Ledger ledger, TimeProvider time)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200), BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> noted = [];

    // Cameras that were turned away and are not written down yet; as many as there are cameras.
    private readonly HashSet<string> turned = [];
    private volatile string problem = "";

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task turning = TurnAsync(over.Token);
        try
        {
            using var timer = new PeriodicTimer(Beat, time);
            do
            {
                PrivacyNow now = book.Look();
                leases.EndWhere(now.BarsView, "privacy_place");
                Note(now, pulse);
                pulse.Beat();
                if (turning.IsFaulted)
                    await turning;
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        finally
        {
            await over.CancelAsync();
            await turning.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TurnAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(BetweenLooks, time);
        do
        {
            (IReadOnlyList<string> cameras, problem) = await ptz.TurnAwayAsync(stop);
            lock (turned)
                turned.UnionWith(cameras);
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    private void Note(PrivacyNow now, StagePulse pulse)
    {
        try
        {
            foreach (string id in now.Places.Select(p => p.Id).Where(id => !noted.Contains(id)))
            {
                ledger.Note(new AuditDraft(AuditKind.Configuration, "system", "", $"privacy/{id}", "entered"));
                _ = noted.Add(id);
            }
            foreach (string id in noted.Except(now.Places.Select(p => p.Id)).ToArray())
            {
                ledger.Note(new AuditDraft(AuditKind.Configuration, "system", "", $"privacy/{id}", "left"));
                _ = noted.Remove(id);
            }
            NoteTurned();
            if (problem.Length == 0)
                pulse.Ok();
            else
                pulse.Degraded(problem);
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            // It holds all the same; it is written down with a later beat.
            pulse.Degraded(full.Message);
        }
    }

    private void NoteTurned()
    {
        lock (turned)
        {
            foreach (string cameraId in turned.ToArray())
            {
                ledger.Note(new AuditDraft(AuditKind.Ptz, "system", "", cameraId, "privacy_sector"));
                _ = turned.Remove(cameraId);
            }
        }
    }
}
