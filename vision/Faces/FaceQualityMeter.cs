namespace EdgeAgent.Vision.Faces;

/// <summary>Measures an aligned face. The limits let pass 99 % of LFW's faces, and of the same faces shrunk to 37 px those wide enough.</summary>
internal sealed class FaceQualityMeter(float minWidthPx)
{
    private const float MinSharpness = 2;
    private const float FullSharpness = 12;
    private const float MaxYawOffset = 0.45f;
    private const float MinExposure = 0.12f;
    private const float MaxExposure = 0.92f;

    /// <summary>A face this wide has all the detail that 112 aligned pixels can hold.</summary>
    private const float FullWidthPx = 96;

    private readonly float[] _grey = new float[FaceAligner.Side * FaceAligner.Side];

    public FaceQuality Measure(FaceBox box, FaceAligner aligner)
    {
        ToGrey(aligner.Aligned.Pixels);
        float sharpness = Sharpness(), yaw = aligner.YawOffset, exposure = Exposure();
        float offset = MathF.Abs(yaw);
        bool passes = box.Width >= minWidthPx && sharpness >= MinSharpness && offset <= MaxYawOffset
            && exposure is >= MinExposure and <= MaxExposure;
        float score = Share(box.Width, FullWidthPx) * Share(sharpness, FullSharpness) * Math.Max(0, 1 - offset)
            * Math.Clamp(1 - MathF.Abs(exposure - 0.5f), 0, 1);
        return new FaceQuality(box.Width, sharpness, yaw, exposure, float.IsFinite(score) ? score : 0, passes);
    }

    /// <summary>Square root, so that the last few pixels count less than the first.</summary>
    private static float Share(float value, float full) => MathF.Sqrt(Math.Clamp(value / full, 0, 1));

    private void ToGrey(ReadOnlySpan<byte> pixels)
    {
        for (int i = 0; i < _grey.Length; i++)
            _grey[i] = 0.114f * pixels[3 * i] + 0.587f * pixels[3 * i + 1] + 0.299f * pixels[3 * i + 2];
    }

    private float Exposure() => _grey.Average() / 255;

    /// <summary>Standard deviation of the Laplacian over the inner face, where background and hair do not count.</summary>
    private float Sharpness()
    {
        const int Margin = FaceAligner.Side / 5;
        double sum = 0, squares = 0;
        int count = 0;
        for (int y = Margin; y < FaceAligner.Side - Margin; y++)
        {
            for (int x = Margin; x < FaceAligner.Side - Margin; x++)
            {
                int i = y * FaceAligner.Side + x;
                float v = _grey[i - 1] + _grey[i + 1] + _grey[i - FaceAligner.Side] + _grey[i + FaceAligner.Side] - 4 * _grey[i];
                sum += v;
                squares += v * v;
                count++;
            }
        }
        double mean = sum / count;
        return (float)Math.Sqrt(Math.Max(0, squares / count - mean * mean));
    }
}
