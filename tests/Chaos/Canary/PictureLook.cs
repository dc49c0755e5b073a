using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Chaos.Canary;

/// <summary>Whether a picture shows one of the faces or plates that must be nowhere: by the networks that would have cut it out.</summary>
internal sealed class PictureLook : IDisposable
{
    private const float SameFace = 0.45f;
    private const int LeastSide = 16;

    private readonly FramePool pool = new();
    private readonly JpegCodec jpeg = new();
    private readonly FaceDetector faces;
    private readonly FaceEmbedder embedder;
    private readonly PlateDetector plateDetector;
    private readonly PlateReader plateReader;
    private readonly IReadOnlyList<float[]> known;
    private readonly IReadOnlyCollection<string> plates;

    public PictureLook(IReadOnlyList<float[]> known, IReadOnlyCollection<string> plates)
    {
        (this.known, this.plates) = (known, plates);
        var models = ModelStore.Open();
        (faces, embedder) = (FaceDetector.ForPortraits(models), new FaceEmbedder(models));
        (plateDetector, plateReader) = (new PlateDetector(models), new PlateReader(models));
    }

    /// <summary>Pictures that could be decoded.</summary>
    public int Decoded { get; private set; }

    /// <returns>What it shows; null: none of those, or no picture.</returns>
    public string? Look(ReadOnlyMemory<byte> bytes)
    {
        Frame picture;
        try
        {
            picture = jpeg.Decode(bytes.Span, pool);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
        using (picture)
        {
            Decoded++;
            return picture.Width < LeastSide || picture.Height < LeastSide ? null : Face(picture.View) ?? Plate(picture.View);
        }
    }

    private string? Face(BgrView picture)
    {
        Span<FaceBox> found = new FaceBox[32];
        float[] template = new float[FaceEmbedder.Dimension];
        foreach (FaceBox box in found[..faces.Detect(picture, found)])
        {
            _ = embedder.EmbedPortrait(picture, box, template);
            if (known.Any(k => System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(k, template) >= SameFace))
                return "a face on no list";
        }
        return null;
    }

    private string? Plate(BgrView picture)
    {
        Span<PlateBox> found = new PlateBox[16];
        foreach (PlateBox box in found[..plateDetector.Detect(picture, found)])
        {
            if (plateReader.Read(picture, box) is { } read && plates.Contains(read.Text))
                return "a plate on no list";
        }
        return null;
    }

    public void Dispose()
    {
        plateReader.Dispose();
        plateDetector.Dispose();
        embedder.Dispose();
        faces.Dispose();
        jpeg.Dispose();
        pool.Dispose();
    }
}
