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

    // How a face is cut out: a look in a street has no time for more than two; a portrait is enrolled once and compared a million times.
    private static readonly (float Scale, bool Mirrored)[] s_look = [(1, false), (0.94f, true)];
    private static readonly (float Scale, bool Mirrored)[] s_portrait = [(1, false), (1, true), (0.94f, false), (0.94f, true), (0.88f, false), (0.88f, true)];

    private readonly FaceAligner _aligner;
    private readonly OnnxModel _features;
    private readonly FaceQualityMeter _meter;
    private readonly float[] _sum = new float[Dimension];

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

    /// <summary>Where the face of the last call stood.</summary>
    internal FaceAligner Aligner => _aligner;

    /// <summary>Hash of the network's file as packaged. Embeddings of networks with different hashes cannot be compared.</summary>
    public byte[] ModelSha256 { get; }

    /// <summary>
    /// Embeds the face and, a little closer, its mirror image, and adds the two: what came of one-sided light, a turned head or an
    /// unlucky cut differs between them and partly cancels. Fills <paramref name="embedding"/> whatever the quality; the caller decides by
    /// <see cref="FaceQuality.Passes"/>.
    /// </summary>
    /// <param name="box">A face of <paramref name="picture"/>, as the detector gave it.</param>
    /// <param name="embedding">512 values, length one; all zero (like no face) when the box is not in the picture.</param>
    public FaceQuality Embed(BgrView picture, FaceBox box, Span<float> embedding) => Embed(picture, box, s_look, embedding);

    /// <summary>
    /// As <see cref="Embed(BgrView, FaceBox, Span{float})"/>, for the picture of a listed person: from three distances, each with its
    /// mirror image. May be compared with looks and with other portraits.
    /// </summary>
    public FaceQuality EmbedPortrait(BgrView picture, FaceBox box, Span<float> embedding) => Embed(picture, box, s_portrait, embedding);

    /// <summary>The quality alone, without the two runs of the large network.</summary>
    public FaceQuality Assess(BgrView picture, FaceBox box) =>
        _aligner.TryAlign(picture, box) ? _meter.Measure(box, _aligner.Pose, _aligner.Aligned) : default;

    public void Dispose()
    {
        _aligner.Dispose();
        _features.Dispose();
    }

    private FaceQuality Embed(BgrView picture, FaceBox box, (float Scale, bool Mirrored)[] cuts, Span<float> embedding)
    {
        if (embedding.Length != Dimension)
            throw new ArgumentException($"an embedding has {Dimension} values, not {embedding.Length}", nameof(embedding));
        embedding.Clear();
        if (!_aligner.TryAlign(picture, box))
            return default;
        Array.Clear(_sum);
        foreach (var (scale, mirrored) in cuts)
        {
            Run(scale == 1 && !mirrored ? _aligner.Aligned.View : _aligner.CutAgain(picture, scale, mirrored));
            TensorPrimitives.Add(_sum, _features.Output(0), _sum);
        }
        float length = TensorPrimitives.Norm<float>(_sum);
        if (!(length > 0) || !float.IsFinite(length))
            return default;
        TensorPrimitives.Divide(_sum, length, embedding);
        Array.Clear(_sum);
        return _meter.Measure(box, _aligner.Pose, _aligner.Aligned);
    }

    private void Run(BgrView face)
    {
        PixelKernels.ToPlanes(face, _features.Input, FaceAligner.Side, FaceAligner.Side, Mean, Scale, redFirst: true);
        _features.Run();
    }
}
