namespace EdgeAgent.Vision.Plates;

/// <summary>What one picture of a plate says.</summary>
/// <param name="Text">As printed, without separators: 京A12345.</param>
/// <param name="CharacterConfidence">One for each character of <paramref name="Text"/>, 0 … 1.</param>
/// <param name="Rivals">Other texts that fit, best first, with their share of the belief.</param>
/// <param name="Corners">The refined corners, in pixels of the picture that was given.</param>
/// <param name="Margin">Logarithm of the text's likelihood over the likeliest unconstrained reading; 0 best, below −6 doubtful.</param>
/// <param name="Class">What the text and the look say together.</param>
/// <param name="Confidence">Probability that <paramref name="Text"/> is right in every character, calibrated (<see cref="PlateCalibration"/>).</param>
public sealed record PlateRead(
    string Text, float[] CharacterConfidence, IReadOnlyList<(string Text, float Confidence)> Rivals,
    PlateClass Class, bool TwoRow, Quad Corners, float Margin, float Confidence)
{
    /// <summary>Confidence of the weakest character; 0 when there is none.</summary>
    public float MinConfidence => CharacterConfidence.Length == 0 ? 0 : CharacterConfidence.Min();

    /// <summary>blue, green, yellow, white or black; empty when the class leaves it open.</summary>
    public string Colour => PlateClasses.Colour(Class);

    /// <summary>Both recognisers, each alone, read this text.</summary>
    public bool Agreed { get; init; }

    /// <summary>Clearness of its strokes: 1 crisp, 0.1 a blur (one over the columns that an edge is spread over).</summary>
    public float Sharpness { get; init; } = 1;

    /// <summary>
    /// How much a frame counts beside the visit's others, 0.1 … 2: of 120 px a plate shows all there is to read, a blur hides it, and
    /// what the grammar had to bend is half a guess.
    /// </summary>
    public float Quality
    {
        get
        {
            float width = Math.Clamp(Corners.Width / 120, 0.2f, 1.25f);
            float clear = Math.Clamp(Sharpness / 0.3f, 0.3f, 1.25f);
            float straight = Math.Clamp(1 + Margin / 10, 0.3f, 1);
            return Math.Clamp(width * clear * straight * 1.3f, 0.1f, 2);
        }
    }

    /// <summary>
    /// How many characters this text and another differ in, laid beside each other with the fewest edits; null when this one is no
    /// plate's text or the other is longer than any.
    /// </summary>
    public int? DifferenceFrom(string other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!PlateGrammar.Fits(Text) || other.Length > PlateGrammar.MaxLength)
            return null;
        Span<int> places = stackalloc int[PlateGrammar.MaxLength];
        return Math.Max(Text.Length, other.Length) - PlateAlignment.Align(Text, other, places);
    }

    /// <summary>What <see cref="Confidence"/> was computed from, for fitting.</summary>
    internal float[] Features { get; init; } = [];
}

/// <summary>What a whole visit says of a plate.</summary>
/// <param name="Votes">How many reads were counted.</param>
/// <param name="Confidence">Probability that <paramref name="Text"/> is right in every character, calibrated.</param>
/// <param name="Sure">So confident that further reads would change nothing.</param>
public sealed record PlateConsensus(
    string Text, float[] CharacterConfidence, IReadOnlyList<(string Text, float Confidence)> Rivals,
    PlateClass Class, bool TwoRow, int Votes, float Confidence, bool Sure)
{
    /// <summary>blue, green, yellow, white or black; empty when the class leaves it open.</summary>
    public string Colour => PlateClasses.Colour(Class);

    /// <summary>What <see cref="Confidence"/> was computed from, for fitting.</summary>
    internal float[] Features { get; init; } = [];
}
