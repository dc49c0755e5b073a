using Microsoft.ML.OnnxRuntime;

namespace EdgeAgent.Vision.Inference;

/// <summary>
/// One network on one thread. Input and output tensors are allocated once per input shape and used again: write
/// <see cref="Input"/>, call <see cref="Run"/>, read <see cref="Output"/>. Not thread-safe.
/// </summary>
internal sealed class OnnxModel : IDisposable
{
    /// <summary>Shapes kept ready. Cameras use one each; pictures of every size must not pile up tensors.</summary>
    private const int ShapesKept = 8;

    private readonly string _name;
    private readonly string _inputName;
    private readonly string[] _outputNames;
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly List<Bound> _bound = [];
    private Bound? _current;

    /// <param name="store">Where the file comes from.</param>
    /// <param name="name">Its name in models.json, whose shapes are compared with the network's.</param>
    /// <param name="outputs">Names of the outputs, in the order in which <see cref="Output"/> counts them.</param>
    /// <param name="rewrite">Changes the graph before it is compiled; the declared shapes are those after it.</param>
    /// <exception cref="ModelException">Missing, altered, not a network, or of other shapes than declared.</exception>
    public OnnxModel(ModelStore store, string name, string[] outputs, Func<byte[], byte[]>? rewrite = null)
    {
        _name = name;
        _outputNames = outputs;
        var entry = store.Entry(name);
        byte[] bytes = store.Load(name);
        try
        {
            bytes = GraphRewrite.FlushTiny(bytes);
            _session = store.Execution.Open(rewrite is null ? bytes : rewrite(bytes));
        }
        catch (Exception e) when (e is OnnxRuntimeException or Google.Protobuf.InvalidProtocolBufferException)
        {
            throw new ModelException($"The model {name} cannot be loaded: {e.Message}", e);
        }
        _inputName = _session.InputMetadata.Keys.First();
        CheckShapes("input", entry.Inputs, _session.InputMetadata, [_inputName]);
        CheckShapes("output", entry.Outputs, _session.OutputMetadata, outputs);
    }

    /// <summary>The input tensor, row-major, for the shape last given to <see cref="Reshape"/>.</summary>
    public Span<float> Input => Current.Input;

    private Bound Current => _current ?? throw new InvalidOperationException($"{_name} was given no shape");

    /// <summary>Makes the tensors for an input of this shape the current ones. Free when the shape was seen lately.</summary>
    public void Reshape(int channels, int height, int width)
    {
        if (_current is not null && _current.Is(channels, height, width))
            return;
        _current = Take(channels, height, width) ?? Make(channels, height, width);
        // The list runs from the longest unused to the current one.
        _bound.Add(_current);
    }

    public void Run() => _session.RunWithBinding(_runOptions, Current.Binding);

    /// <summary>Output <paramref name="index"/> of the last run, row-major.</summary>
    public ReadOnlySpan<float> Output(int index) => Current.Outputs[index];

    /// <summary>Shape of output <paramref name="index"/> for the current input shape.</summary>
    public ReadOnlySpan<long> OutputShape(int index) => Current.OutputShapes[index];

    public void Dispose()
    {
        foreach (var bound in _bound)
            bound.Dispose();
        _bound.Clear();
        _current = null;
        _runOptions.Dispose();
        _session.Dispose();
    }

    private Bound? Take(int channels, int height, int width)
    {
        for (int i = 0; i < _bound.Count; i++)
        {
            if (!_bound[i].Is(channels, height, width))
                continue;
            var known = _bound[i];
            _bound.RemoveAt(i);
            return known;
        }
        return null;
    }

    private Bound Make(int channels, int height, int width)
    {
        if (_bound.Count == ShapesKept)
        {
            _bound[0].Dispose();
            _bound.RemoveAt(0);
        }
        return new Bound(_session, _inputName, _outputNames, _runOptions, [1, channels, height, width]);
    }

    private void CheckShapes(
        string kind, IReadOnlyDictionary<string, long[]> declared, IReadOnlyDictionary<string, NodeMetadata> actual, string[] used)
    {
        foreach (string name in used)
        {
            if (!declared.TryGetValue(name, out var want) || !actual.TryGetValue(name, out var node))
                throw new ModelException($"The model {_name} should have an {kind} \"{name}\"; models.json and the file disagree.");
            if (node.ElementType != typeof(float) || !Fits(want, node.Dimensions))
                throw new ModelException(
                    $"The model {_name} should have the {kind} \"{name}\" of shape [{string.Join(',', want)}], not [{string.Join(',', node.Dimensions)}].");
        }
    }

    /// <summary>A free side (−1) on either hand fits anything.</summary>
    private static bool Fits(long[] want, int[] have) =>
        want.Length == have.Length && want.Zip(have).All(p => p.First < 0 || p.Second < 0 || p.First == p.Second);

    /// <summary>Tensors of one input shape, pinned for as long as they live.</summary>
    private sealed class Bound : IDisposable
    {
        private readonly long[] _shape;
        private readonly float[] _input;
        private readonly float[][] _outputs;
        private readonly List<OrtValue> _values = [];

        public Bound(InferenceSession session, string inputName, string[] outputNames, RunOptions options, long[] shape)
        {
            _shape = shape;
            _input = new float[shape.Aggregate(1L, (a, b) => a * b)];
            Binding = session.CreateIoBinding();
            var input = Keep(OrtValue.CreateTensorValueFromMemory(_input, shape));
            Binding.BindInput(inputName, input);
            // One run without given outputs tells their shapes, also for networks with free sides.
            using (var first = session.Run(options, [inputName], [input], outputNames))
                OutputShapes = [.. first.Select(o => o.GetTensorTypeAndShape().Shape)];
            _outputs = [.. OutputShapes.Select(s => new float[s.Aggregate(1L, (a, b) => a * b)])];
            for (int i = 0; i < outputNames.Length; i++)
                Binding.BindOutput(outputNames[i], Keep(OrtValue.CreateTensorValueFromMemory(_outputs[i], OutputShapes[i])));
        }

        public OrtIoBinding Binding { get; }

        public Span<float> Input => _input;

        public float[][] Outputs => _outputs;

        public long[][] OutputShapes { get; }

        public bool Is(int channels, int height, int width) => _shape[1] == channels && _shape[2] == height && _shape[3] == width;

        public void Dispose()
        {
            Binding.Dispose();
            foreach (var value in _values)
                value.Dispose();
        }

        private OrtValue Keep(OrtValue value)
        {
            _values.Add(value);
            return value;
        }
    }
}
