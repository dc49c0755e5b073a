using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Chaos.Records;

/// <summary>The clocks of one machine: one that runs since it was switched on, one that anybody can set, and the truth.</summary>
internal sealed class CarClocks(long trueUnixMs) : TimeProvider
{
    private static readonly DateTimeOffset Earliest = new(1970, 1, 2, 0, 0, 0, TimeSpan.Zero), Latest = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private int boots = 1;
    private long elapsedMs;

    public long TrueUnixMs { get; private set; } = trueUnixMs;

    public long WallUnixMs { get; private set; } = trueUnixMs;

    public BootClock Boot => new($"boot-{boots}", () => elapsedMs);

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => elapsedMs;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(WallUnixMs);

    public void Run(long ms)
    {
        elapsedMs += ms;
        TrueUnixMs += ms;
        SetWall(WallUnixMs + ms);
    }

    public void SetWall(long unixMs) => WallUnixMs = Math.Clamp(unixMs, Earliest.ToUnixTimeMilliseconds(), Latest.ToUnixTimeMilliseconds());

    /// <summary>Off for a time and on again. A battery that is dead sets the clock to where such clocks begin.</summary>
    public void SwitchOffAndOn(long offMs, long? deadClockUnixMs)
    {
        TrueUnixMs += offMs;
        SetWall(deadClockUnixMs ?? WallUnixMs + offMs);
        elapsedMs = 0;
        boots++;
    }
}
