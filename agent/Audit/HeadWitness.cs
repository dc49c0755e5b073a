using Dapper;
using EdgeAgent.Agent.Box;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Audit;

/// <summary>Tells the centre where the chain ends, so that cutting its tail off shows: every 60 s if it grew, sooner when it grew much.</summary>
internal sealed class HeadWitness(AuditLog audit, Ledger ledger, long bootCounter, PowerOff off, TimeProvider time)
{
    private const ulong AtMostRecords = 64;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1), AtLeastEvery = TimeSpan.FromSeconds(60);

    private ulong told;
    private long toldAt = time.GetTimestamp();

    /// <summary>Counts this start of the host; the number rises with every one.</summary>
    public static long CountBoot(OutboxStore outbox)
    {
        outbox.Write((c, t) => c.Execute("INSERT INTO boots VALUES (1, 1) ON CONFLICT (only) DO UPDATE SET count = count + 1", transaction: t));
        return outbox.Read(c => c.ExecuteScalar<long>("SELECT count FROM boots"));
    }

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                pulse.Beat();
                TellIfThereIsRoom(pulse);
            }
        }
        finally
        {
            // While the link still delivers: the witness should know where this run ended.
            ledger.Note(new AuditDraft(AuditKind.Stop, AuditDraft.System, "", "", off.Reason));
            Tell();
        }
    }

    private void TellIfThereIsRoom(StagePulse pulse)
    {
        try
        {
            TellIfDue();
            pulse.Ok();
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            // Told later: the head names everything before it.
            pulse.Degraded(full.Message);
        }
    }

    public void TellIfDue()
    {
        ulong grown = audit.Head.Sequence - told;
        if (grown >= AtMostRecords || (grown > 0 && time.GetElapsedTime(toldAt) >= AtLeastEvery))
            Tell();
    }

    public void Tell()
    {
        (ChainHead head, ByteString signature) = audit.Witness;
        _ = ledger.Append(Lane.Audit, Priority.History, "", e => e.AuditHead = new AuditHead
        {
            Sequence = head.Sequence,
            HeadSha256 = ByteString.CopyFrom(head.Sha256),
            Signature = signature,
            BootCounter = (ulong)bootCounter,
        });
        told = head.Sequence;
        toldAt = time.GetTimestamp();
    }
}
