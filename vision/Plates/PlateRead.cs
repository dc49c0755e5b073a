namespace EdgeAgent.Vision.Plates;

/// <summary>What one picture of a plate says.</summary>
/// <param name="Text">As printed, without separators: 京A12345.</param>
/// <param name="CharacterConfidence">One for each character of <paramref name="Text"/>, 0 … 1.</param>
/// <param name="Rivals">Other texts that fit, best first, with their share of the belief.</param>
/// <param name="Colour">blue, green, yellow, white or black.</param>
/// <param name="Corners">The refined corners, in pixels of the picture that was given.</param>
/// <param name="Margin">Logarithm of the text's likelihood over the likeliest unconstrained reading; 0 best, below −6 doubtful.</param>
public sealed record PlateRead(
    string Text, float[] CharacterConfidence, IReadOnlyList<(string Text, float Confidence)> Rivals,
    string Colour, bool TwoRow, Quad Corners, float Margin)
{
    /// <summary>Confidence of the weakest character; 0 when there is none.</summary>
    public float MinConfidence => CharacterConfidence.Length == 0 ? 0 : CharacterConfidence.Min();
}

/// <summary>What a whole visit says of a plate.</summary>
/// <param name="Votes">How many reads were counted.</param>
/// <param name="Sure">Every character has a clear majority and at least one frame read it well.</param>
public sealed record PlateConsensus(
    string Text, float[] CharacterConfidence, IReadOnlyList<(string Text, float Confidence)> Rivals,
    string Colour, bool TwoRow, int Votes, bool Sure);
