using System.Runtime.InteropServices;
using EdgeAgent.Vision.Inference.Onnx;
using Google.Protobuf;

namespace EdgeAgent.Vision.Inference;

/// <summary>
/// Changes to a network's graph, made in memory when it is loaded, so that the file on disk stays the one whose hash is known.
/// No weight is changed by more than <see cref="Tiny"/>.
/// </summary>
internal static class GraphRewrite
{
    private const int Float32 = 1;

    /// <summary>Smaller weights count as nothing: 10 to the −20 of a face's brightest pixel is no light at all.</summary>
    private const float Tiny = 1e-20f;

    /// <summary>
    /// Cuts UltraFace after its Softmax and frees height and width. What followed decodes boxes with anchors that are baked in for
    /// 320x240; <see cref="Faces.FaceDetector"/> decodes them itself for any size.
    /// Outputs: <c>scores</c> [1,n,2] and <c>offsets</c> [1,n,4].
    /// </summary>
    public static byte[] CutUltraFace(byte[] model)
    {
        var parsed = ModelProto.Parser.ParseFrom(model);
        var graph = parsed.Graph ?? throw new ModelException("UltraFace has no graph.");
        int softmax = graph.Node.ToList().FindIndex(n => n.OpType == "Softmax");
        if (softmax < 0 || graph.Input.Count == 0)
            throw new ModelException("UltraFace has no Softmax to cut after: this is another model.");
        while (graph.Node.Count > softmax + 1)
            graph.Node.RemoveAt(graph.Node.Count - 1);
        string scores = graph.Node[softmax].Output[0];
        string offsets = UnusedConcat(graph)
            ?? throw new ModelException("UltraFace has no box offsets beside its scores: this is another model.");
        RenameOutput(graph, scores, "scores");
        RenameOutput(graph, offsets, "offsets");
        graph.Output.Clear();
        graph.Output.Add(FreeOutput("scores", 2));
        graph.Output.Add(FreeOutput("offsets", 4));
        var sides = graph.Input[0].Type.TensorType.Shape.Dim;
        sides[2].DimParam = "height";
        sides[3].DimParam = "width";
        // Shapes noted for the old size would contradict the new one.
        graph.ValueInfo.Clear();
        DropUnusedInitializers(graph);
        return parsed.ToByteArray();
    }

    /// <summary>
    /// PRelu(x) = a·x + (1−a)·ReLU(x), exactly, as four nodes that ONNX Runtime vectorises and fuses on a CPU; its own PRelu it
    /// does not (fr_feature: 7.4 ms before, 2.5 ms after).
    /// </summary>
    public static byte[] ExpandPRelu(byte[] model)
    {
        var parsed = ModelProto.Parser.ParseFrom(model);
        var graph = parsed.Graph ?? throw new ModelException("The network has no graph.");
        var slopes = graph.Initializer.ToDictionary(i => i.Name);
        var nodes = graph.Node.ToList();
        graph.Node.Clear();
        foreach (var node in nodes)
        {
            if (node.OpType == "PRelu" && slopes.TryGetValue(node.Input[1], out var slope))
                AddExpanded(graph, node, slope);
            else
                graph.Node.Add(node);
        }
        DropUnusedInitializers(graph);
        return parsed.ToByteArray();
    }

    /// <summary>
    /// Makes vanishing weights zero. Training with weight decay leaves thousands of them below what a float holds in full (denormal),
    /// and an Intel core takes some hundred times as long for a product with one: fr_feature 69 ms before, 6 ms after.
    /// </summary>
    /// <returns>The same bytes where there are none.</returns>
    public static byte[] FlushTiny(byte[] model)
    {
        var parsed = ModelProto.Parser.ParseFrom(model);
        if (parsed.Graph is not { } graph)
            return model;
        // PP-OCR's files keep their weights in Constant nodes.
        var constants = graph.Node.Where(n => n.OpType == "Constant").SelectMany(n => n.Attribute).Select(a => a.T);
        int changed = graph.Initializer.Concat(constants).Count(t => t is { DataType: Float32 } && FlushTiny(t));
        return changed > 0 ? parsed.ToByteArray() : model;
    }

    private static bool FlushTiny(TensorProto tensor)
    {
        float[] values = Values(tensor);
        bool any = false;
        foreach (ref float value in values.AsSpan())
        {
            if (value == 0 || MathF.Abs(value) >= Tiny || float.IsNaN(value))
                continue;
            value = 0;
            any = true;
        }
        if (any)
        {
            tensor.FloatData.Clear();
            tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values));
        }
        return any;
    }

    private static void AddExpanded(GraphProto graph, NodeProto prelu, TensorProto slope)
    {
        string x = prelu.Input[0], y = prelu.Output[0];
        float[] a = Values(slope);
        graph.Initializer.Add(PerChannel($"{y}/slope", a));
        graph.Initializer.Add(PerChannel($"{y}/rest", [.. a.Select(v => 1 - v)]));
        graph.Node.Add(Node("Relu", $"{y}/relu", x));
        graph.Node.Add(Node("Mul", $"{y}/relu*rest", $"{y}/relu", $"{y}/rest"));
        graph.Node.Add(Node("Mul", $"{y}/x*slope", x, $"{y}/slope"));
        graph.Node.Add(Node("Add", y, $"{y}/relu*rest", $"{y}/x*slope"));
    }

    private static NodeProto Node(string type, string output, params string[] inputs)
    {
        var node = new NodeProto { OpType = type, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        return node;
    }

    private static TensorProto PerChannel(string name, float[] values)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = Float32,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values)),
        };
        tensor.Dims.AddRange([values.Length, 1, 1]);
        return tensor;
    }

    internal static float[] Values(TensorProto tensor)
    {
        if (tensor.DataType != Float32)
            throw new ModelException($"The tensor {tensor.Name} is not of float32.");
        return tensor.RawData.IsEmpty ? [.. tensor.FloatData] : MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
    }

    /// <summary>The last Concat whose output nothing reads: after the cut that is the box branch.</summary>
    private static string? UnusedConcat(GraphProto graph)
    {
        var read = graph.Node.SelectMany(n => n.Input).ToHashSet();
        return graph.Node.LastOrDefault(n => n.OpType == "Concat" && !read.Contains(n.Output[0]))?.Output[0];
    }

    private static void RenameOutput(GraphProto graph, string from, string to)
    {
        foreach (var node in graph.Node)
            for (int i = 0; i < node.Output.Count; i++)
                if (node.Output[i] == from)
                    node.Output[i] = to;
    }

    private static ValueInfoProto FreeOutput(string name, int columns)
    {
        var type = new TensorType { ElemType = Float32, Shape = new TensorShape() };
        type.Shape.Dim.Add(new Dimension { DimValue = 1 });
        type.Shape.Dim.Add(new Dimension { DimParam = "n" });
        type.Shape.Dim.Add(new Dimension { DimValue = columns });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } };
    }

    internal static void DropUnusedInitializers(GraphProto graph)
    {
        var read = graph.Node.SelectMany(n => n.Input).ToHashSet();
        for (int i = graph.Initializer.Count - 1; i >= 0; i--)
            if (!read.Contains(graph.Initializer[i].Name))
                graph.Initializer.RemoveAt(i);
    }
}
