using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Vision.Faces;

/// <summary>
/// Finds faces with UltraFace RFB. At 640×360 it finds 95 % of faces 20 px wide in a 1280×720 frame; 320×240 is for a face near
/// the camera. Not thread-safe.
/// </summary>
public sealed class FaceDetector : IDisposable
{
    private const float Mean = 127;
    private const float CentreVariance = 0.1f;
    private const float SizeVariance = 0.2f;
    private static readonly (int Stride, float[] Sides)[] Levels =
        [(8, [10, 16, 24]), (16, [32, 48]), (32, [64, 96]), (64, [128, 192, 256])];

    private readonly OnnxModel _model;
    private readonly Resampler _resampler = new();
    private readonly BgrImage _scaled = new();
    private readonly List<FaceBox> _candidates = [];
    private readonly Anchor[] _anchors;
    private readonly int _width;
    private readonly int _height;
    private readonly float _threshold;
    private readonly float _overlap;

    /// <param name="models">Where the network comes from.</param>
    /// <param name="inputWidth">Pictures are fitted into this width, without stretching, 64 … 4096.</param>
    /// <param name="inputHeight">And this height.</param>
    /// <param name="threshold">Least score of a face, 0 … 1.</param>
    /// <exception cref="ModelException">The model is missing, altered or another one.</exception>
    public FaceDetector(ModelStore models, int inputWidth = 640, int inputHeight = 360, float threshold = 0.7f)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputWidth, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputHeight, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputWidth, 4096);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputHeight, 4096);
        _width = inputWidth;
        _height = inputHeight;
        _threshold = threshold;
        _overlap = models.Entry("face-detect").Thresholds["overlap"];
        _anchors = [.. Anchors(inputWidth, inputHeight)];
        _model = new OnnxModel(models, "face-detect", ["scores", "offsets"], GraphRewrite.CutUltraFace);
        _model.Reshape(3, inputHeight, inputWidth);
        if (_model.Output(0).Length != 2 * _anchors.Length || _model.Output(1).Length != 4 * _anchors.Length)
            throw new ModelException($"The model face-detect answers {_model.Output(0).Length / 2} places at {inputWidth}x{inputHeight}, not {_anchors.Length}.");
    }

    /// <summary>What the network is given: planes of red, green and blue.</summary>
    internal ReadOnlySpan<float> Input => _model.Input;

    /// <summary>For pictures of one near face, such as an enrolment portrait or the cab camera: 320×240, 1.3 ms.</summary>
    public static FaceDetector ForPortraits(ModelStore models) => new(models, 320, 240, 0.5f);

    /// <summary>Faces of <paramref name="picture"/>, best first.</summary>
    /// <param name="found">Filled from the start; further faces are left out.</param>
    /// <returns>How many were found; 0 for an empty picture.</returns>
    public int Detect(BgrView picture, Span<FaceBox> found)
    {
        if (picture.IsEmpty || found.IsEmpty)
            return 0;
        float scale = Fit(picture);
        _model.Run();
        Decode(1 / scale);
        return Suppression.KeepBest(_candidates, _overlap, found);
    }

    public void Dispose() => _model.Dispose();

    /// <summary>Fits the picture into the upper left of the network's input, unstretched, the rest as grey as the mean.</summary>
    /// <returns>Input pixels a picture pixel.</returns>
    internal float Fit(BgrView picture)
    {
        float scale = Math.Min((float)_width / picture.Width, (float)_height / picture.Height);
        int width = Math.Clamp((int)MathF.Round(picture.Width * scale), 1, _width);
        int height = Math.Clamp((int)MathF.Round(picture.Height * scale), 1, _height);
        var view = picture;
        if (width != picture.Width || height != picture.Height)
        {
            _resampler.Scale(picture, _scaled, width, height);
            view = _scaled.View;
        }
        PixelKernels.ToPlanes(view, _model.Input, _width, _height, Mean, 1f / 128, redFirst: true);
        return scale;
    }

    private void Decode(float toPicture)
    {
        _candidates.Clear();
        var scores = _model.Output(0);
        var offsets = _model.Output(1);
        for (int i = 0; i < _anchors.Length; i++)
        {
            float score = scores[2 * i + 1];
            // Written so that a NaN is not a face.
            if (!(score > _threshold))
                continue;
            var anchor = _anchors[i];
            var o = offsets.Slice(4 * i, 4);
            float x = anchor.X + o[0] * CentreVariance * anchor.Width, y = anchor.Y + o[1] * CentreVariance * anchor.Height;
            float halfWidth = MathF.Exp(o[2] * SizeVariance) * anchor.Width / 2, halfHeight = MathF.Exp(o[3] * SizeVariance) * anchor.Height / 2;
            var box = new FaceBox(
                (x - halfWidth) * toPicture, (y - halfHeight) * toPicture, (x + halfWidth) * toPicture, (y + halfHeight) * toPicture, score);
            if (box.IsUsable)
                _candidates.Add(box);
        }
    }

    /// <summary>Places and sizes that the network's answers are relative to, in input pixels, in the order of its answers.</summary>
    private static IEnumerable<Anchor> Anchors(int width, int height)
    {
        foreach (var (stride, sides) in Levels)
        {
            int columns = (width + stride - 1) / stride, rows = (height + stride - 1) / stride;
            for (int y = 0; y < rows; y++)
                for (int x = 0; x < columns; x++)
                    foreach (float side in sides)
                        yield return new Anchor(
                            Math.Min(width, (x + 0.5f) * stride), Math.Min(height, (y + 0.5f) * stride),
                            Math.Min(width, side), Math.Min(height, side));
        }
    }

    private readonly record struct Anchor(float X, float Y, float Width, float Height);
}
