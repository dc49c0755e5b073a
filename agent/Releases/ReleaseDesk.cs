using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Releases;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Releases;

/// <summary>What the centre orders about releases: take one, go back from one.</summary>
internal sealed class ReleaseDesk(ReleaseBook book, ReleaseInstaller installer, CarOptions options, UnitIdentity unit, Ledger ledger, TimeProvider time)
{
    private ulong heldVersion = Held(PathIn(options));

    /// <inheritdoc cref="ReleaseBook.Take"/>
    public string Take(ReleaseOffer offered) => book.Take(offered);

    /// <summary>
    /// Carries out a signed order to go back. The floor of the slots stays, so nothing old can be put there anew: what is started next
    /// lies in this box already. Durable when this returns "".
    /// </summary>
    /// <returns>"" or rollback_not_signed_by_centre, rollback_unreadable, rollback_of_other_unit, rollback_not_newer, rollback_no_slots,
    /// rollback_CODE with not_running, not_held or busy.</returns>
    public async Task<string> GoBackAsync(string issuer, SignedEnvelope envelope, CancellationToken stop)
    {
        (ReleaseRollback? order, string code) = CentreSigned.Open(
            envelope, Envelopes.RollbackType, ReleaseRollback.Parser, "rollback", o => (o.UnitId, o.Version), unit.CentreSigners, unit.UnitId, heldVersion);
        if (order is null)
            return code;
        ledger.Note(new AuditDraft(AuditKind.Configuration, issuer, "", $"release/{order.Leave}", "rollback_ordered"));
        string problem = await installer.InsteadAsync(() => GoBackAsync(order, stop), stop);
        if (problem.Length > 0)
            return problem;
        SafeFile.Replace(PathIn(options), envelope.ToByteArray());
        heldVersion = order.Version;
        return "";
    }

    private async Task<string> GoBackAsync(ReleaseRollback order, CancellationToken stop)
    {
        // Whatever comes of the slots, it is not fetched or installed from here on.
        bool withdrawn = book.Withdraw(order.Leave);
        if (options.Releases.Place is not { } place)
            return withdrawn ? "" : "rollback_no_slots";
        try
        {
            _ = await SlotUpdate.RollBackAsync(new AppSlots(place.Base, place.Factory, time), order.Leave, order.BackTo, $"the centre: {order.Reason}", stop);
            return "";
        }
        catch (ReleaseException e) when (withdrawn && e.Code == ReleaseCodes.NotRunning)
        {
            // From a release that was only on offer there is nothing to go back.
            return "";
        }
        catch (ReleaseException e)
        {
            return $"rollback_{e.Code}";
        }
    }

    // A file that cannot be read any more lets an order be given twice; it does then what it did before.
    private static ulong Held(string path)
    {
        try
        {
            return File.Exists(path) ? ReleaseRollback.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(File.ReadAllBytes(path)).Payload).Version : 0;
        }
        catch (InvalidProtocolBufferException)
        {
            return 0;
        }
    }

    private static string PathIn(CarOptions options) => Path.Combine(options.DataDirectory, "rollback.signed");
}
