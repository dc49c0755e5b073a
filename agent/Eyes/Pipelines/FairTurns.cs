namespace EdgeAgent.Eyes.Pipelines;

/// <summary>A flow's place in virtual time, measured in frames served.</summary>
internal sealed class FairShare
{
    /// <summary>Virtual time at which the frame that waits may be served; not valid while none does.</summary>
    public long Start { get; set; }

    /// <summary>Virtual time at which its last frame was done.</summary>
    public long Finish { get; set; }

    public bool HasStart { get; set; }
}

/// <summary>
/// Whose frame is next: start-time fair queueing (Goyal, Vin, Cheng 1996) with equal weights. A flow that asks for less than its share
/// gets all that it asks for; the others share the rest evenly, so that under overload all rates fall to the same level and none
/// starves. A flow that was silent saves nothing up. One thread; allocates nothing.
/// </summary>
internal sealed class FairTurns
{
    private long _now;
    private int _last;

    /// <summary>The flow to serve next and take a frame from; null when none has one.</summary>
    public FrameFlow? Next(FrameFlow[] flows)
    {
        FrameFlow? next = null;
        int at = 0;
        // Begins behind the flow that was served last: among equals the turn goes round.
        for (int i = 1; i <= flows.Length; i++)
        {
            int index = (_last + i) % flows.Length;
            var flow = flows[index];
            if (!flow.Waits)
                continue;
            if (!flow.Share.HasStart)
            {
                flow.Share.Start = Math.Max(_now, flow.Share.Finish);
                flow.Share.HasStart = true;
            }
            if (next is null || flow.Share.Start < next.Share.Start)
                (next, at) = (flow, index);
        }
        if (next is null)
            return null;
        _last = at;
        _now = next.Share.Start;
        next.Share.Finish = next.Share.Start + 1;
        next.Share.HasStart = false;
        return next;
    }
}
