using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Calls;

/// <summary>
/// Which calls this car stands at, by its own position: for those the page offers "arrived". It never arrives by itself: driving past
/// is no arrival, and a receiver can be wrong.
/// </summary>
internal sealed class ArrivalWatch
{
    // Past this share of the distance the offer is taken back; in between it stays, so that a shaky position makes no flicker.
    private const double Beyond = 1.3;

    private readonly CallBook calls;
    private readonly CallOptions options;
    private readonly TrustedClock clock;
    private readonly Lock gate = new();
    private readonly Dictionary<ByteString, long> insideSinceMonoMs = [];

    public ArrivalWatch(PositionBook positions, CallBook calls, CarOptions options, TrustedClock clock)
    {
        (this.calls, this.options, this.clock) = (calls, options.Calls, clock);
        positions.Moved += Take;
    }

    public bool IsOffered(ByteString callId)
    {
        lock (gate)
            return insideSinceMonoMs.TryGetValue(callId, out long since) && clock.MonoMs - since >= options.ArrivedSeconds * 1000L;
    }

    private void Take(Position position)
    {
        // Without a fix nothing is known: what stood stands.
        if (position.Stale || position.Fix is GnssFix.None or GnssFix.Unspecified)
            return;
        Call[] due = [.. calls.Calls.Where(c => c.Place is not null && CallBook.IsOwn(c) && IsOnTheWay(calls.OwnState(c)))];
        lock (gate)
        {
            foreach (ByteString gone in insideSinceMonoMs.Keys.Except(due.Select(c => c.CallId)).ToArray())
                _ = insideSinceMonoMs.Remove(gone);
            foreach (Call call in due)
            {
                double metres = LocalPlane.Around(call.Place).Of(position.LatitudeDegrees, position.LongitudeDegrees).Length;
                if (metres <= options.ArrivedMetres)
                    _ = insideSinceMonoMs.TryAdd(call.CallId, clock.MonoMs);
                else if (metres > options.ArrivedMetres * Beyond)
                    _ = insideSinceMonoMs.Remove(call.CallId);
            }
        }
    }

    private static bool IsOnTheWay(CallState state) => state is CallState.Dispatched or CallState.Acknowledged or CallState.EnRoute;
}
