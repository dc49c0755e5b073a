namespace EdgeAgent.Agent.Hosting;

internal enum StageCondition { Starting, Ok, Degraded, Stopped }

/// <summary>What a stage looks like from outside at one moment.</summary>
internal sealed record StageSnapshot(string Name, StageCondition Condition, string Detail, double RateHz, long Restarts);

/// <summary>A stage's own word on how it is doing. Safe from any thread.</summary>
internal sealed class StagePulse(string name, double expectedRateHz, TimeProvider time)
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(3);

    private readonly Lock gate = new();
    private StageCondition condition = StageCondition.Starting;
    private string detail = "";
    private long beats, restarts, windowBeats;
    private long lastBeatAt = time.GetTimestamp(), windowAt = time.GetTimestamp();
    private double rateHz;

    /// <summary>One unit of work done. Counts as being well, unless the stage said otherwise.</summary>
    public void Beat()
    {
        lock (gate)
        {
            beats++;
            lastBeatAt = time.GetTimestamp();
            if (condition == StageCondition.Starting)
                condition = StageCondition.Ok;
        }
    }

    public void Ok() => Set(StageCondition.Ok, "");

    public void Degraded(string why) => Set(StageCondition.Degraded, why);

    internal void Starting() => Set(StageCondition.Starting, "");

    internal void Stopped(string why) => Set(StageCondition.Stopped, why);

    internal void Restarted() => Interlocked.Increment(ref restarts);

    public StageSnapshot Snapshot()
    {
        lock (gate)
        {
            TimeSpan passed = time.GetElapsedTime(windowAt);
            if (passed >= RateWindow)
            {
                rateHz = (beats - windowBeats) / passed.TotalSeconds;
                windowBeats = beats;
                windowAt = time.GetTimestamp();
            }
            TimeSpan silent = time.GetElapsedTime(lastBeatAt);
            bool tooSilent = expectedRateHz > 0 && condition == StageCondition.Ok && silent.TotalSeconds > 5 + 5 / expectedRateHz;
            return tooSilent
                ? new StageSnapshot(name, StageCondition.Degraded, $"silent for {silent.TotalSeconds:0} s", rateHz, Interlocked.Read(ref restarts))
                : new StageSnapshot(name, condition, detail, Math.Round(rateHz, 1), Interlocked.Read(ref restarts));
        }
    }

    private void Set(StageCondition next, string why)
    {
        lock (gate)
        {
            condition = next;
            detail = why;
            lastBeatAt = time.GetTimestamp();
        }
    }
}
