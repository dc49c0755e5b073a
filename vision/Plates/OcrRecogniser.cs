using System.Numerics.Tensors;
using System.Text;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Vision.Plates;

/// <summary>
/// PP-OCRv4's recogniser of 6,623 characters, read only at those that a plate may bear. Slower (5.5 ms) and better on the Chinese
/// character; asked when <see cref="OwnRecogniser"/> is unsure. Not thread-safe.
/// </summary>
internal sealed class OcrRecogniser : IDisposable
{
    public const int Height = 48;

    /// <summary>Wider lines are squeezed: no plate is.</summary>
    public const int MaxWidth = 320;
    private const int MinWidth = 160;

    /// <summary>Widths come in steps, so that few tensors are kept; the rest is zero, as in its training.</summary>
    private const int WidthStep = 32;

    /// <summary>What it may see between the characters: the dot, bolts, the frame.</summary>
    private const string Separators = "·.-•・ ~:*,。、_|'\"";

    private readonly OnnxModel _model;
    private readonly int[] _classOfSymbol;
    private readonly int[] _separators;
    private readonly int _classes;
    private readonly Resampler _resampler = new();
    private readonly BgrImage _line = new();

    public OcrRecogniser(ModelStore models)
    {
        _model = new OnnxModel(models, "ocr-recognise", ["softmax_11.tmp_0"]);
        string[] keys = Encoding.UTF8.GetString(models.Load("ocr-keys")).TrimEnd('\n').Split('\n');
        // Class 0 is the blank, then the keys, then the space.
        var classOf = keys.Append(" ").Select((key, i) => (key, i)).DistinctBy(k => k.key).ToDictionary(k => k.key, k => k.i + 1);
        _classes = keys.Length + 2;
        _classOfSymbol = [.. PlateGrammar.Symbols.Select(s => classOf.GetValueOrDefault(s.ToString(), -1))];
        _separators = [.. Separators.Select(s => classOf.GetValueOrDefault(s.ToString(), -1)).Where(c => c >= 0)];
        _model.Reshape(3, Height, MinWidth);
        if (_model.OutputShape(0)[2] != _classes)
            throw new ModelException($"The model ocr-recognise has {_model.OutputShape(0)[2]} classes, but ocr-keys {_classes}.");
    }

    /// <param name="plate">Upright, of any size, in its natural proportions.</param>
    public void Read(BgrView plate, CtcSteps steps)
    {
        int width = Math.Clamp((int)MathF.Ceiling((float)Height * plate.Width / plate.Height), Height, MaxWidth);
        var line = plate;
        if (plate.Height != Height || plate.Width != width)
        {
            _resampler.Scale(plate, _line, width, Height);
            line = _line.View;
        }
        int padded = Math.Max(MinWidth, (width + WidthStep - 1) / WidthStep * WidthStep);
        _model.Reshape(3, Height, padded);
        PixelKernels.ToPlanes(line, _model.Input, padded, Height, 127.5f, 1 / 127.5f, redFirst: false);
        _model.Run();
        Collect(_model.Output(0), steps);
    }

    public void Dispose() => _model.Dispose();

    private void Collect(ReadOnlySpan<float> output, CtcSteps steps)
    {
        steps.Reset(output.Length / _classes);
        for (int step = 0; step < steps.Count; step++)
        {
            var row = output.Slice(step * _classes, _classes);
            var symbols = steps.Symbols(step);
            for (int s = 0; s < symbols.Length; s++)
                symbols[s] = _classOfSymbol[s] < 0 ? 0 : row[_classOfSymbol[s]];
            float blank = row[0];
            foreach (int c in _separators)
                blank += row[c];
            steps.Set(step, blank, TensorPrimitives.Max(row));
        }
    }
}
