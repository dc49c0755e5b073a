using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Live;

/// <summary>
/// Which video the centre may ask for: of a camera that is watched under a lease that runs, from no earlier than that lease, or about an
/// event that this car told of while the ring still reaches back to it. Everything else is refused by name.
/// </summary>
internal sealed class ClipRules(CarOptions options, EyesMedia media, LeaseBook leases, Ledger ledger, TrustedClock clock)
{
    private const int MostReasonCharacters = 300;

    // The centre's clock and ours agree no better than this.
    private const long SlackMs = 2_000;
    private const long LongestMs = 60_000, RingMarginMs = 1_000, FurthestAheadMs = 30_000, AroundEventMs = 120_000;

    /// <returns>"" when it may be had; else why not.</returns>
    public string WhyNot(ClipRequest asked)
    {
        if (string.IsNullOrWhiteSpace(asked.Reason) || asked.Reason.Length > MostReasonCharacters)
            return "reason_required";
        if (media.WhyNoLease(asked.CameraId) is { Length: > 0 } why)
            return why;
        long now = clock.NowUnixMs;
        if (asked.ToUnixMs <= asked.FromUnixMs || asked.ToUnixMs - asked.FromUnixMs > LongestMs || asked.ToUnixMs > now + FurthestAheadMs)
            return "bad_clip_span";
        if (WhyNotHis(asked) is { Length: > 0 } refusal)
            return refusal;
        return asked.FromUnixMs < now - (options.Vision.RingSeconds * 1000L) ? "not_in_ring" : "";
    }

    /// <summary>The last minute, or as much of it as the ring holds.</summary>
    public (long FromUnixMs, long ToUnixMs) JustNow()
    {
        long now = clock.NowUnixMs;
        return (now - Math.Min(LongestMs, (options.Vision.RingSeconds * 1000L) - RingMarginMs), now);
    }

    private string WhyNotHis(ClipRequest asked)
    {
        if (asked.AboutEventId.IsEmpty)
            return leases.BeganAt(asked.LeaseId, asked.CameraId) is not { } began ? "no_lease" : asked.FromUnixMs < began - SlackMs ? "before_lease" : "";
        if (ledger.CapturedAt(asked.AboutEventId) is not { } at)
            return "unknown_event";
        return asked.FromUnixMs < at - AroundEventMs || asked.ToUnixMs > at + AroundEventMs ? "bad_clip_span" : "";
    }
}
