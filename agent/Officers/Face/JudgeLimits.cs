namespace EdgeAgent.Agent.Officers.Face;

/// <summary>
/// Where the judge draws its lines. Chosen on the people of one half of the pictures at hand, by `./dev chaos login --tune`, and measured
/// on the other half; see DECISIONS.
/// </summary>
internal sealed record JudgeLimits
{
    public static JudgeLimits Standard { get; } = new();

    /// <summary>Nobody need wait longer for a verdict.</summary>
    public int LongestMs { get; init; } = 20_000;

    /// <summary>Without a face for so long it is no longer certain that it is the same.</summary>
    public int LongestGapMs { get; init; } = 700;

    /// <summary>Nobody reacts sooner to what stands on a screen.</summary>
    public int SoonestMs { get; init; } = 250;

    public int LongestStepMs { get; init; } = 4_500;

    /// <summary>Back at the front is who stays there: one look of a head that still turns may seem so.</summary>
    public int RestMs { get; init; } = 200;

    /// <summary>A second face for longer is a second person, not a slip of the detector; until then it is as no face: nothing counts.</summary>
    public int LongestTwoMs { get; init; } = 700;

    /// <summary>A blink of itself lasts 100 to 300 ms; this one is meant.</summary>
    public int ClosedMs { get; init; } = 450;

    public int LeastWidthPx { get; init; } = 70;

    /// <summary>Change of the nose's place (see <see cref="CabPerson.Relief"/>) that is a turn.</summary>
    public float TurnRelief { get; init; } = 0.14f;

    /// <summary>Up to here nothing was turned.</summary>
    public float QuietRelief { get; init; } = 0.07f;

    /// <summary>Eyes are shut when they are so much less open (see <see cref="CabPerson.Openness"/>) than in the middle of the first looks.</summary>
    public float ShutDrop { get; init; } = 2.5f;

    /// <summary>Of eyes that are no more open than this, as narrow ones or behind dark glasses, nobody can say when they are shut: they are not asked to be.</summary>
    public float LeastOpenness { get; init; } = 10;

    /// <summary>Of a head turned further the far eye seems shut.</summary>
    public float ShutRelief { get; init; } = 0.045f;

    /// <summary>For so long shut eyes may seem open: a slip of a look or two, and less than anybody opens them for.</summary>
    public int LongestSlipMs { get; init; } = 260;

    /// <summary>
    /// Mean chance of being live over the quiet looks. Low: the network takes many live people for pictures (0.004 refused several of the
    /// tuning half, and no attack had come so far), so only what it is quite sure of counts; prints and recordings are the
    /// challenge's to refuse.
    /// </summary>
    public float LeastLive { get; init; } = 0.0005f;

    /// <summary>How alike a look from the front is to those before; and one that is turned or has its eyes shut.</summary>
    public float SameFront { get; init; } = 0.5f;
    public float SameTurned { get; init; } = 0.2f;

    /// <summary>A face does not jump further from look to look than so many of its widths.</summary>
    public float LongestJump { get; init; } = 0.6f;

    /// <summary>Chance that a stranger's attempt, everything else passed, is taken for any officer of the roster.</summary>
    public double FalseAcceptRate { get; init; } = 1e-4;

    /// <summary>So much more alike than to the second officer, in cosine.</summary>
    public float Margin { get; init; } = 0.08f;
}
