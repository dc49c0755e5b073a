using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class CallTransitionTests
{
    private const string Nothing = "-";

    // The whole table, written out a second time by hand: a column an act, a row a state.
    private static readonly CallAct[] Acts =
    [
        CallAct.Dispatch, CallAct.Acknowledge, CallAct.EnRoute, CallAct.Arrive, CallAct.Handle, CallAct.Report,
        CallAct.HandOver, CallAct.BackUp, CallAct.Note, CallAct.Close, CallAct.Cancel,
    ];

    private static readonly (CallState State, string Next)[] Expected =
    [
        (CallState.Unspecified, "- - - - - - - - - - -"),
        (CallState.Open, "Dispatched - - - - - - - - Closed Cancelled"),
        (CallState.Dispatched, "Dispatched Acknowledged EnRoute Arrived Handling Reported Dispatched Dispatched Dispatched Closed Cancelled"),
        (CallState.Acknowledged, "Dispatched - EnRoute Arrived Handling Reported Acknowledged Acknowledged Acknowledged Closed Cancelled"),
        (CallState.EnRoute, "Dispatched - - Arrived Handling Reported EnRoute EnRoute EnRoute Closed Cancelled"),
        (CallState.Arrived, "Dispatched - - - Handling Reported Arrived Arrived Arrived Closed Cancelled"),
        (CallState.Handling, "Dispatched - - - - Reported Handling Handling Handling Closed Cancelled"),
        (CallState.Reported, "- - - - - - - - Reported Closed -"),
        (CallState.Closed, "- - - - - - - - Closed - -"),
        (CallState.Cancelled, "- - - - - - - - Cancelled - -"),
    ];

    [Fact]
    public void Every_state_and_act_leads_where_the_table_says()
    {
        Assert.Equal(Enum.GetValues<CallState>().Order(), Expected.Select(row => row.State).Order());
        Assert.Equal(Enum.GetValues<CallAct>().Where(act => act != CallAct.Unspecified).Order(), Acts.Order());
        foreach (var (state, next) in Expected)
        {
            var cells = next.Split(' ');
            for (var i = 0; i < Acts.Length; i++)
                Assert.True(cells[i] == (CallTransitions.Next(state, Acts[i])?.ToString() ?? Nothing), $"{state} + {Acts[i]}");
            Assert.Null(CallTransitions.Next(state, CallAct.Unspecified));
            Assert.Null(CallTransitions.Next(state, (CallAct)99));
        }
    }

    [Fact]
    public void The_steps_of_one_owner_end_alike_in_any_order_and_however_often()
    {
        CallAct[] steps = [CallAct.Acknowledge, CallAct.EnRoute, CallAct.Arrive, CallAct.Handle, CallAct.Note, CallAct.Report];
        for (var mask = 1; mask < 1 << steps.Length; mask++)
        {
            var chosen = steps.Where((_, i) => (mask & (1 << i)) != 0).ToArray();
            var ends = Orders(chosen).Select(order => Apply([.. order, .. order])).Distinct().ToList();
            Assert.True(ends.Count == 1, string.Join(' ', chosen));
        }
    }

    [Fact]
    public void Nothing_moves_a_call_that_is_over_and_the_centre_alone_ends_one()
    {
        foreach (var state in Enum.GetValues<CallState>().Where(CallTransitions.IsOver))
        {
            foreach (var act in Enum.GetValues<CallAct>())
                Assert.Equal(state, CallTransitions.Next(state, act) ?? state);
        }
        var ending = Expected.SelectMany(row => Acts.Select(act => (act, next: CallTransitions.Next(row.State, act), row.State)))
            .Where(row => row.next is { } next && CallTransitions.IsOver(next) && next != row.State);
        Assert.All(ending, row => Assert.True(CallTransitions.IsCentreOnly(row.act)));
    }

    private static CallState Apply(IEnumerable<CallAct> acts) =>
        acts.Aggregate(CallState.Dispatched, (state, act) => CallTransitions.Next(state, act) ?? state);

    private static IEnumerable<CallAct[]> Orders(CallAct[] acts) => acts.Length <= 1
        ? [acts]
        : acts.SelectMany((act, i) => Orders([.. acts[..i], .. acts[(i + 1)..]]).Select(rest => (CallAct[])[act, .. rest]));
}
