using System.Collections.Frozen;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>
/// The life of a call, shared by car and centre. Steps only move forward, so a late or repeated one changes nothing, whoever
/// applies it and in whatever order it arrives: the same steps of one owner end in the same state in any order.
/// </summary>
public static class CallTransitions
{
    private static readonly FrozenDictionary<(CallState, CallAct), CallState> Table = Build().ToFrozenDictionary();

    /// <summary>
    /// The state after the act. The same state: the act is kept with the call and moves nothing (a note, a request for back-up,
    /// a hand-over that the centre has yet to accept). Null: the act does not apply here and changes nothing.
    /// </summary>
    public static CallState? Next(CallState state, CallAct act) => Table.TryGetValue((state, act), out var next) ? next : null;

    /// <summary>Whether nothing more happens to the call but notes.</summary>
    public static bool IsOver(CallState state) => state is CallState.Closed or CallState.Cancelled;

    /// <summary>Acts that only the centre may make.</summary>
    public static bool IsCentreOnly(CallAct act) => act is CallAct.Dispatch or CallAct.Close or CallAct.Cancel;

    private static Dictionary<(CallState From, CallAct Act), CallState> Build()
    {
        // One row an act: where it leads, and from where it may come.
        CallState[] withOwner = [CallState.Dispatched, CallState.Acknowledged, CallState.EnRoute, CallState.Arrived, CallState.Handling];
        (CallAct Act, CallState To, CallState[] From)[] moves =
        [
            (CallAct.Dispatch, CallState.Dispatched, [CallState.Open, .. withOwner]),
            (CallAct.Acknowledge, CallState.Acknowledged, [CallState.Dispatched]),
            // An officer may press a later step first, in a hurry or with gloves on: what lies between is taken as done.
            (CallAct.EnRoute, CallState.EnRoute, [CallState.Dispatched, CallState.Acknowledged]),
            (CallAct.Arrive, CallState.Arrived, [CallState.Dispatched, CallState.Acknowledged, CallState.EnRoute]),
            (CallAct.Handle, CallState.Handling, [CallState.Dispatched, CallState.Acknowledged, CallState.EnRoute, CallState.Arrived]),
            (CallAct.Report, CallState.Reported, withOwner),
            (CallAct.Close, CallState.Closed, [CallState.Open, .. withOwner, CallState.Reported]),
            (CallAct.Cancel, CallState.Cancelled, [CallState.Open, .. withOwner]),
        ];
        (CallAct Act, CallState[] In)[] kept =
        [
            (CallAct.HandOver, withOwner),
            (CallAct.BackUp, withOwner),
            (CallAct.Note, [.. withOwner, CallState.Reported, CallState.Closed, CallState.Cancelled]),
        ];
        var table = new Dictionary<(CallState, CallAct), CallState>();
        foreach (var (act, to, from) in moves)
        {
            foreach (var state in from)
                table.Add((state, act), to);
        }
        foreach (var (act, states) in kept)
        {
            foreach (var state in states)
                table.Add((state, act), state);
        }
        return table;
    }
}
