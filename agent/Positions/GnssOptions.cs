namespace EdgeAgent.Agent.Positions;

/// <summary>Where gpsd listens.</summary>
internal sealed record GnssOptions
{
    /// <summary>Default 127.0.0.1.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Default 2947, gpsd's own.</summary>
    public int Port { get; init; } = 2947;

    public IEnumerable<string> Problems()
    {
        if (Host.Length == 0)
            yield return "Gnss.Host is empty: give gpsd's host, or leave it out.";
        if (Port is < 1 or > 65535)
            yield return $"Gnss.Port is {Port}: give 1 to 65535.";
    }
}
