using System.Text.Json;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Uplink;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;
using LinkOptions = EdgeAgent.DispatchClient.Uplink.LinkOptions;

namespace EdgeAgent.Agent.Rescue;

/// <param name="Delivered">Events that had not reached the centre.</param>
/// <param name="Waiting">Events and attachments that are still here, the centre's promise of durability included.</param>
/// <param name="Refused">Events that the centre will not take; kept.</param>
/// <param name="AuditHead">Where the old chain ends, "" where there is none.</param>
/// <param name="AuditProblem">Why it is not whole, "" when it is.</param>
/// <param name="Kept">Where the copy lies.</param>
internal sealed record RescueReport(string UnitId, string Incarnation, long Delivered, long Waiting, long Refused, string AuditHead, string AuditProblem, string Kept);

/// <summary>
/// What a dead box had not told the centre yet, told by the box that takes its place: its outbox is copied whole and delivered as it
/// stands, under the old incarnation, so that events keep ids, numbers and signatures and the centre deduplicates what it had. The new
/// box is enrolled as the same unit. Each step can be cut and begun again. Once the centre has all of it, the copy's key and events go;
/// the audit chain stays, with the certificate that it is verified by.
/// </summary>
internal sealed class Rescue(CarOptions options, TimeProvider time, Action<string> progress)
{
    internal const string Folder = "rescued", Done = "rescued.json";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200), SayEvery = TimeSpan.FromSeconds(1);

    /// <param name="patience">For the delivery; what it leaves waits for the next run.</param>
    /// <exception cref="RescueException">Codes of <see cref="OldDisk"/>; other_unit, agent_runs, sealed_to_old_tpm, outbox_damaged, wrong_key.</exception>
    public async Task<RescueReport> RunAsync(string from, TimeSpan patience, CancellationToken stop)
    {
        var old = new OldDisk(from);
        using UnitIdentity unit = UnitIdentity.Load(options.IdentityDirectory);
        if (unit.UnitId != old.UnitId)
            throw new RescueException("other_unit", $"The disk is unit {old.UnitId}'s and this box is {unit.UnitId}: enrol this box as {old.UnitId} (command-centre enrol --unit {old.UnitId}, edgectl provision --force), so that the events stay that unit's.");
        if (OldDisk.IsAlive(options.DataDirectory))
            throw new RescueException("agent_runs", "The agent of this box runs, and a unit has one session at the centre: stop it first (systemctl stop edge-agent).");
        string copy = old.CopyTo(Path.Combine(options.DataDirectory, Folder), progress);
        if (File.Exists(Path.Combine(copy, Done)))
            return JsonSerializer.Deserialize<RescueReport>(File.ReadAllBytes(Path.Combine(copy, Done)))!;
        ChainVerdict? audit = OldDisk.VerifyAudit(copy);
        RescueReport report;
        using (UnitVault vault = OpenVault(copy, unit))
            report = await DeliverAsync(copy, vault, unit, patience, stop);
        report = report with { AuditHead = audit?.Head.ToString() ?? "", AuditProblem = audit is { Whole: false } ? audit.Sentence : "" };
        if (report.Waiting + report.Refused == 0)
        {
            // Said first: cut here, the next run knows that nothing is to be delivered, and what is left over is only rubbish.
            SafeFile.Replace(Path.Combine(copy, Done), JsonSerializer.SerializeToUtf8Bytes(report));
            Erasure.Keys(copy);
            Erasure.AllBut(copy, Done, "audit", "identity");
        }
        return report;
    }

    private static UnitVault OpenVault(string copy, UnitIdentity unit)
    {
        bool inFile = File.Exists(Path.Combine(copy, "vault.key"));
        try
        {
            return inFile || unit.Tpm is not null
                ? UnitVault.Open(copy, NullLogger.Instance, inFile ? null : unit.Tpm)
                : throw new InvalidOperationException("this box uses no TPM");
        }
        catch (InvalidOperationException error)
        {
            throw new RescueException(
                "sealed_to_old_tpm",
                $"The audit chain is rescued ({copy}); the events are sealed to the old box's TPM and open nowhere else ({error.Message}). Put the disk back into the old box, or its TPM into this one, and let it deliver.");
        }
    }

    private async Task<RescueReport> DeliverAsync(string copy, UnitVault vault, UnitIdentity unit, TimeSpan patience, CancellationToken stop)
    {
        var seal = new PayloadSeal(plain => vault.Seal("outbox", plain), closed => vault.Open("outbox", closed));
        await using OutboxStore outbox = Open(copy, seal);
        long before = outbox.Counts.Pending;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(patience);
        var address = new LinkOptions { Centre = new Uri(options.Centre), AlsoAt = [.. options.CentreAlsoAt.Select(other => new Uri(other))] };
        await using (var link = new CentreLink(
            address, unit, outbox,
            // Not acknowledged: they come again, to the agent that acts on them.
            (_, _) => throw new InvalidOperationException("A rescue acts on no command."),
            () => new Hello { SoftwareVersion = CarFacts.SoftwareVersion }, time, NullLoggerFactory.Instance))
        {
            Task running = link.RunAsync(limit.Token);
            await WaitAsync(outbox, link, limit.Token);
            await limit.CancelAsync();
            await running;
        }
        stop.ThrowIfCancellationRequested();
        OutboxCounts after = outbox.Counts;
        return new RescueReport(
            unit.UnitId, Convert.ToHexStringLower(outbox.Incarnation), before - after.Pending - after.Refused, Waiting(after), after.Refused, "", "", copy);
    }

    private OutboxStore Open(string copy, PayloadSeal seal)
    {
        try
        {
            OutboxStore outbox = OutboxStore.Open(new OutboxOptions { Directory = copy }, seal, time, NullLoggerFactory.Instance);
            return outbox.Quarantine is null
                ? outbox
                : throw new RescueException("outbox_damaged", $"The old outbox is damaged and was put aside in {outbox.Quarantine}: what it held cannot be delivered. The audit chain is rescued.");
        }
        catch (OutboxException error)
        {
            throw new RescueException(error.Code, error.Message);
        }
    }

    /// <summary>Until all is delivered and the centre has promised to keep it, or the time is over.</summary>
    private async Task WaitAsync(OutboxStore outbox, CentreLink link, CancellationToken stop)
    {
        long saidAt = time.GetTimestamp();
        while (!stop.IsCancellationRequested && Waiting(outbox.Counts) > 0)
        {
            await Task.Delay(Look, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (time.GetElapsedTime(saidAt) < SayEvery)
                continue;
            saidAt = time.GetTimestamp();
            progress($"{outbox.Counts.Pending} events and {outbox.Counts.AttachmentsPending} attachments to go; the link is {link.State.Phase}{(link.State.Detail.Length > 0 ? $": {link.State.Detail}" : "")}");
        }
    }

    private static long Waiting(OutboxCounts counts) => counts.Waiting + counts.Acknowledged;
}
