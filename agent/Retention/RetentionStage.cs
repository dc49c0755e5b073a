using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Retention;

/// <summary>
/// Each minute: what is past its clock goes, delivered or not; what could not be delivered leaves a tombstone, and all of it a record in
/// numbers. Only time that is certain destroys (<see cref="TrustedClock.EarliestUnixMs"/>); without a word of the centre ever, nothing.
/// </summary>
internal sealed class RetentionStage(
    PolicyBook policies, OutboxStore outbox, CallBook calls, InstructionBook instructions, IEnumerable<IForgets> others, Ledger ledger, TrustedClock clock, TimeProvider time)
{
    private const long HourMs = 3_600_000, DayMs = 24 * HourMs;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    // A decision never changes: what was opened once and is none of these need not be opened each minute for its ninety days.
    private readonly HashSet<long> notRejected = [];
    private readonly Lock gate = new();

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                Sweep();
                pulse.Ok();
            }
            catch (OutboxException full) when (full.IsDiskFull)
            {
                pulse.Degraded(full.Message);
            }
            pulse.Beat();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>One at a time: what is gone when this returns is in the record as well, whoever swept it.</summary>
    public void Sweep()
    {
        lock (gate)
            SweepLocked();
    }

    private void SweepLocked()
    {
        long now = clock.EarliestUnixMs;
        if (now == 0)
            return;
        RetentionPolicy policy = policies.Current;
        (string What, int Count)[] gone =
        [
            ("rejected", outbox.ForgetDue(Lane.Decisions, now - (policy.RejectedHours * HourMs), IsRejected, evenIfHeld: true, spared: notRejected)
                // A rejected alert has no claim on any time: one that a wrong clock dated into the future goes as well.
                + outbox.ForgetDue(Lane.Decisions, long.MaxValue, IsRejected, evenIfHeld: true, capturedFromUnixMs: clock.NowUnixMs + HourMs + 1)),
            ("confirmed", outbox.ForgetDue(Lane.Decisions, now - (policy.ConfirmedDays * DayMs))),
            ("evidence", outbox.ForgetDue(Lane.Evidence, now - (LeastDays(policy) * DayMs), e => e.CapturedAtUnixMs < now - (DaysOf(e, policy) * DayMs))),
            ("call_steps", outbox.ForgetDue(Lane.Calls, now - (policy.CallDays * DayMs))),
            ("trail", outbox.ForgetDue(Lane.Positions, now - (policy.TrailDays * DayMs)) + outbox.ForgetDue(Lane.Status, now - (policy.TrailDays * DayMs))),
            ("calls", calls.ForgetDue(now - (policy.CallDays * DayMs))),
            ("instructions", instructions.ForgetDue(now - (policy.InstructionDays * DayMs))),
            .. others.Select(other => (other.What, other.ForgetDue(policy, now))),
            ("details", ledger.ForgetDetails(now - (policy.DetailDays * DayMs), now)),
        ];
        string told = string.Join(", ", gone.Where(g => g.Count > 0).Select(g => $"{g.What} {g.Count}"));
        if (told.Length > 0)
            ledger.Note(new AuditDraft(AuditKind.Deleted, AuditDraft.System, "", told, $"retention/{policy.Version}"));
    }

    private static bool IsRejected(Event e) =>
        e.AlertDecided is { } decided && Decision.Parser.ParseFrom(decided.Decision.Payload).Verdict == Verdict.Rejected;

    private static long LeastDays(RetentionPolicy policy) => Math.Min(policy.EvidenceDays, Math.Min(policy.RecordingDays, policy.SnapshotDays));

    private static long DaysOf(Event e, RetentionPolicy policy) => e.Attachments.Select(a => a.Role).FirstOrDefault() switch
    {
        AttachmentRole.Audio => policy.RecordingDays,
        AttachmentRole.Photo or AttachmentRole.Scene or AttachmentRole.SeenCrop => policy.SnapshotDays,
        _ => policy.EvidenceDays,
    };
}
