using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Rescue;

/// <summary>
/// The centre's order that this unit be none any more. It is on the disk before it is answered; what waits in the outbox gets a minute
/// to reach the centre; then the host ends, and the box is wiped. A box whose power is cut in between is wiped at its next start, before
/// anything is opened.
/// </summary>
internal sealed partial class Decommission(
    CarOptions options, UnitIdentity unit, Ledger ledger, OutboxStore outbox, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Decommission> log) : ITakesCommands
{
    private const string FileName = "decommission.signed";

    private static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(1), Look = TimeSpan.FromMilliseconds(200);

    private int begun;

    /// <summary>Whether this box is to be wiped, or its wiping was cut.</summary>
    public static bool IsDue(string dataDirectory) => File.Exists(Path.Combine(dataDirectory, FileName)) || Wipe.IsBegun(dataDirectory);

    /// <summary>Destroys keys, data and identity of a box whose time has come; the host must not run.</summary>
    /// <exception cref="RescueException">other_unit, agent_runs.</exception>
    public static WipeReport CarryOut(CarOptions options, Action<string> progress)
    {
        var wipe = new Wipe(options, progress);
        return wipe.Run(wipe.UnitHere(), loseUnsent: true);
    }

    /// <summary>A signed order to this unit, of two people, or why it is none.</summary>
    /// <returns>Null for other commands; "" once it is on the disk; decommission_not_signed_by_centre, decommission_unreadable,
    /// decommission_of_other_unit, decommission_needs_two.</returns>
    public string? Take(Command command)
    {
        if (command.BodyCase != Command.BodyOneofCase.Decommission)
            return null;
        (UnitDecommission? order, string code) = CentreSigned.Open(
            command.Decommission, Envelopes.DecommissionType, UnitDecommission.Parser, "decommission", o => (o.UnitId, 1), unit.CentreSigners, unit.UnitId, heldVersion: 0);
        if (order is null)
            return code;
        if (order.ProposedBy.Length == 0 || order.ApprovedBy.Length == 0 || order.ProposedBy == order.ApprovedBy)
            return "decommission_needs_two";
        ledger.Note(new AuditDraft(AuditKind.Configuration, order.ApprovedBy, "", $"unit/{unit.UnitId}", "decommission_ordered"));
        SafeFile.Replace(Path.Combine(options.DataDirectory, FileName), Google.Protobuf.MessageExtensions.ToByteArray(command.Decommission));
        LogOrdered(log, order.ProposedBy, order.ApprovedBy);
        if (Interlocked.Exchange(ref begun, 1) == 0)
            _ = EndAsync();
        return "";
    }

    // The answer to the command is under way as well: the link's own end lets it out.
    private async Task EndAsync()
    {
        long since = time.GetTimestamp();
        do
            await Task.Delay(Look, time);
        while (outbox.Counts.Waiting > 0 && time.GetElapsedTime(since) < LongestDrain);
        lifetime.StopApplication();
    }

    [LoggerMessage(4330, LogLevel.Warning, "This unit is ordered to be none any more, by {ProposedBy} and {ApprovedBy}: it tells what waits, and is wiped.")]
    private static partial void LogOrdered(ILogger log, string proposedBy, string approvedBy);
}
