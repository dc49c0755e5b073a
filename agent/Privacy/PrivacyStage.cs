using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Live;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Privacy;

/// <summary>
/// Five times a second: a live view that must not leave the car ends, a PTZ that looks where it must not is turned away (once a
/// second: each look is a question to the camera), and entering and leaving are written down, by the place's id, never where that is.
/// </summary>
internal sealed class PrivacyStage(PrivacyBook book, LeaseBook leases, PtzDesk ptz, Ledger ledger, TimeProvider time)
{
    private const int BeatsToLook = 5;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);

    private readonly HashSet<string> noted = [];

    // Cameras that were turned away and are not written down yet; as many as there are cameras.
    private readonly HashSet<string> turned = [];

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Beat, time);
        int beats = 0;
        string problem = "";
        do
        {
            PrivacyNow now = book.Look();
            leases.EndWhere(now.BarsView, "privacy_place");
            if (beats++ % BeatsToLook == 0)
            {
                (IReadOnlyList<string> cameras, problem) = await ptz.TurnAwayAsync(stop);
                turned.UnionWith(cameras);
            }
            Note(now, pulse, problem);
            pulse.Beat();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    private void Note(PrivacyNow now, StagePulse pulse, string problem)
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
            foreach (string cameraId in turned.ToArray())
            {
                ledger.Note(new AuditDraft(AuditKind.Ptz, "system", "", cameraId, "privacy_sector"));
                _ = turned.Remove(cameraId);
            }
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
}
