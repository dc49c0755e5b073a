namespace EdgeAgent.Agent.Box;

/// <summary>
/// Which share of the configured frames is analysed at a temperature: a step less each time that it was too hot for a while, a step more
/// each time that it was cool for longer. Between both limits nothing changes.
/// </summary>
internal sealed class HeatRule(double hotCelsius, double coolCelsius, TimeProvider time)
{
    // The last one still shows a plate of the main stream (3 frames a second) twice within the gap that its tracker bridges.
    private static readonly float[] Shares = [1, 0.8f, 0.6f, 0.4f];
    private static readonly TimeSpan HotFor = TimeSpan.FromSeconds(20), CoolFor = TimeSpan.FromSeconds(60);

    private int step;
    private long? hotAt, coolAt;

    public float Share => Shares[step];

    /// <returns>Whether the share changed.</returns>
    public bool Take(double celsius)
    {
        hotAt = celsius >= hotCelsius ? hotAt ?? time.GetTimestamp() : null;
        coolAt = celsius < coolCelsius ? coolAt ?? time.GetTimestamp() : null;
        if (step < Shares.Length - 1 && hotAt is { } hot && time.GetElapsedTime(hot) >= HotFor)
        {
            step++;
            hotAt = time.GetTimestamp();
            return true;
        }
        if (step > 0 && coolAt is { } cool && time.GetElapsedTime(cool) >= CoolFor)
        {
            step--;
            coolAt = time.GetTimestamp();
            return true;
        }
        return false;
    }
}
