namespace EdgeAgent.Agent.Alerts;

/// <summary>When a hit becomes an alert, and what it sounds like.</summary>
internal sealed record AlertOptions
{
    /// <summary>
    /// Smallest cosine similarity that counts as a hit. Default 0.487: false accept rate 1e-5 of this face model on LFW
    /// (DESIGN 6); 0.3 to 0.95.
    /// </summary>
    public float FaceThreshold { get; init; } = 0.487f;

    /// <summary>
    /// From this similarity on, a wanted person's alert says "stop". Default 0.58: false accept rate 1e-6 on LFW (DESIGN 6); not
    /// below FaceThreshold.
    /// </summary>
    public float FaceStopThreshold { get; init; } = 0.58f;

    /// <summary>Smallest width of a face that is compared, main-stream pixels. Default 32, 16 to 400.</summary>
    public int FaceMinWidthPx { get; init; } = 32;

    /// <summary>A character read with less confidence than this is doubtful. Default 0.8, 0 to 1.</summary>
    public float DoubtBelow { get; init; } = 0.8f;

    /// <summary>Another reading with at least this confidence speaks against the hit. Default 0.2, 0 to 1.</summary>
    public float RivalFrom { get; init; } = 0.2f;

    /// <summary>After a decision the same entry is not shown again for this long, seconds. Default 300, 0 to 3600.</summary>
    public int RepeatSuppressSeconds { get; init; } = 300;

    /// <summary>A plate list issued longer ago than this is called old, hours. Default 168, 1 to 8784.</summary>
    public int OldListHours { get; init; } = 168;

    public IEnumerable<string> Problems()
    {
        if (FaceThreshold is not (>= 0.3f and <= 0.95f))
            yield return $"Alerts.FaceThreshold is {FaceThreshold}: give 0.3 to 0.95.";
        if (!(FaceStopThreshold >= FaceThreshold))
            yield return $"Alerts.FaceStopThreshold is {FaceStopThreshold}: give no less than FaceThreshold.";
        if (FaceMinWidthPx is < 16 or > 400)
            yield return $"Alerts.FaceMinWidthPx is {FaceMinWidthPx}: give 16 to 400.";
        if (DoubtBelow is not (>= 0 and <= 1))
            yield return $"Alerts.DoubtBelow is {DoubtBelow}: give 0 to 1.";
        if (RivalFrom is not (>= 0 and <= 1))
            yield return $"Alerts.RivalFrom is {RivalFrom}: give 0 to 1.";
        if (RepeatSuppressSeconds is < 0 or > 3600)
            yield return $"Alerts.RepeatSuppressSeconds is {RepeatSuppressSeconds}: give 0 to 3600.";
        if (OldListHours is < 1 or > 8784)
            yield return $"Alerts.OldListHours is {OldListHours}: give 1 to 8784.";
    }
}
