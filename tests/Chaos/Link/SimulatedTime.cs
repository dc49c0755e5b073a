namespace EdgeAgent.Chaos.Link;

/// <summary>
/// A clock that is moved by hand, with its timers: three days in a minute. Later it follows the real one, so that one process can
/// live through the days and then meet a real network.
/// </summary>
internal sealed class SimulatedTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly PriorityQueue<Waiting, long> queue = new();
    private long now = start.UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref now);

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Waiting(this, callback, state);
        _ = timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves on and lets everything that falls due happen, in its order.</summary>
    public void Advance(TimeSpan by)
    {
        long until = GetTimestamp() + by.Ticks;
        while (true)
        {
            Waiting due;
            lock (gate)
            {
                if (!queue.TryPeek(out Waiting? first, out long at) || at > until)
                    break;
                due = queue.Dequeue();
                if (due.DueAt != at)
                    continue;
                Interlocked.Exchange(ref now, Math.Max(now, at));
                due.Next(at);
            }
            // As timers do: elsewhere, so that what follows from it cannot hold up the clock.
            _ = ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), due, preferLocal: false);
        }
        Interlocked.Exchange(ref now, until);
    }

    /// <summary>From now on as fast as another clock.</summary>
    public async Task FollowAsync(TimeProvider real, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2), real);
        long last = real.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stop))
        {
            long next = real.GetTimestamp();
            Advance(real.GetElapsedTime(last, next));
            last = next;
        }
    }

    private sealed class Waiting(SimulatedTime clock, TimerCallback callback, object? state) : ITimer
    {
        private long period;

        /// <summary>Ticks; -1: never. Guarded by the clock's gate.</summary>
        public long DueAt { get; private set; } = -1;

        public bool Change(TimeSpan dueTime, TimeSpan every)
        {
            lock (clock.gate)
            {
                period = every > TimeSpan.Zero ? every.Ticks : 0;
                Set(dueTime == Timeout.InfiniteTimeSpan ? -1 : clock.now + dueTime.Ticks);
            }
            return true;
        }

        public void Next(long at) => Set(period > 0 ? at + period : -1);

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock.gate)
                DueAt = -1;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Set(long at)
        {
            DueAt = at;
            if (at >= 0)
                clock.queue.Enqueue(this, at);
        }
    }
}
