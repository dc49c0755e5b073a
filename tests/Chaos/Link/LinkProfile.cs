using EdgeAgent.Rig.Network;

namespace EdgeAgent.Chaos.Link;

/// <summary>What happens to the network at one instant.</summary>
internal enum LinkFault
{
    /// <summary>Nothing passes and nobody is told.</summary>
    Dark,

    /// <summary>The car's device goes down, as a modem without a cell takes it down.</summary>
    Unplugged,

    /// <summary>As it was at the start.</summary>
    Back,

    /// <summary>Connections that exist are black-holed for ever, new ones pass.</summary>
    Forgotten,
}

/// <summary>When in the run, in seconds from its start.</summary>
internal sealed record LinkMoment(double AtSeconds, LinkFault Fault);

/// <summary>A network's bad day.</summary>
/// <param name="Name">How it is asked for.</param>
/// <param name="Says">One line for people.</param>
/// <param name="Conditions">While it works.</param>
/// <param name="Seconds">Length.</param>
/// <param name="Moments">In order of time.</param>
/// <param name="BacklogEvents">History that waits when it begins.</param>
internal sealed record LinkProfile(string Name, string Says, LinkConditions Conditions, double Seconds, IReadOnlyList<LinkMoment> Moments, int BacklogEvents)
{
    /// <summary>Simulated hours without a network before it begins.</summary>
    public int OfflineHours { get; init; }

    /// <summary>Three days in a place without a network, then 5G again.</summary>
    public static LinkProfile Offline(int hours, double seconds) => new("offline", $"{hours} h without a network, then 5G", LinkConditions.FiveG, seconds, [], 0) { OfflineHours = hours };

    public static readonly IReadOnlyList<string> Names = ["tunnel", "crowd", "flap", "blackhole"];

    public static LinkProfile Make(string name, int seed, double seconds)
    {
        var random = new Random(seed);
        return name switch
        {
            "tunnel" => new(name, "5G with gaps of 1 to 25 s", LinkConditions.FiveG, seconds, Gaps(random, seconds, (5, 10), (1, 25)), 1000),
            "crowd" => new(name, "256 kbit/s, 150 to 250 ms each way, lost in bursts, with a backlog", LinkConditions.Crowd, seconds, [], 3000),
            "flap" => new(name, "5G that comes and goes every few seconds", LinkConditions.FiveG, seconds, Gaps(random, seconds, (1.5, 4), (0.5, 4)), 1000),
            "blackhole" => new(name, "5G whose network forgets every connection now and then", LinkConditions.FiveG, seconds,
                [.. Enumerable.Range(1, Math.Max(1, (int)(seconds / 20) - 1)).Select(turn => new LinkMoment((turn * 20) - 10 + (random.NextDouble() * 5), LinkFault.Forgotten))], 0),
            _ => throw new ScenarioException($"There is no profile '{name}': {string.Join(", ", Names)}."),
        };
    }

    private static List<LinkMoment> Gaps(Random random, double seconds, (double From, double To) up, (double From, double To) down)
    {
        var moments = new List<LinkMoment>();
        for (double at = Draw(up); at < seconds;)
        {
            moments.Add(new LinkMoment(at, random.Next(2) == 0 ? LinkFault.Dark : LinkFault.Unplugged));
            at += Draw(down);
            moments.Add(new LinkMoment(at, LinkFault.Back));
            at += Draw(up);
        }
        return moments;

        double Draw((double From, double To) range) => range.From + (random.NextDouble() * (range.To - range.From));
    }
}
