namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>What every desk of the console needs beside its tables: what time it is, and a way to tell the open consoles.</summary>
internal sealed class ConsoleClock(ConsoleFeed feed, TimeProvider time)
{
    /// <summary>Unix milliseconds.</summary>
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public TimeProvider Time => time;

    /// <summary>This topic may show something else now.</summary>
    public void Changed(string topic) => feed.Changed(topic);
}
