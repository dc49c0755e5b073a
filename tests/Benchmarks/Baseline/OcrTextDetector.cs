using System.Numerics;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Benchmarks.Baseline;

/// <summary>
/// PP-OCRv4's text detector with the post-processing of its authors (DB, Liao et al. 2020): threshold, connected components,
/// smallest rectangle around each, grown by what the training shrank.
/// </summary>
internal sealed class OcrTextDetector : IDisposable
{
    private const int LongSide = 960;
    private const int Multiple = 32;
    private const float PixelThreshold = 0.3f;
    private const float BoxThreshold = 0.5f;
    private const float Unclip = 1.6f;
    private const float MinSide = 3;
    private const int MostBoxes = 300;

    // ImageNet's, applied to blue, green, red as its authors do.
    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    private readonly OnnxModel _model;
    private readonly Resampler _resampler = new();
    private readonly BgrImage _scaled = new();
    private readonly List<Vector2> _component = [];
    private readonly Stack<int> _open = [];
    private bool[] _seen = [];

    public OcrTextDetector(ModelStore models) => _model = new OnnxModel(models, "ocr-detect", ["sigmoid_0.tmp_0"]);

    /// <summary>Text lines of <paramref name="picture"/>.</summary>
    public List<Quad> Detect(BgrView picture)
    {
        float ratio = Math.Min(1, (float)LongSide / Math.Max(picture.Width, picture.Height));
        int width = RoundTo(picture.Width * ratio), height = RoundTo(picture.Height * ratio);
        _resampler.Scale(picture, _scaled, width, height);
        _model.Reshape(3, height, width);
        for (int c = 0; c < 3; c++)
        {
            var plane = _model.Input.Slice(c * width * height, width * height);
            var pixels = _scaled.Pixels;
            for (int i = 0; i < plane.Length; i++)
                plane[i] = (pixels[3 * i + c] / 255f - Mean[c]) / Deviation[c];
        }
        _model.Run();
        return Boxes(width, height, new Vector2((float)picture.Width / width, (float)picture.Height / height));
    }

    public void Dispose() => _model.Dispose();

    private static int RoundTo(float side) => Math.Max(Multiple, (int)MathF.Round(side / Multiple) * Multiple);

    private List<Quad> Boxes(int width, int height, Vector2 toPicture)
    {
        var probability = _model.Output(0);
        if (_seen.Length < probability.Length)
            _seen = new bool[probability.Length];
        Array.Clear(_seen);
        var boxes = new List<Quad>();
        for (int i = 0; i < probability.Length && boxes.Count < MostBoxes; i++)
        {
            if (_seen[i] || !(probability[i] > PixelThreshold))
                continue;
            float score = Collect(probability, i, width, height);
            if (score >= BoxThreshold && MinAreaRectangle.Around(_component) is { } rectangle && Math.Min(rectangle.Width, rectangle.Height) >= MinSide)
                boxes.Add(Ordered(rectangle.Grown(Unclip), toPicture));
        }
        return boxes;
    }

    /// <summary>Gathers the pixels that hang together with <paramref name="start"/>, corners included; returns their mean.</summary>
    private float Collect(ReadOnlySpan<float> probability, int start, int width, int height)
    {
        _component.Clear();
        _open.Push(start);
        _seen[start] = true;
        float sum = 0;
        while (_open.TryPop(out int i))
        {
            int x = i % width, y = i / width;
            _component.Add(new Vector2(x, y));
            sum += probability[i];
            for (int v = Math.Max(0, y - 1); v <= Math.Min(height - 1, y + 1); v++)
            {
                for (int u = Math.Max(0, x - 1); u <= Math.Min(width - 1, x + 1); u++)
                {
                    int j = v * width + u;
                    if (_seen[j] || !(probability[j] > PixelThreshold))
                        continue;
                    _seen[j] = true;
                    _open.Push(j);
                }
            }
        }
        return sum / _component.Count;
    }

    /// <summary>The two left corners, upper first, then the two right ones.</summary>
    private static Quad Ordered(Vector2[] corners, Vector2 toPicture)
    {
        var byX = corners.OrderBy(c => c.X).ToArray();
        var left = byX[..2].OrderBy(c => c.Y).ToArray();
        var right = byX[2..].OrderBy(c => c.Y).ToArray();
        return new Quad(left[0], right[0], right[1], left[1]).Map(toPicture, Vector2.Zero);
    }
}
