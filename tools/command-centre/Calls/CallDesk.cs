using System.Data.Common;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>Who acts at a console.</summary>
internal sealed record CallPerson(string Account, string Role, string District)
{
    public CallIssuer Issuer => new(Account, Role);
}

/// <summary>What became of an act: a change, or the code of why not. Nothing is stored with a code.</summary>
internal sealed record CallAnswer(string Code, CallChange? Change)
{
    public static CallAnswer No(string code) => new(code, null);

    public static CallAnswer Yes(CallChange change) => new("", change);
}

/// <summary>What a dispatcher writes down at intake, or corrects later.</summary>
internal sealed record CallFacts(CallKind Kind, bool Urgent, PoliceType PoliceType, string District, CallTexts Texts);

/// <summary>
/// The acts of dispatchers, each in its caller's transaction with its row of the audit. Refusals: unknown_call, unknown_unit, owner_changed,
/// not_now, nothing_asked.
/// </summary>
internal sealed class CallDesk(CallTable calls, CallWriter writer, CallCandidates candidates, UnitFacts units, TimeProvider time)
{
    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public CallChange Take(DbTransaction transaction, CallFacts facts, CallPerson by)
    {
        var call = new CallRecord
        {
            Id = Uuid7.ToGuid(Uuid7.New(time)),
            Number = CallTable.NextNumber(transaction, time.GetLocalNow()),
            Kind = facts.Kind,
            Urgent = facts.Urgent,
            PoliceType = facts.PoliceType,
            District = facts.District,
            ReceivedAt = Now,
            TakenBy = by.Account,
            Texts = facts.Texts,
        };
        AuditTable.Add(transaction, new AuditRow(by.Account, "call_taken", call.Number, ""), Now);
        return writer.Take(transaction, call, Line(by, "taken", CallState.Open) with { Effect = "changed" }, candidates.Nearby(call), by.Issuer);
    }

    public CallAnswer Correct(DbTransaction transaction, Guid callId, CallFacts facts, CallPerson by) => With(transaction, callId, by, "call_changed", "", call =>
    {
        if (CallTransitions.IsOver(call.State))
            return CallAnswer.No("not_now");
        var wanted = call with { Kind = facts.Kind, Urgent = facts.Urgent, PoliceType = facts.PoliceType, Texts = facts.Texts };
        foreach (var unitId in candidates.Nearby(wanted))
            CallEntryTable.AddNearby(transaction, Uuid7.ToBytes(callId), unitId);
        return Changed(transaction, call, wanted, Line(by, "changed", call.State), by);
    });

    /// <summary>To a first or another owner.</summary>
    /// <param name="seenOwner">Whom the dispatcher saw as the owner: two who act at once must not take a car's call away unseen.</param>
    public CallAnswer Dispatch(DbTransaction transaction, Guid callId, string unitId, string seenOwner, CallPerson by) =>
        With(transaction, callId, by, "call_dispatched", unitId, call =>
        {
            if (Reached(transaction, unitId, by) is not { } unit)
                return CallAnswer.No("unknown_unit");
            if (call.Owner != seenOwner)
                return CallAnswer.No("owner_changed");
            if (CallTransitions.Next(call.State, CallAct.Dispatch) is not { } next || call.Owner == unit.UnitId)
                return CallAnswer.No("not_now");
            var wanted = call with
            {
                Owner = unit.UnitId,
                State = next,
                DispatchedBy = by.Account,
                HandOver = call.HandOver == CallHandOverState.Asked ? CallHandOverState.Refused : call.HandOver,
            };
            return Changed(transaction, call, wanted, Line(by, "dispatch", next) with { UnitId = unit.UnitId, Effect = "changed" }, by);
        });

    public CallAnswer AnswerHandOver(DbTransaction transaction, Guid callId, bool accept, string reason, CallPerson by) =>
        With(transaction, callId, by, accept ? "call_hand_over_accepted" : "call_hand_over_refused", "", call =>
        {
            if (call.HandOver != CallHandOverState.Asked || call.HandOverFrom != call.Owner)
                return CallAnswer.No("nothing_asked");
            if (!accept)
            {
                var refused = Line(by, "hand_over_refused", call.State) with { UnitId = call.HandOverFrom, Text = reason };
                return Changed(transaction, call, call with { HandOver = CallHandOverState.Refused }, refused, by);
            }
            if (Reached(transaction, call.HandOverTo, by) is null)
                return CallAnswer.No("unknown_unit");
            if (CallTransitions.Next(call.State, CallAct.Dispatch) is not { } next)
                return CallAnswer.No("not_now");
            var wanted = call with { HandOver = CallHandOverState.Accepted, Owner = call.HandOverTo, State = next, DispatchedBy = by.Account };
            var entry = Line(by, "hand_over_accepted", next) with { UnitId = call.HandOverTo, Effect = "changed", Text = reason };
            return Changed(transaction, call, wanted, entry, by);
        });

    /// <summary>Sends units to help the owner; none: the request is answered with words alone.</summary>
    public CallAnswer AnswerBackUp(DbTransaction transaction, Guid callId, IReadOnlyList<string> unitIds, string text, CallPerson by) =>
        With(transaction, callId, by, "call_back_up", string.Join(' ', unitIds), call =>
        {
            if (CallTransitions.Next(call.State, CallAct.BackUp) is null)
                return CallAnswer.No("not_now");
            if (unitIds.Count == 0 && !call.BackUpOpen)
                return CallAnswer.No("nothing_asked");
            if (unitIds.Any(unitId => unitId == call.Owner || Reached(transaction, unitId, by) is null))
                return CallAnswer.No("unknown_unit");
            foreach (var unitId in unitIds)
                CallEntryTable.SetPart(transaction, Uuid7.ToBytes(callId), unitId, CallPart.BackUp);
            var words = string.Join(' ', unitIds);
            var entry = Line(by, "back_up_answered", call.State) with { Text = text.Length > 0 && words.Length > 0 ? $"{words}: {text}" : words + text };
            // Sent unasked nothing in the row changes, yet every car that has the call must hear who comes.
            var wanted = call with { BackUpOpen = false };
            return CallAnswer.Yes(writer.Change(transaction, call, wanted, entry, by.Issuer, isForCars: true));
        });

    public CallAnswer Note(DbTransaction transaction, Guid callId, string text, CallPerson by) => With(transaction, callId, by, "call_noted", "", call =>
        Changed(transaction, call, call, Line(by, "note", call.State) with { Text = text }, by));

    public CallAnswer Cancel(DbTransaction transaction, Guid callId, string reason, CallPerson by) =>
        End(transaction, callId, CallAct.Cancel, "", reason, by);

    public CallAnswer Close(DbTransaction transaction, Guid callId, string result, string text, CallPerson by) =>
        End(transaction, callId, CallAct.Close, result, text, by);

    /// <summary>Gives the call its recording; one call has one.</summary>
    public CallAnswer Attach(DbTransaction transaction, Guid callId, CallRecording recording, CallPerson by) =>
        With(transaction, callId, by, "call_recording_added", "", call =>
            CallTransitions.IsOver(call.State) || call.Recording is not null
                ? CallAnswer.No("not_now")
                : Changed(transaction, call, call with { Recording = recording }, Line(by, "recording", call.State), by));

    /// <summary>A district's calls and those that its cars have; the city sees all.</summary>
    public bool MaySee(CallRecord call, string district) =>
        district.Length == 0 || call.District == district || units.Find(call.Owner)?.District == district;

    private CallAnswer End(DbTransaction transaction, Guid callId, CallAct act, string result, string text, CallPerson by) =>
        With(transaction, callId, by, act == CallAct.Close ? "call_closed" : "call_cancelled", result, call =>
            CallTransitions.Next(call.State, act) is { } next
                ? Changed(transaction, call, call with { State = next, Result = result }, Line(by, CallWords.Of(act), next) with { Effect = "changed", Text = text }, by)
                : CallAnswer.No("not_now"));

    private CallAnswer With(DbTransaction transaction, Guid callId, CallPerson by, string action, string purpose, Func<CallRecord, CallAnswer> act)
    {
        if (calls.Find(transaction, Uuid7.ToBytes(callId)) is not { } call || !MaySee(call, by.District))
            return CallAnswer.No("unknown_call");
        var answer = act(call);
        if (answer.Code.Length == 0)
            AuditTable.Add(transaction, new AuditRow(by.Account, action, call.Number, purpose), Now);
        return answer;
    }

    private CallAnswer Changed(DbTransaction transaction, CallRecord before, CallRecord wanted, CallEntry entry, CallPerson by) =>
        CallAnswer.Yes(writer.Change(transaction, before, wanted, entry, by.Issuer));

    /// <summary>A unit that is there and that this person may command; null otherwise.</summary>
    private static UnitRow? Reached(DbTransaction transaction, string unitId, CallPerson by) =>
        UnitTable.Find(transaction, unitId) is { RevokedAt: null, EnrolledAt: not null } unit && (by.District.Length == 0 || unit.District == by.District) ? unit : null;

    private CallEntry Line(CallPerson by, string what, CallState state) => new() { At = Now, HappenedAt = Now, Actor = by.Account, What = what, State = state };
}
