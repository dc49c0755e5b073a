namespace EdgeAgent.Contract;

/// <summary>What a list is held against: the trusted time, the policy's bounds and what the car holds already.</summary>
public sealed record ListCheck
{
    /// <summary>Trusted time, Unix milliseconds.</summary>
    public required long NowUnixMs { get; init; }

    /// <summary>How far the issuer's clock may be ahead of ours. Default 2 minutes, 0 to 10 minutes.</summary>
    public TimeSpan ClockTolerance { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Largest serialised envelope, bytes. Default 512 MiB.</summary>
    public long MaxEnvelopeBytes { get; init; } = 512L << 20;

    /// <summary>Most plates in a list, whatever its own cap says. Default 10,000,000.</summary>
    public int MaxPlates { get; init; } = 10_000_000;

    /// <summary>Most faces in a list, whatever its own cap says. Default 10,000.</summary>
    public int MaxFaces { get; init; } = 10_000;

    /// <summary>Longest time from issue to end for a list with faces. Default 24 hours.</summary>
    public TimeSpan MaxFaceValidity { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Longest time from issue to end for vehicles tied to a named incident. Default 72 hours.</summary>
    public TimeSpan MaxNamedIncidentValidity { get; init; } = TimeSpan.FromHours(72);

    /// <summary>Longest time from issue to end for other plates. Default 366 days.</summary>
    public TimeSpan MaxPlateValidity { get; init; } = TimeSpan.FromDays(366);

    /// <summary>SHA-256 of the face model in use, 32 bytes; empty: this verifier compares no templates (a centre, a tool).</summary>
    public ReadOnlyMemory<byte> EmbeddingModelSha256 { get; init; }

    /// <summary>Version of this list that is held already, 0 if none. Older ones are refused; a delta must build on exactly this one.</summary>
    public ulong HeldVersion { get; init; }
}
