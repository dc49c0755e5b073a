using System.Buffers;
using System.Numerics.Tensors;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Vision.Plates;

/// <summary>The recogniser trained here on drawn plates: quick (0.7 ms), and it tells the colour. Not thread-safe.</summary>
internal sealed class OwnRecogniser : IDisposable
{
    public const int Width = 168;
    public const int Height = 48;

    /// <summary>Its classes in their order; class 0 is the blank.</summary>
    private const string Alphabet = PlateGrammar.Provinces + "学警港澳挂使领民航" + "0123456789" + "ABCDEFGHJKLMNPQRSTUVWXYZ" + "IO";

    private static readonly SearchValues<char> Taught = SearchValues.Create(Alphabet);

    private readonly OnnxModel _model;
    private readonly int[] _classOfSymbol;
    private readonly int _classes;
    private float[] _row = [];

    public OwnRecogniser(ModelStore models)
    {
        _model = new OnnxModel(models, "plate-recognise", ["logits", "color"]);
        _model.Reshape(3, Height, Width);
        _classes = (int)_model.OutputShape(0)[2];
        if (_classes != Alphabet.Length + 1)
            throw new ModelException($"The model plate-recognise has {_classes} classes, not {Alphabet.Length + 1}.");
        _classOfSymbol = [.. PlateGrammar.Symbols.Select(s => Alphabet.IndexOf(s, StringComparison.Ordinal) is var i and >= 0 ? i + 1 : -1)];
    }

    /// <summary>Whether it was taught every character of <paramref name="text"/>.</summary>
    public static bool Knows(string text) => text.AsSpan().IndexOfAnyExcept(Taught) < 0;

    /// <param name="plate">Upright, <see cref="Width"/> × <see cref="Height"/>.</param>
    /// <param name="colours">Receives a probability for each of <see cref="PlateClasses.Colours"/>.</param>
    public void Read(BgrView plate, CtcSteps steps, Span<float> colours)
    {
        PixelKernels.ToPlanes(plate, _model.Input, Width, Height, 127.5f, 1 / 127.5f, redFirst: false);
        _model.Run();
        var logits = _model.Output(0);
        steps.Reset(logits.Length / _classes);
        if (_row.Length < _classes)
            _row = new float[_classes];
        for (int step = 0; step < steps.Count; step++)
        {
            TensorPrimitives.SoftMax(logits.Slice(step * _classes, _classes), _row);
            var symbols = steps.Symbols(step);
            for (int s = 0; s < symbols.Length; s++)
                symbols[s] = _classOfSymbol[s] < 0 ? 0 : _row[_classOfSymbol[s]];
            steps.Set(step, _row[0], TensorPrimitives.Max(_row));
        }
        TensorPrimitives.SoftMax(_model.Output(1)[..colours.Length], colours);
    }

    public void Dispose() => _model.Dispose();
}
