namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A wall clock that a test moves on; timers and ages go their own real way.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long aheadTicks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref aheadTicks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref aheadTicks));
}
