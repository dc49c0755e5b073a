using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Vision.Faces;

/// <summary>
/// Judges an aligned face. Each limit stands where comparing begins to fail, not where pictures stop being pretty; <c>eval faces</c>
/// prints what they let pass of good pictures and of the same pictures spoilt by known amounts.
/// </summary>
internal sealed class FaceQualityMeter(float minWidthPx)
{
    /// <summary>About 40°: beyond it one half of the face is hardly seen. Of LFW's press photographs one in a hundred has 0.36 or more.</summary>
    private const float MaxYawOffset = 0.45f;

    /// <summary>Either way: the tip of the nose nearly level with the eyes, or with the mouth. One in a hundred of LFW has 0.38.</summary>
    private const float MaxPitchOffset = 0.42f;

    /// <summary>Alignment undoes roll, but the detector and the landmarks were made for upright faces.</summary>
    private const float MaxRollDegrees = 45;

    /// <summary>
    /// A sharp face of the least width that is compared (32 px) has 0.2, and 99 of 100 have 0.117: less than this is blur. LFW's faces
    /// out of focus by 2.5 % of their width have 0.14 and nine of ten still match at FAR 1e-3; by 3.8 %, 0.09 and a third.
    /// </summary>
    private const float MinSharpness = 0.12f;

    /// <summary>LFW's middle: what a sharp portrait has.</summary>
    private const float FullSharpness = 0.3f;

    /// <summary>A quarter of LFW's light is 0.13, and 95 of 100 still match; an eighth is 0.06, and most are not even found.</summary>
    private const float MinExposure = 0.08f;

    /// <summary>Three times LFW's light is 0.95, and four of ten no longer match; twice is 0.87, and nine of ten still do.</summary>
    private const float MaxExposure = 0.94f;

    /// <summary>Plain white: at three times LFW's light three quarters of a face, at twice four tenths.</summary>
    private const float MaxClippedShare = 0.65f;
    private const byte White = 250;

    /// <summary>Five of 255 levels: below it a camera's own noise is as strong as the face.</summary>
    private const float MinContrast = 5 / 255f;

    /// <summary>A face this wide has all the detail that 112 aligned pixels can hold.</summary>
    private const float FullWidthPx = 96;

    /// <summary>Background and hair lie beyond this margin of the aligned picture and do not count.</summary>
    private const int Margin = FaceAligner.Side / 5;
    private const int Inner = FaceAligner.Side - 2 * Margin;
    private const int Step = 2;

    private readonly float[] _grey = new float[FaceAligner.Side * FaceAligner.Side];
    private readonly float[] _smooth = new float[FaceAligner.Side * FaceAligner.Side];

    public FaceQuality Measure(FaceBox box, FacePose pose, BgrImage aligned)
    {
        ToGrey(aligned.Pixels);
        var (mean, contrast, clipped) = Light();
        Smooth();
        float sharpness = Math.Min(Detail(1), Detail(FaceAligner.Side)) / Math.Max(contrast, MinContrast * 255);
        float exposure = mean / 255;
        contrast /= 255;
        var faults = Faults(box, pose, sharpness, exposure, contrast, clipped);
        // Square roots, so that the last few pixels count less than the first.
        float score = Share(box.Width, FullWidthPx) * Share(sharpness, FullSharpness) * Math.Max(0, 1 - MathF.Abs(pose.YawOffset))
            * Math.Max(0, 1 - MathF.Abs(pose.PitchOffset)) * Math.Clamp(1 - MathF.Abs(exposure - 0.5f), 0, 1) * (1 - clipped);
        return new FaceQuality(box.Width, pose, sharpness, exposure, contrast, clipped, float.IsFinite(score) ? score : 0, faults);
    }

    // Each written so that what is no number is a fault.
    private FaceFaults Faults(FaceBox box, FacePose pose, float sharpness, float exposure, float contrast, float clipped) =>
        (box.Width >= minWidthPx ? 0 : FaceFaults.TooSmall)
        | (MathF.Abs(pose.YawOffset) <= MaxYawOffset ? 0 : FaceFaults.TurnedAside)
        | (MathF.Abs(pose.PitchOffset) <= MaxPitchOffset ? 0 : FaceFaults.TurnedUpOrDown)
        | (MathF.Abs(pose.RollDegrees) <= MaxRollDegrees ? 0 : FaceFaults.Tilted)
        | (sharpness >= MinSharpness ? 0 : FaceFaults.Blurred)
        | (exposure >= MinExposure ? 0 : FaceFaults.TooDark)
        | (exposure <= MaxExposure && clipped <= MaxClippedShare ? 0 : FaceFaults.Overexposed)
        | (contrast >= MinContrast ? 0 : FaceFaults.Flat);

    private static float Share(float value, float full) => MathF.Sqrt(Math.Clamp(value / full, 0, 1));

    private void ToGrey(ReadOnlySpan<byte> pixels)
    {
        for (int i = 0; i < _grey.Length; i++)
            _grey[i] = 0.114f * pixels[3 * i] + 0.587f * pixels[3 * i + 1] + 0.299f * pixels[3 * i + 2];
    }

    private (float Mean, float Contrast, float Clipped) Light()
    {
        double sum = 0, squares = 0;
        int white = 0;
        for (int y = Margin; y < FaceAligner.Side - Margin; y++)
        {
            foreach (float v in _grey.AsSpan(y * FaceAligner.Side + Margin, Inner))
            {
                sum += v;
                squares += v * v;
                white += v >= White ? 1 : 0;
            }
        }
        const int Count = Inner * Inner;
        double mean = sum / Count;
        return ((float)mean, (float)Math.Sqrt(Math.Max(0, squares / Count - mean * mean)), (float)white / Count);
    }

    /// <summary>The mean of 3×3 pixels, so that a sensor's noise counts for little beside detail. The picture's edge stays as it was: it is in no measure.</summary>
    private void Smooth()
    {
        const int Side = FaceAligner.Side;
        for (int y = 1; y < Side - 1; y++)
        {
            for (int x = 1; x < Side - 1; x++)
            {
                int i = y * Side + x;
                _smooth[i] = (_grey[i - Side - 1] + _grey[i - Side] + _grey[i - Side + 1] + _grey[i - 1] + _grey[i] + _grey[i + 1]
                    + _grey[i + Side - 1] + _grey[i + Side] + _grey[i + Side + 1]) / 9;
            }
        }
    }

    /// <summary>
    /// Standard deviation of the second difference in one direction (<paramref name="stride"/> 1 across, a row's length down). Each
    /// direction by itself, since motion blurs only along its way.
    /// </summary>
    private float Detail(int stride)
    {
        double sum = 0, squares = 0;
        int step = Step * stride;
        for (int y = Margin; y < FaceAligner.Side - Margin; y++)
        {
            for (int x = Margin; x < FaceAligner.Side - Margin; x++)
            {
                int i = y * FaceAligner.Side + x;
                float v = _smooth[i - step] + _smooth[i + step] - 2 * _smooth[i];
                sum += v;
                squares += v * v;
            }
        }
        const int Count = Inner * Inner;
        double mean = sum / Count;
        return (float)Math.Sqrt(Math.Max(0, squares / Count - mean * mean));
    }
}
