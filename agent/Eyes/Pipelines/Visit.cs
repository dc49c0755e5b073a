using EdgeAgent.Eyes.Reading;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Eyes.Pipelines;

/// <summary>
/// One face or plate while it is in front of one camera. The detection thread follows it and plans looks; the reading thread looks
/// and tells. Each side touches its own fields only, except the marked ones.
/// </summary>
internal sealed class Visit(string id, VisitKind kind, int epoch, CameraPipeline camera, long beganMonoMs)
{
    /// <summary>A plate narrower than this in the main stream reads as anything.</summary>
    public const float LeastPlateWidthPx = 36;

    /// <summary>Faces below this are never embedded.</summary>
    public const float LeastFaceWidthPx = 32;

    /// <summary>
    /// In `bench pipeline` nearly all of what scores lower in the sub-stream is no plate, and took four looks of five.
    /// </summary>
    public const float SurePlateScore = 0.35f;

    /// <summary>A car that stands at the kerb for a minute is looked at five times more, if there is time.</summary>
    private const int SparePlateLooks = 5;

    private int _lost;
    private volatile bool _settled;
    private volatile bool _refuted;

    public string Id { get; } = id;

    public VisitKind Kind { get; } = kind;

    public int Epoch { get; } = epoch;

    public CameraPipeline Camera { get; } = camera;

    /// <summary>Nothing of it is older.</summary>
    public long BeganMonoMs { get; } = beganMonoMs;

    // Detection thread.
    public CropPlan Plan { get; } = kind == VisitKind.Face ? new(LeastFaceWidthPx) : new(LeastPlateWidthPx, SurePlateScore, SparePlateLooks);

    public IdentityCheck Identity { get; } = new();

    public long LastSeenMonoMs { get; set; }

    /// <summary>It is among the vehicles that were counted.</summary>
    public bool Counted { get; set; }

    /// <summary>It has been out of sight for a moment, and the reading thread was told to say what it has.</summary>
    public bool OutOfSight { get; set; }

    // Reading thread.
    public PlateVote Vote { get; } = new();

    /// <summary>The clearest plate picture so far, to go with the consensus; null for faces, which are kept nowhere.</summary>
    public PlatePicture? BestPlate { get; set; }

    /// <summary>Looks that showed a plate and could not be read.</summary>
    public int UnreadLooks { get; set; }

    /// <summary>What was told last, so that only a change is told again.</summary>
    public string ToldText { get; set; } = "";

    /// <summary>What the looks at a face have given and what is not told yet; null: nothing, or wiped.</summary>
    public OpenFace? Face { get; set; }

    /// <summary>How much was known of a face when it was told.</summary>
    public float ToldWeight { get; set; }

    /// <summary>Set by the reading thread, read by detection: nothing more is to be learnt from this visit.</summary>
    public bool Settled
    {
        get => _settled;
        set => _settled = value;
    }

    /// <summary>Set by the reading thread, read by detection: a close look found nothing.</summary>
    public bool Refuted
    {
        get => _refuted;
        set => _refuted = value;
    }

    /// <summary>Counted by either thread: looks that were planned but not taken.</summary>
    public void LookLost() => Interlocked.Increment(ref _lost);

    /// <summary>Looks lost since last asked.</summary>
    public int TakeLost() => Interlocked.Exchange(ref _lost, 0);
}

/// <summary>A plate as it was read from one frame.</summary>
internal sealed record PlatePicture(long CapturedMonoMs, long CapturedUnixMs, float WidthPx, float Confidence, byte[] Jpeg);
