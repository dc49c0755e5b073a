namespace EdgeAgent.Vision.Matching;

/// <summary>
/// A template in 17 bits a value: value = scale · (512 · high + 2 · low + last), high −127 … 127, low −128 … 127, last 0 or 1.
/// High alone is what a search scans; all three say what the template is.
/// </summary>
internal static class FaceQuantiser
{
    /// <summary>What one step of high stands for.</summary>
    public const int HighStep = 512;

    /// <summary>The greatest number that a value can become.</summary>
    public const int Greatest = (127 * HighStep) + 255;

    /// <summary>No stored template is longer: length one within a hundredth, and half a step of rounding in each value.</summary>
    public const float LongestTemplate = 1.012f;

    /// <summary>Bytes of low and last together.</summary>
    public const int LowBytes = FaceIndex.Dimension + (FaceIndex.Dimension / 8);

    /// <param name="template">512 values, not all zero.</param>
    /// <param name="high">512 bytes.</param>
    /// <param name="low">576 bytes: 512 of low, then the last bits.</param>
    /// <returns>The scale, and the length of what high leaves out, rounded up.</returns>
    public static (float Scale, float Residual) Encode(ReadOnlySpan<float> template, Span<sbyte> high, Span<byte> low)
    {
        float largest = 0;
        foreach (float value in template)
            largest = Math.Max(largest, Math.Abs(value));
        float scale = largest / Greatest;
        low[FaceIndex.Dimension..].Clear();
        double squares = 0;
        for (int i = 0; i < template.Length; i++)
        {
            int number = Math.Clamp((int)Math.Round(template[i] / (double)scale), -Greatest, Greatest);
            int step = (number + (HighStep / 2)) >> 9, rest = number - (step * HighStep);
            high[i] = (sbyte)step;
            low[i] = (byte)(sbyte)(rest >> 1);
            low[FaceIndex.Dimension + (i >> 3)] |= (byte)((rest & 1) << (i & 7));
            squares += (double)rest * rest;
        }
        return (scale, (float)(scale * Math.Sqrt(squares) * 1.000001));
    }
}
