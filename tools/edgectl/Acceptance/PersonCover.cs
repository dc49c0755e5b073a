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
internal sealed class PersonCover(Func<ModelStore?> models) : IDisposable
{
    private const int Most = 64, Quality = 80, Blocks = 6, CoarseBlocks = 24;

    /// <summary>What is found is a little smaller than what can be recognised.</summary>
    private const float Margin = 0.25f;

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
            if (models() is { } store)
            {
                CoverFound(frame, store);
            }
            else
            {
                Coarsen(frame, 0, 0, frame.Width, frame.Height, CoarseBlocks);
            }
            return codec.Encode(frame.View, Quality);
        }
    }

    public void Dispose()
    {
        _faces?.Dispose();
        _plates?.Dispose();
    }

    private void CoverFound(Frame frame, ModelStore store)
    {
        // A low threshold: what may be a face is covered.
        _faces ??= new FaceDetector(store, threshold: 0.4f);
        _plates ??= new PlateDetector(store, threshold: 0.15f);
        Span<FaceBox> faces = stackalloc FaceBox[Most];
        foreach (var face in faces[.._faces.Detect(frame.View, faces)])
            CoverBox(frame, face.X1, face.Y1, face.X2, face.Y2);
        Span<PlateBox> plates = new PlateBox[Most];
        foreach (var plate in plates[.._plates.Detect(frame.View, plates)])
        {
            var (left, top, right, bottom) = plate.Corners.Bounds;
            CoverBox(frame, left, top, right, bottom);
        }
    }

    private static void CoverBox(Frame frame, float left, float top, float right, float bottom)
    {
        float growX = (right - left) * Margin, growY = (bottom - top) * Margin;
        Coarsen(
            frame, Math.Clamp((int)(left - growX), 0, frame.Width), Math.Clamp((int)(top - growY), 0, frame.Height),
            Math.Clamp((int)(right + growX) + 1, 0, frame.Width), Math.Clamp((int)(bottom + growY) + 1, 0, frame.Height), Blocks);
    }

    /// <summary>So many blocks along the longer side, each of the colour of its first pixel.</summary>
    private static void Coarsen(Frame frame, int left, int top, int right, int bottom, int blocks)
    {
        int side = Math.Max(4, Math.Max(right - left, bottom - top) / blocks), stride = frame.View.StrideBytes;
        Span<byte> pixels = frame.Bgr;
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                int from = ((y - ((y - top) % side)) * stride) + (3 * (x - ((x - left) % side)));
                pixels.Slice(from, 3).CopyTo(pixels.Slice((y * stride) + (3 * x), 3));
            }
        }
    }
}
