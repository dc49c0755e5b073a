using System.Data.Common;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>
/// What cars did about calls, merged in the transaction that stores their events. A step moves a call only where it is its owner's, made
/// since it became the owner, and the transition table lets it; everything else is kept with the call and moves nothing.
/// </summary>
internal sealed class CallSteps(CallTable calls, CallWriter writer, CallNews news)
{
    /// <returns>Null for an event that is no step, of a call that this centre does not know, or of a unit that was never told of it.</returns>
    public CallChange? Merge(DbTransaction transaction, StoredEvent stored)
    {
        if (stored.Event.CallStep is not { } step || step.CallId.Length != Uuid7.Length)
            return null;
        var id = step.CallId.ToByteArray();
        if (calls.Find(transaction, id) is not { } call || CallEntryTable.PartOf(transaction, id, stored.UnitId) == CallPart.Unspecified)
            return null;
        var entry = new CallEntry
        {
            At = stored.ReceivedAtUnixMs,
            HappenedAt = step.AtUnixMs > 0 ? step.AtUnixMs : stored.ReceivedAtUnixMs,
            Actor = step.OfficerId,
            UnitId = stored.UnitId,
            What = CallWords.Of(step.Act),
            State = call.State,
            Text = step.Text,
        };
        var eventId = stored.Event.Id.ToByteArray();
        // A car from before this field sends 0: then it is taken as of its present turn.
        var isOwners = call.Owner == stored.UnitId && (step.SeenRevision == 0 || step.SeenRevision >= (ulong)call.OwnerRevision);
        if (!isOwners)
            return writer.Change(transaction, call, call, entry with { Effect = "presence" }, CallIssuer.Centre, eventId);
        if (CallTransitions.Next(call.State, step.Act) is not { } next)
            return writer.Change(transaction, call, call, entry with { Effect = "late" }, CallIssuer.Centre, eventId);
        return step.Act switch
        {
            CallAct.HandOver => HandOver(transaction, call, step, entry, eventId),
            CallAct.BackUp => writer.Change(transaction, call, call with { BackUpOpen = true }, entry, CallIssuer.Centre, eventId),
            CallAct.Note => writer.Change(transaction, call, call, entry, CallIssuer.Centre, eventId),
            _ => writer.Change(transaction, call, call with { State = next }, entry with { Effect = "changed", State = next }, CallIssuer.Centre, eventId),
        };
    }

    public void Tell(CallChange change) => news.Tell(change);

    /// <summary>Among equals it takes effect at once; to another district or another kind of police a dispatcher decides.</summary>
    private CallChange HandOver(DbTransaction transaction, CallRecord call, CallStep step, CallEntry entry, byte[] eventId)
    {
        var (giver, receiver) = (UnitTable.Find(transaction, call.Owner), UnitTable.Find(transaction, step.ToUnitId));
        var asked = call with { HandOverFrom = call.Owner, HandOverTo = step.ToUnitId, HandOver = CallHandOverState.Asked };
        var named = entry with { Text = step.Text.Length > 0 ? $"{step.ToUnitId}: {step.Text}" : step.ToUnitId };
        if (receiver is null or { EnrolledAt: null } or { RevokedAt: not null } || receiver.UnitId == call.Owner)
        {
            // A name that is no unit's must not travel on into columns that name units.
            var refused = asked with { HandOverTo = receiver?.UnitId ?? "", HandOver = CallHandOverState.Refused };
            var told = writer.Change(transaction, call, refused, named, CallIssuer.Centre, eventId);
            var why = writer.Change(transaction, told.Call, told.Call, Line(entry, "hand_over_refused", "unknown_unit"), CallIssuer.Centre);
            return why with { Units = told.Units };
        }
        var waits = writer.Change(transaction, call, asked, named, CallIssuer.Centre, eventId);
        if (giver is null || receiver.District != giver.District || receiver.PoliceType != giver.PoliceType)
            return waits;
        var accepted = waits.Call with { HandOver = CallHandOverState.Accepted, Owner = receiver.UnitId, State = CallState.Dispatched };
        var done = Line(entry, "hand_over_accepted", "") with { UnitId = receiver.UnitId, Effect = "changed", State = CallState.Dispatched };
        var change = writer.Change(transaction, waits.Call, accepted, done, CallIssuer.Centre);
        return change with { Units = change.Units.Concat(waits.Units).ToHashSet(StringComparer.Ordinal) };
    }

    private static CallEntry Line(CallEntry entry, string what, string text) =>
        new() { At = entry.At, HappenedAt = entry.At, Actor = "centre", UnitId = entry.UnitId, What = what, State = entry.State, Text = text };
}
