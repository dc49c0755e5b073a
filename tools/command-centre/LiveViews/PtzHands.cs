namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>Who steers a camera now.</summary>
/// <param name="FreeAtUnixMs">When it is anybody's again, unless it is moved before.</param>
internal sealed record PtzHand(string UnitId, string CameraId, Guid LeaseId, string Account, long FreeAtUnixMs);

/// <summary>
/// One hand a camera: whoever watches it may steer, one at a time. A hand that rests is let go of; somebody who may can take it over.
/// Bounded: only of views that run.
/// </summary>
internal sealed class PtzHands(TimeProvider time)
{
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);
    private readonly Dictionary<(string UnitId, string CameraId), (PtzHand Hand, long Moved)> held = [];
    private readonly Lock gate = new();

    public IReadOnlyList<PtzHand> All
    {
        get
        {
            lock (gate)
                return [.. held.Values.Where(h => !Rests(h.Moved)).Select(h => h.Hand)];
        }
    }

    /// <summary>Takes or keeps the camera for this view.</summary>
    /// <param name="lease">Whose hand it is to be.</param>
    /// <param name="takeOver">Also from somebody who holds it.</param>
    /// <param name="other">Who held it, where that is another person.</param>
    /// <returns>False: the other one has it still.</returns>
    public bool TryTake(LiveView lease, bool takeOver, out PtzHand? other)
    {
        var key = (lease.Row.UnitId, lease.Row.CameraId);
        lock (gate)
        {
            other = held.TryGetValue(key, out var now) && !Rests(now.Moved) && now.Hand.Account != lease.Row.Account ? now.Hand : null;
            if (other is not null && !takeOver)
                return false;
            var free = (time.GetUtcNow() + Idle).ToUnixTimeMilliseconds();
            held[key] = (new PtzHand(key.UnitId, key.CameraId, lease.Id, lease.Row.Account, free), time.GetTimestamp());
            return true;
        }
    }

    public void Release(Guid leaseId) => Drop(hand => hand.LeaseId == leaseId);

    /// <returns>Whether any was let go of.</returns>
    public bool DropResting()
    {
        lock (gate)
        {
            var resting = held.Where(h => Rests(h.Value.Moved)).Select(h => h.Key).ToList();
            resting.ForEach(key => held.Remove(key));
            return resting.Count > 0;
        }
    }

    private void Drop(Predicate<PtzHand> which)
    {
        lock (gate)
        {
            foreach (var key in held.Where(h => which(h.Value.Hand)).Select(h => h.Key).ToList())
                _ = held.Remove(key);
        }
    }

    private bool Rests(long moved) => time.GetElapsedTime(moved) >= Idle;
}
