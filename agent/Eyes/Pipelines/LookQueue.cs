namespace EdgeAgent.Eyes.Pipelines;

/// <summary>What the reading thread is asked to do for a visit.</summary>
internal enum LookAct
{
    /// <summary>Cut it out of the main stream at an instant and read it.</summary>
    Look,

    /// <summary>Read it once more: whether a settled visit is still the same plate.</summary>
    Check,

    /// <summary>It is out of sight: tell what is known.</summary>
    Tell,
}

/// <param name="Visit">For whom.</param>
/// <param name="Act">What.</param>
/// <param name="At">The instant to look at; for telling, only the time of the last frame in sight is of meaning.</param>
/// <param name="Last">The visit's looks are used up: what is known after this one is told.</param>
internal readonly record struct LookOrder(Visit Visit, LookAct Act, Candidate At, bool Last);

/// <summary>
/// From detection to reading. Looks are bounded, one a visit and <see cref="MaxLooks"/> in all: beyond that the oldest is dropped and
/// counted, since a newer picture is worth more. Orders to tell carry no picture and are never dropped; there is one a visit.
/// </summary>
internal sealed class LookQueue(Counters counters) : IDisposable
{
    /// <summary>About a second of reading on one core.</summary>
    public const int MaxLooks = 48;

    private readonly Lock _gate = new();
    private readonly List<LookOrder> _orders = [];
    private readonly ManualResetEventSlim _arrived = new();
    private int _looks;

    /// <summary>Whether a look waits: reading is behind.</summary>
    public bool IsBehind => Volatile.Read(ref _looks) > 0;

    public void Add(in LookOrder order)
    {
        lock (_gate)
        {
            var visit = order.Visit;
            int earlier = order.Act != LookAct.Tell ? _orders.FindIndex(o => o.Act != LookAct.Tell && o.Visit == visit) : -1;
            if (earlier >= 0)
            {
                // Reading is behind: the newer picture takes the older one's place in the queue.
                _orders[earlier] = order;
                visit.LookLost();
                counters.LookDropped();
                return;
            }
            if (order.Act != LookAct.Tell && ++_looks > MaxLooks)
                DropOldestLookNeedsLock();
            _orders.Add(order);
            _arrived.Set();
        }
    }

    /// <summary>Moves all orders for the camera that waited longest into <paramref name="taken"/>; false: none came in time.</summary>
    public bool TryTake(List<LookOrder> taken, TimeSpan wait, CancellationToken stop)
    {
        taken.Clear();
        if (!_arrived.Wait(wait, stop))
            return false;
        lock (_gate)
        {
            if (_orders.Count > 0)
            {
                var camera = _orders[0].Visit.Camera;
                // One decoding pass serves everything that is wanted of this camera's last seconds.
                foreach (var order in _orders)
                    if (order.Visit.Camera == camera)
                        taken.Add(order);
                _orders.RemoveAll(o => o.Visit.Camera == camera);
                _looks -= taken.Count(o => o.Act != LookAct.Tell);
            }
            if (_orders.Count == 0)
                _arrived.Reset();
        }
        return taken.Count > 0;
    }

    /// <summary>Forgets orders of a kind, or of a camera that goes away.</summary>
    public void Forget(Predicate<Visit> which)
    {
        lock (_gate)
        {
            _looks -= _orders.Count(o => o.Act != LookAct.Tell && which(o.Visit));
            _orders.RemoveAll(o => which(o.Visit));
        }
    }

    public void Dispose() => _arrived.Dispose();

    private void DropOldestLookNeedsLock()
    {
        int oldest = _orders.FindIndex(o => o.Act != LookAct.Tell);
        _orders[oldest].Visit.LookLost();
        _orders.RemoveAt(oldest);
        _looks--;
        counters.LookDropped();
    }
}
