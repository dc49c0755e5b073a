using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Hw.Gnss;
using Patrol.Dispatch.V1;
using Fix = EdgeAgent.Hw.Gnss.GnssFix;

namespace EdgeAgent.Agent.Positions;

/// <summary>Once a second: the live position to the centre, the trail onto disk in segments of ten seconds, the driver bound to each.</summary>
internal sealed class PositionStage(GnssClient gnss, PositionBook book, OfficerDesk officers, TrustedClock clock, Ledger ledger, LiveReport live)
{
    public const int PointsPerSegment = 10;

    private readonly TrackCoder trail = new();

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        Task following = gnss.RunAsync(stop);
        pulse.Degraded("no position from gpsd yet");
        try
        {
            await foreach (Fix fix in gnss.WatchAsync(stop))
            {
                Take(fix, pulse);
                pulse.Beat();
            }
        }
        finally
        {
            Keep(trail.Take());
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Take(Fix fix, StagePulse pulse)
    {
        bool good = fix.Quality != GnssQuality.None && !fix.Stale;
        // Without satellites the receiver's clock is a quartz like any other.
        if (good && fix.Quality != GnssQuality.DeadReckoning && fix.ReceiverUnixMs > 0)
            clock.GnssSaid(fix.ReceiverUnixMs + (clock.MonoMs - fix.ReceivedMonoMs));
        Position position = book.Take(fix, officers.OnDuty?.OfficerId ?? "");
        live.Publish(position);
        if (good)
        {
            if (fix.Quality == GnssQuality.DeadReckoning)
                pulse.Degraded("no satellites: the position is reckoned by wheel and gyroscope");
            else
                pulse.Ok();
            Keep(trail.Add(position));
            if (trail.Points >= PointsPerSegment)
                Keep(trail.Take());
        }
        else
        {
            Keep(trail.Break());
            pulse.Degraded(fix.Stale ? "the position is stale" : "no fix");
        }
    }

    private void Keep(TrackSegment? segment)
    {
        if (segment is not null)
            _ = ledger.AppendIfRoom(Lane.Positions, Priority.History, segment.Base.OfficerId, e => e.Track = segment);
    }
}
