using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>
/// Makes faces and plates in a picture unrecognisable: a report of a car shows who happened to pass by it. Where the models that find
/// them cannot be loaded, all of the picture is coarse. Thread-safe.
/// </summary>
/// <param name="models">Null where they cannot be had.</param>
internal sealed class PersonCover(Lazy<ModelStore?> models) : IDisposable
{
    private const int Most = 64, Quality = 80, CoarseTiles = 24;

    private readonly Lock _gate = new();
    private FaceDetector? _faces;
    private PlateDetector? _plates;

    public byte[] Cover(byte[] jpeg)
    {
        lock (_gate)
        {
            using var pool = new FramePool();
            using var codec = new JpegCodec();
            using Frame frame = codec.Decode(jpeg, pool);
            if (!TryCoverFound(frame))
                Mosaic.Cover(frame.Bgr, frame.Width, frame.Height, frame.StrideBytes, new MosaicBox(0, 0, frame.Width, frame.Height), 0, CoarseTiles);
            return codec.Encode(frame.View, Quality);
        }
    }

    public void Dispose()
    {
        _faces?.Dispose();
        _plates?.Dispose();
    }

    /// <returns>False: the models are missing or damaged, which a check of their own names.</returns>
    private bool TryCoverFound(Frame frame)
    {
        try
        {
            if (models.Value is not { } store)
                return false;
            CoverFound(frame, store);
            return true;
        }
        catch (ModelException)
        {
            return false;
        }
    }

    private void CoverFound(Frame frame, ModelStore store)
    {
        // A low threshold: what may be a face is covered.
        _faces ??= new FaceDetector(store, threshold: 0.4f);
        _plates ??= new PlateDetector(store, threshold: 0.15f);
        Span<FaceBox> faces = stackalloc FaceBox[Most];
        foreach (var face in faces[.._faces.Detect(frame.View, faces)])
            CoverBox(frame, (face.X1, face.Y1, face.X2, face.Y2), Mosaic.FaceTiles);
        Span<PlateBox> plates = new PlateBox[Most];
        foreach (var plate in plates[.._plates.Detect(frame.View, plates)])
            CoverBox(frame, plate.Corners.Bounds, Mosaic.PlateTiles);
    }

    private static void CoverBox(Frame frame, (float X1, float Y1, float X2, float Y2) box, int tiles) =>
        Mosaic.Cover(frame.Bgr, frame.Width, frame.Height, frame.StrideBytes, new MosaicBox(box.X1, box.Y1, box.X2 - box.X1, box.Y2 - box.Y1), Mosaic.Margin, tiles);
}
