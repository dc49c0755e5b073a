using System.Numerics;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Vision.Faces;

/// <summary>
/// Looks closely at one face near the camera: where it looks, whether its eyes are open, how live it seems, whose it may be. Some
/// 15 ms a picture on one thread. Not thread-safe.
/// </summary>
public sealed class NearFaceReader : IDisposable
{
    private const int LiveSide = 128, PoseSide = 224, EyeSide = 24;

    /// <summary>The networks' own margins: of the box, of the box's height, of the eye's width.</summary>
    private const float LiveScale = 2.7f, PoseScale = 1.5f, EyeScale = 1.6f;

    /// <summary>Beyond these an eye is no more open, and no more shut.</summary>
    private const float MostShut = -6, MostOpen = 8;

    private const int PoseBins = 66;
    private const float DegreesPerBin = 3, FirstBinDegrees = -99;

    /// <summary>A face of less than this share of the nearest one's width is somebody in the background.</summary>
    private const float CountedShare = 0.6f;

    private static readonly float[] s_poseMean = [0.485f, 0.456f, 0.406f], s_poseDeviation = [0.229f, 0.224f, 0.225f];

    private readonly FaceDetector _detector;
    private readonly FaceEmbedder _embedder;
    private readonly OnnxModel _live, _pose, _eye;
    private readonly BgrImage _liveCrop = new(), _poseCrop = new(), _eyeCrop = new();
    private readonly FaceBox[] _found = new FaceBox[16];

    /// <exception cref="ModelException">A model is missing, altered or another one.</exception>
    public NearFaceReader(ModelStore models)
    {
        _detector = FaceDetector.ForPortraits(models);
        _embedder = new FaceEmbedder(models);
        _live = new OnnxModel(models, "face-liveness", ["output"]);
        _pose = new OnnxModel(models, "face-pose", ["output", "617", "618"]);
        _eye = new OnnxModel(models, "face-eye", ["output"]);
        _live.Reshape(3, LiveSide, LiveSide);
        _pose.Reshape(3, PoseSide, PoseSide);
        _eye.Reshape(1, EyeSide, EyeSide);
        _liveCrop.Resize(LiveSide, LiveSide);
        _poseCrop.Resize(PoseSide, PoseSide);
        _eyeCrop.Resize(EyeSide, EyeSide);
    }

    /// <summary>Hash of the network that embeds.</summary>
    public byte[] ModelSha256 => _embedder.ModelSha256;

    /// <summary>How many faces there are, and nothing else.</summary>
    public int Count(BgrView picture) => _detector.Detect(picture, _found);

    /// <param name="picture">The whole picture: what is around the face counts as well.</param>
    /// <param name="embedding">512 values of the nearest face, length one; all zero when there is none.</param>
    public NearFace Look(BgrView picture, Span<float> embedding)
    {
        embedding.Clear();
        int count = _detector.Detect(picture, _found);
        if (count == 0)
            return default;
        var nearest = _found[0];
        foreach (var box in _found.AsSpan(0, count))
            if (box.Width > nearest.Width)
                nearest = box;
        var quality = _embedder.Embed(picture, nearest, embedding);
        if (quality.WidthPx == 0)
            return default;
        int faces = 0;
        foreach (var box in _found.AsSpan(0, count))
            faces += box.Width >= CountedShare * nearest.Width ? 1 : 0;
        var five = _embedder.Aligner.Five;
        var points = _embedder.Aligner.Landmarks;
        var (yaw, pitch, roll) = PoseOf(picture, nearest);
        float open = (EyeOf(picture, points, 36) + EyeOf(picture, points, 42)) / 2;
        return new NearFace(
            faces, nearest, five[0], five[1], five[2], five[3], five[4], yaw, pitch, roll, open,
            (GapOf(points, 36) + GapOf(points, 42)) / 2, LiveOf(picture, nearest), quality);
    }

    public void Dispose()
    {
        _detector.Dispose();
        _embedder.Dispose();
        _live.Dispose();
        _pose.Dispose();
        _eye.Dispose();
    }

    /// <summary>The part of the picture that the liveness network judges: wide around the face, moved back into the picture where it would leave it.</summary>
    internal static (float X, float Y, float Width, float Height) LiveRegion(FaceBox box, int width, int height)
    {
        float scale = MathF.Min(LiveScale, MathF.Min((width - 1) / box.Width, (height - 1) / box.Height));
        float w = box.Width * scale, h = box.Height * scale;
        float x = Math.Clamp((box.X1 + box.X2 - w) / 2, 0, Math.Max(0, width - 1 - w));
        float y = Math.Clamp((box.Y1 + box.Y2 - h) / 2, 0, Math.Max(0, height - 1 - h));
        return (x, y, w, h);
    }

    /// <summary>Height of an eye relative to its width, from its six landmarks.</summary>
    private static float GapOf(ReadOnlySpan<Vector2> points, int first)
    {
        float across = Vector2.Distance(points[first], points[first + 3]);
        float up = Vector2.Distance(points[first + 1], points[first + 5]) + Vector2.Distance(points[first + 2], points[first + 4]);
        return across > 0 ? up / (2 * across) : 0;
    }

    private float LiveOf(BgrView picture, FaceBox box)
    {
        var (x, y, width, height) = LiveRegion(box, picture.Width, picture.Height);
        Cut(picture, _liveCrop, x, y, width / LiveSide, height / LiveSide);
        PixelKernels.ToPlanes(_liveCrop.View, _live.Input, LiveSide, LiveSide, 0, 1, redFirst: false);
        _live.Run();
        var said = _live.Output(0);
        float most = MathF.Max(said[0], MathF.Max(said[1], said[2]));
        float live = MathF.Exp(said[0] - most);
        return live / (live + MathF.Exp(said[1] - most) + MathF.Exp(said[2] - most));
    }

    private (float Yaw, float Pitch, float Roll) PoseOf(BgrView picture, FaceBox box)
    {
        float side = PoseScale * box.Height;
        Cut(picture, _poseCrop, (box.X1 + box.X2 - side) / 2, (box.Y1 + box.Y2 - side) / 2, side / PoseSide, side / PoseSide);
        const int plane = PoseSide * PoseSide;
        var input = _pose.Input;
        var pixels = _poseCrop.Pixels;
        for (int channel = 0; channel < 3; channel++)
            for (int at = 0; at < plane; at++)
                input[channel * plane + at] = (pixels[3 * at + 2 - channel] / 255f - s_poseMean[channel]) / s_poseDeviation[channel];
        _pose.Run();
        // The network counts the other way round.
        return (-DegreesOf(_pose.Output(0)), DegreesOf(_pose.Output(1)), DegreesOf(_pose.Output(2)));
    }

    private static float DegreesOf(ReadOnlySpan<float> bins)
    {
        float most = float.NegativeInfinity, sum = 0, weighted = 0;
        foreach (float bin in bins)
            most = MathF.Max(most, bin);
        for (int i = 0; i < PoseBins; i++)
        {
            float share = MathF.Exp(bins[i] - most);
            sum += share;
            weighted += share * i;
        }
        return weighted / sum * DegreesPerBin + FirstBinDegrees;
    }

    private float EyeOf(BgrView picture, ReadOnlySpan<Vector2> points, int first)
    {
        var middle = (points[first + 1] + points[first + 2] + points[first + 4] + points[first + 5]) / 4;
        float side = EyeScale * Vector2.Distance(points[first], points[first + 3]);
        Cut(picture, _eyeCrop, middle.X - side / 2, middle.Y - side / 2, side / EyeSide, side / EyeSide);
        FaceAligner.ToGrey(_eyeCrop.Pixels, _eye.Input);
        _eye.Run();
        var said = _eye.Output(0);
        return Math.Clamp(said[1] - said[0], MostShut, MostOpen);
    }

    private static void Cut(BgrView picture, BgrImage target, float x, float y, float stepX, float stepY) =>
        Warp.Affine(picture, target, new Matrix3x2(stepX, 0, 0, stepY, x, y), Border.Repeat);
}
