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
    /// <summary>How sure a detector is of what may be a face, and is covered for it.</summary>
    public const float MaybeFace = 0.4f;

    private const float MaybePlate = 0.15f;
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
                CoverAll(frame);
            return codec.Encode(frame.View, Quality);
        }
    }

    public void Dispose()
    {
        _faces?.Dispose();
        _plates?.Dispose();
    }

    /// <returns>False: the models are missing or damaged, which a check of their own names, or there are more than can be told.</returns>
    private bool TryCoverFound(Frame frame)
    {
        try
        {
            if (models.Value is not { } store)
                return false;
            return CoverFound(frame, store);
        }
        catch (ModelException)
        {
            return false;
        }
    }

    /// <returns>False: as many were found as there is room for, so that others may stand uncovered.</returns>
    private bool CoverFound(Frame frame, ModelStore store)
    {
        _faces ??= new FaceDetector(store, threshold: MaybeFace);
        _plates ??= new PlateDetector(store, threshold: MaybePlate);
        Span<FaceBox> faces = stackalloc FaceBox[Most];
        faces = faces[.._faces.Detect(frame.View, faces)];
        Span<PlateBox> plates = new PlateBox[Most];
        plates = plates[.._plates.Detect(frame.View, plates)];
        foreach (var face in faces)
            CoverBox(frame, BoxOf(face), Mosaic.FaceTiles);
        foreach (var plate in plates)
        {
            var (x1, y1, x2, y2) = plate.Corners.Bounds;
            CoverBox(frame, new MosaicBox(x1, y1, x2 - x1, y2 - y1), Mosaic.PlateTiles);
        }
        return faces.Length < Most && plates.Length < Most;
    }

    /// <summary>All of the picture as a few tiles.</summary>
    public static void CoverAll(Frame frame) =>
        Mosaic.Cover(frame.Bgr, frame.Width, frame.Height, frame.StrideBytes, new MosaicBox(0, 0, frame.Width, frame.Height), 0, CoarseTiles);

    public static void CoverBox(Frame frame, MosaicBox box, int tiles) =>
        Mosaic.Cover(frame.Bgr, frame.Width, frame.Height, frame.StrideBytes, box, Mosaic.Margin, tiles);

    public static MosaicBox BoxOf(FaceBox face) => new(face.X1, face.Y1, face.X2 - face.X1, face.Y2 - face.Y1);
}
