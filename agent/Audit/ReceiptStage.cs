using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Eyes.V1;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Audit;

/// <summary>
/// Deletion receipts: each minute in which anybody was or could be seen leaves one signed record of how many came, matched and were
/// deleted, and how old the oldest is that is on no list and still in memory. Whoever audits can add them up; nobody is in them.
/// </summary>
internal sealed class ReceiptStage(EyesFacts eyes, IRecords records, TrustedClock clock, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1), Look = TimeSpan.FromSeconds(1);

    // The greatest age of the minute, looked at each second: the age at its end alone would say little.
    private ulong oldestFaceMs, oldestPlateMs, oldestAssistMs;
    private long fromUnixMs = clock.NowUnixMs;
    private long from = time.GetTimestamp();
    private (KeptCount Faces, KeptCount Plates) unwritten = (new(), new());

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                pulse.Beat();
                Tick(pulse);
            }
        }
        finally
        {
            Write();
        }
    }

    private void Tick(StagePulse pulse)
    {
        EyesCounters counters = eyes.Counters;
        ulong waiting = (ulong)eyes.OldestWaitingMs;
        oldestFaceMs = Math.Max(oldestFaceMs, Math.Max(counters.OldestFaceMs, waiting));
        oldestPlateMs = Math.Max(oldestPlateMs, Math.Max(counters.OldestPlateMs, waiting));
        oldestAssistMs = Math.Max(oldestAssistMs, (ulong)eyes.Assist.OldestMs);
        if (time.GetElapsedTime(from) < Every)
            return;
        try
        {
            Write();
            pulse.Ok();
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            pulse.Degraded(full.Message);
        }
    }

    private void Write()
    {
        (KeptCount faces, KeptCount plates) = eyes.Account.Take();
        unwritten = (faces, plates) = (Sum(unwritten.Faces, faces), Sum(unwritten.Plates, plates));
        (faces.OldestMs, plates.OldestMs) = (oldestFaceMs, oldestPlateMs);
        long now = clock.NowUnixMs;
        if (SaysAnything(faces) || SaysAnything(plates) || oldestAssistMs > 0)
        {
            records.Note(new AuditDraft(AuditKind.DeletionReceipt, AuditDraft.System, "", "", "")
            {
                Receipt = new DeletionReceipt { FromUnixMs = fromUnixMs, ToUnixMs = now, Faces = faces, Plates = plates, AssistOldestMs = oldestAssistMs },
            });
        }
        // Only now: what a full disk refused is in the next receipt.
        unwritten = (new(), new());
        (oldestFaceMs, oldestPlateMs, oldestAssistMs, fromUnixMs, from) = (0, 0, 0, now, time.GetTimestamp());
    }

    private static bool SaysAnything(KeptCount c) => c.Seen + c.Matched + c.Deleted + c.Held + c.OldestMs > 0;

    private static KeptCount Sum(KeptCount before, KeptCount since) => new()
    {
        Seen = before.Seen + since.Seen,
        Matched = before.Matched + since.Matched,
        Deleted = before.Deleted + since.Deleted,
        Held = since.Held,
    };
}
