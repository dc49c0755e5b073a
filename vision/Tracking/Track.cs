namespace EdgeAgent.Vision.Tracking;

/// <summary>An upright rectangle that a detector found, in pixels of the detection frame. <c>Index</c> is its place in the detector's answer.</summary>
public readonly record struct TrackBox(float X1, float Y1, float X2, float Y2, float Score, int Index = 0)
{
    public float Width => X2 - X1;

    public float Height => Y2 - Y1;

    internal float CentreX => (X1 + X2) / 2;

    internal float CentreY => (Y1 + Y2) / 2;

    internal bool IsUsable =>
        float.IsFinite(X1) && float.IsFinite(Y1) && float.IsFinite(X2) && float.IsFinite(Y2) && Width > 0 && Height > 0;

    internal TrackBox Shift(float dx, float dy) => this with { X1 = X1 + dx, X2 = X2 + dx, Y1 = Y1 + dy, Y2 = Y2 + dy };
}

/// <summary>One visit of one face or plate to one camera.</summary>
public sealed class Track
{
    internal Track()
    {
    }

    /// <summary>Unique across cameras and restarts; 13 letters and digits. Empty until it is confirmed.</summary>
    public string VisitId { get; internal set; } = "";

    /// <summary>Where it was seen last.</summary>
    public TrackBox Box { get; internal set; }

    /// <summary>Score of <see cref="Box"/>.</summary>
    public float Score => Box.Score;

    /// <summary>Frames in which it was seen.</summary>
    public int Hits { get; internal set; }

    public long FirstMonoMs { get; private set; }

    public long LastMonoMs { get; internal set; }

    /// <summary>Whether it was seen often enough to be more than a flicker of the detector.</summary>
    public bool Confirmed { get; internal set; }

    /// <summary>The owner's state for this visit.</summary>
    public object? Tag { get; set; }

    /// <summary>Pixels per millisecond.</summary>
    internal float VelocityX { get; set; }

    internal float VelocityY { get; set; }

    /// <summary>Starts as seen once; whatever it was before is forgotten.</summary>
    internal void Begin(TrackBox box, long monoMs)
    {
        VisitId = "";
        Confirmed = false;
        Tag = null;
        Box = box;
        FirstMonoMs = LastMonoMs = monoMs;
        Hits = 1;
        VelocityX = VelocityY = 0;
    }
}

/// <summary>When boxes of following frames are the same thing.</summary>
public sealed record TrackerOptions
{
    /// <summary>Frames in which it must be seen before it counts. Default 2, from 1.</summary>
    public int ConfirmHits { get; init; } = 2;

    /// <summary>Longest time unseen, in milliseconds, before the visit has ended. Default 1000, from 1.</summary>
    public long MaxGapMs { get; init; } = 1000;

    /// <summary>Least overlap (intersection over union) with the predicted place. Default 0.2, 0 … 1.</summary>
    public float MinOverlap { get; init; } = 0.2f;

    /// <summary>
    /// Without overlap: farthest centre from the predicted place, in box diagonals. Plates are small and move far between frames.
    /// Default 1.5, from 0.
    /// </summary>
    public float MaxCentreDistance { get; init; } = 1.5f;

    /// <summary>Most tracks held; a new box beyond it is dropped. Default 64, from 1.</summary>
    public int Capacity { get; init; } = 64;
}
