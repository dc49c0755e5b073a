using System.Diagnostics;

namespace EdgeAgent.Tests.Agent;

/// <summary>Time that flows as it does, can be made to jump ahead, and whose wall clock can be set like any other.</summary>
internal sealed class JumpTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly HashSet<JumpTimer> timers = [];
    private long jumpedTicks;
    private long wallTicks;

    public override long TimestampFrequency => Stopwatch.Frequency;

    public override long GetTimestamp() => Stopwatch.GetTimestamp() + Interlocked.Read(ref jumpedTicks) * (Stopwatch.Frequency / TimeSpan.TicksPerSecond);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref jumpedTicks) + Interlocked.Read(ref wallTicks));

    public long MonoMs => GetTimestamp() * 1000 / TimestampFrequency;

    /// <summary>All that waits for less than this is due at once.</summary>
    public void Jump(TimeSpan by)
    {
        JumpTimer[] all;
        lock (gate)
        {
            jumpedTicks += by.Ticks;
            all = [.. timers];
        }
        foreach (JumpTimer timer in all)
            timer.Jumped(by);
    }

    /// <summary>Sets the wall clock without any time passing.</summary>
    public void SetWall(DateTimeOffset to)
    {
        lock (gate)
            wallTicks += (to - GetUtcNow()).Ticks;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new JumpTimer(this, callback, state, dueTime, period);
        lock (gate)
            _ = timers.Add(timer);
        return timer;
    }

    private void Forget(JumpTimer timer)
    {
        lock (gate)
            _ = timers.Remove(timer);
    }

    private sealed class JumpTimer : ITimer
    {
        private readonly Lock gate = new();
        private readonly JumpTime owner;
        private readonly ITimer real;
        private long dueAt = long.MaxValue;
        private TimeSpan period;

        public JumpTimer(JumpTime owner, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            this.owner = owner;
            real = System.CreateTimer(
                _ =>
                {
                    lock (gate)
                        dueAt = this.period > TimeSpan.Zero ? Stopwatch.GetTimestamp() + Ticks(this.period) : long.MaxValue;
                    callback(state);
                },
                null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _ = Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (gate)
            {
                this.period = period;
                dueAt = dueTime < TimeSpan.Zero ? long.MaxValue : Stopwatch.GetTimestamp() + Ticks(dueTime);
                return real.Change(dueTime, period);
            }
        }

        public void Jumped(TimeSpan by)
        {
            lock (gate)
            {
                if (dueAt == long.MaxValue)
                    return;
                dueAt -= Ticks(by);
                TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), dueAt);
                _ = real.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, period);
            }
        }

        public void Dispose()
        {
            owner.Forget(this);
            real.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            owner.Forget(this);
            return real.DisposeAsync();
        }

        private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);
    }
}
