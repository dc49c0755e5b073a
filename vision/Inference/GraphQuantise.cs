using System.Runtime.InteropServices;
using EdgeAgent.Vision.Inference.Onnx;
using Google.Protobuf;

namespace EdgeAgent.Vision.Inference;

/// <summary>
/// Makes convolutions with a ReLU behind them count in whole numbers (ONNX's QLinearConv), in memory when the network is loaded, so
/// that no second file of weights has to be kept and trusted. Activations have 8 bits with the ranges that models.json states,
/// weights 7 bits with a scale for each output channel: with 8, processors without VNNI saturate and would answer differently.
/// </summary>
internal static class GraphQuantise
{
    private const int Float32 = 1;
    private const int UInt8 = 2;
    private const int Int8 = 3;
    private const int Int32 = 6;
    private const int MostActivation = 255;
    private const int MostWeight = 63;

    /// <param name="model">An ONNX file with float32 weights.</param>
    /// <param name="ranges">Least and greatest value of each tensor that may be had in 8 bits, by name. Of a ReLU's output the least is 0.</param>
    /// <returns>The same network; a convolution stays as it was where its input or its ReLU's output is not in <paramref name="ranges"/>.</returns>
    /// <exception cref="ModelException">A range names no tensor of this network, or is none.</exception>
    public static byte[] Apply(byte[] model, IReadOnlyDictionary<string, float[]> ranges)
    {
        var parsed = ModelProto.Parser.ParseFrom(model);
        var graph = parsed.Graph ?? throw new ModelException("The network has no graph.");
        var made = graph.Node.SelectMany(n => n.Output).ToHashSet();
        foreach (var (name, range) in ranges)
            if (!made.Contains(name) || range is not [float least, float most] || !(least <= 0 && most > least && float.IsFinite(most - least)))
                throw new ModelException($"The range of \"{name}\" does not fit this network: let eval activations write it anew.");
        new Rewriter(graph, ranges).Run();
        GraphRewrite.DropUnusedInitializers(graph);
        return parsed.ToByteArray();
    }

    /// <summary>The network with its inner tensors that could be had in 8 bits as further outputs, so that their ranges can be seen.</summary>
    /// <returns>The file, and the names of these outputs: what ReLUs and sums give, but for the first ReLU, whose picture is so large that changing its layout costs what is won.</returns>
    public static (byte[] Model, string[] Names) Expose(byte[] model)
    {
        var parsed = ModelProto.Parser.ParseFrom(model);
        var graph = parsed.Graph ?? throw new ModelException("The network has no graph.");
        string[] names = [.. graph.Node.Where(n => n.OpType == "Relu").Skip(1).Concat(graph.Node.Where(n => n.OpType == "Add")).Select(n => n.Output[0])];
        foreach (string name in names)
            graph.Output.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TensorType { ElemType = Float32 } } });
        return (parsed.ToByteArray(), names);
    }

    private sealed class Rewriter(GraphProto graph, IReadOnlyDictionary<string, float[]> ranges)
    {
        private readonly Dictionary<string, TensorProto> _weights = graph.Initializer.ToDictionary(i => i.Name);
        private readonly HashSet<string> _whole = [];
        private readonly Dictionary<string, Scale> _scales = [];

        public void Run()
        {
            var nodes = graph.Node.ToList();
            var relus = nodes.Where(n => n.OpType == "Relu").GroupBy(n => n.Input[0]).ToDictionary(g => g.Key, g => g.First());
            var readers = nodes.SelectMany(n => n.Input.Select(i => (i, n))).ToLookup(p => p.i, p => p.n);
            var replaced = nodes.Where(n => IsConvolution(n) && relus.TryGetValue(n.Output[0], out var relu) && readers[n.Output[0]].Count() == 1
                && ranges.ContainsKey(n.Input[0]) && ranges.ContainsKey(relu.Output[0])).ToHashSet();
            var outputs = graph.Output.Select(o => o.Name).ToHashSet();
            graph.Node.Clear();
            foreach (var node in nodes)
            {
                if (replaced.Contains(node))
                {
                    string result = relus[node.Output[0]].Output[0];
                    AddConvolution(node, result);
                    if (outputs.Contains(result) || readers[result].Any(r => !replaced.Contains(r)))
                        graph.Node.Add(Node("DequantizeLinear", result, Whole(result), _scales[result].Name, _scales[result].Zero));
                }
                else if (node.OpType != "Relu" || !replaced.Any(c => c.Output[0] == node.Input[0]))
                {
                    graph.Node.Add(node);
                }
            }
        }

        private bool IsConvolution(NodeProto node) =>
            node.OpType == "Conv" && node.Input.Count == 3 && node.Input.Skip(1).All(i => _weights.TryGetValue(i, out var w) && w.DataType == Float32);

        private void AddConvolution(NodeProto conv, string result)
        {
            string input = conv.Input[0], name = conv.Output[0];
            var from = ScaleOf(input);
            if (_whole.Add(input))
                graph.Node.Add(Node("QuantizeLinear", Whole(input), input, from.Name, from.Zero));
            var to = ScaleOf(result);
            _whole.Add(result);

            var weights = _weights[conv.Input[1]];
            float[] values = GraphRewrite.Values(weights), bias = GraphRewrite.Values(_weights[conv.Input[2]]);
            int channels = bias.Length, size = values.Length / channels;
            var steps = new float[channels];
            var wholeWeights = new sbyte[values.Length];
            var wholeBias = new int[channels];
            for (int c = 0; c < channels; c++)
            {
                var row = values.AsSpan(c * size, size);
                float most = 0;
                foreach (float value in row)
                    most = Math.Max(most, Math.Abs(value));
                steps[c] = most > 0 ? most / MostWeight : 1;
                for (int i = 0; i < size; i++)
                    wholeWeights[c * size + i] = (sbyte)Math.Clamp(MathF.Round(row[i] / steps[c]), -MostWeight, MostWeight);
                wholeBias[c] = (int)Math.Clamp(Math.Round(bias[c] / ((double)steps[c] * from.Step)), int.MinValue, int.MaxValue);
            }
            Add($"{name}/weights", Int8, wholeWeights, [.. weights.Dims]);
            Add($"{name}/steps", Float32, steps, [channels]);
            Add($"{name}/zeros", Int8, new sbyte[channels], [channels]);
            Add($"{name}/bias", Int32, wholeBias, [channels]);

            // A copy keeps what rides along unknown: strides, padding and the like.
            var whole = conv.Clone();
            whole.OpType = "QLinearConv";
            whole.Input.Clear();
            whole.Input.AddRange([
                Whole(input), from.Name, from.Zero, $"{name}/weights", $"{name}/steps", $"{name}/zeros", to.Name, to.Zero, $"{name}/bias"]);
            whole.Output[0] = Whole(result);
            graph.Node.Add(whole);
        }

        private Scale ScaleOf(string tensor)
        {
            if (_scales.TryGetValue(tensor, out var known))
                return known;
            float least = ranges[tensor][0], most = ranges[tensor][1];
            float step = (most - least) / MostActivation;
            var scale = new Scale($"{tensor}/step", $"{tensor}/zero", step);
            Add(scale.Name, Float32, [step], []);
            Add(scale.Zero, UInt8, [(byte)Math.Clamp(MathF.Round(-least / step), 0, MostActivation)], []);
            return _scales[tensor] = scale;
        }

        private void Add<T>(string name, int type, T[] values, long[] sides)
            where T : unmanaged
        {
            var tensor = new TensorProto { Name = name, DataType = type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<T>(values)) };
            tensor.Dims.AddRange(sides);
            graph.Initializer.Add(tensor);
        }

        private static string Whole(string tensor) => $"{tensor}/whole";

        private static NodeProto Node(string type, string output, params string[] inputs)
        {
            var node = new NodeProto { OpType = type, Name = $"{output}/{type}" };
            node.Input.AddRange(inputs);
            node.Output.Add(output);
            return node;
        }

        private sealed record Scale(string Name, string Zero, float Step);
    }
}
