using System.Numerics.Tensors;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Vision.Faces;

/// <summary>
/// Turns a face into 512 numbers of length one; the cosine of two of them says how alike the faces are. Which cosine is alike enough:
/// <see cref="FaceThresholds"/>. Not thread-safe.
/// </summary>
public sealed class FaceEmbedder : IDisposable
{
    private const string Model = "face-feature";
    internal const float Mean = 127, Scale = 1f / 128;

    private readonly FaceAligner _aligner;
    private readonly OnnxModel _features;
    private readonly FaceQualityMeter _meter;
    private readonly float[] _both = new float[Dimension];

    /// <exception cref="ModelException">A model is missing, altered or another one.</exception>
    public FaceEmbedder(ModelStore models)
    {
        ArgumentNullException.ThrowIfNull(models);
        _meter = new FaceQualityMeter(models.Entry(Model).Thresholds["minWidthPx"]);
        _aligner = new FaceAligner(models);
        _features = new OnnxModel(models, Model, ["output"], GraphRewrite.ExpandPRelu);
        _features.Reshape(3, FaceAligner.Side, FaceAligner.Side);
        ModelSha256 = models.Sha256Of(Model);
    }

    /// <summary>Length of an embedding.</summary>
    public static int Dimension => 512;

    /// <summary>Hash of the network's file as packaged. Embeddings of networks with different hashes cannot be compared.</summary>
    public byte[] ModelSha256 { get; }

    /// <summary>
    /// Embeds the face and, a little closer, its mirror image, and adds the two: what came of one-sided light, a turned head or an
    /// unlucky cut differs between them and partly cancels. Fills <paramref name="embedding"/> whatever the quality; the caller decides by
    /// <see cref="FaceQuality.Passes"/>.
    /// </summary>
    /// <param name="box">A face of <paramref name="picture"/>, as the detector gave it.</param>
    /// <param name="embedding">512 values, length one; all zero (like no face) when the box is not in the picture.</param>
    public FaceQuality Embed(BgrView picture, FaceBox box, Span<float> embedding)
    {
        if (embedding.Length != Dimension)
            throw new ArgumentException($"an embedding has {Dimension} values, not {embedding.Length}", nameof(embedding));
        embedding.Clear();
        if (!_aligner.TryAlign(picture, box))
            return default;
        Run(_aligner.Aligned.View);
        _features.Output(0).CopyTo(_both);
        Run(_aligner.Mirror(picture));
        TensorPrimitives.Add(_both, _features.Output(0), _both);
        float length = TensorPrimitives.Norm<float>(_both);
        if (!(length > 0) || !float.IsFinite(length))
            return default;
        TensorPrimitives.Divide(_both, length, embedding);
        Array.Clear(_both);
        return _meter.Measure(box, _aligner.Pose, _aligner.Aligned);
    }

    /// <summary>The quality alone, without the two runs of the large network.</summary>
    public FaceQuality Assess(BgrView picture, FaceBox box) =>
        _aligner.TryAlign(picture, box) ? _meter.Measure(box, _aligner.Pose, _aligner.Aligned) : default;

    public void Dispose()
    {
        _aligner.Dispose();
        _features.Dispose();
    }

    private void Run(BgrView face)
    {
        PixelKernels.ToPlanes(face, _features.Input, FaceAligner.Side, FaceAligner.Side, Mean, Scale, redFirst: true);
        _features.Run();
    }
}
