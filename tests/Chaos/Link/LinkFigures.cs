namespace EdgeAgent.Chaos.Link;

/// <summary>Times from the append in the car to the centre's disk, ms.</summary>
internal sealed record Latency(int Events, double? P50Ms, double? P95Ms, double? MaxMs);

/// <summary>What one profile showed.</summary>
internal sealed record LinkFigures
{
    public required string Profile { get; init; }
    public required int Seed { get; init; }
    public required double Seconds { get; init; }

    /// <summary>Until everything was delivered after the load had ended.</summary>
    public required double DrainSeconds { get; init; }
    public required int Appended { get; init; }
    public required int Lost { get; init; }
    public required long Twice { get; init; }
    public required long Missing { get; init; }
    public required long Refused { get; init; }
    public required long AttachmentsLeft { get; init; }
    public required IReadOnlyDictionary<string, Latency> Latency { get; init; }

    /// <summary>From the network's return until the last urgent event that had waited for it was on the centre's disk, one a return.</summary>
    public required IReadOnlyList<long> UrgentAfterBackMs { get; init; }

    /// <summary>From the instant that the network forgot the connections until the link was known to be down, one each.</summary>
    public required IReadOnlyList<long> DetectedMs { get; init; }

    /// <summary>Age of live positions at their arrival, outside of gaps and the two seconds after them.</summary>
    public required Latency LivePosition { get; init; }
    public required int Sessions { get; init; }

    /// <summary>Of events and attachments, once each.</summary>
    public required long PayloadBytes { get; init; }

    /// <summary>IP packets that the link delivered.</summary>
    public required long WireUpBytes { get; init; }
    public required long WireDownBytes { get; init; }

    public IEnumerable<string> Wrong()
    {
        if (Appended == 0)
            yield return "nothing was appended";
        if (Lost > 0)
            yield return $"{Lost} events never came";
        if (Twice > 0)
            yield return $"{Twice} events stand twice at the centre";
        if (Missing + Refused > 0)
            yield return $"{Missing} numbers missing, {Refused} events refused";
        if (AttachmentsLeft > 0)
            yield return $"{AttachmentsLeft} attachments were not delivered";
        if (UrgentAfterBackMs.Any(ms => ms > 2000))
            yield return $"an urgent event came {UrgentAfterBackMs.Max()} ms after the network was back; 2000 are allowed";
        if (DetectedMs.Any(ms => ms > 10_000))
            yield return $"a black hole was found out after {DetectedMs.Max()} ms; 10,000 are allowed";
    }
}
