using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;
using EdgeAgent.Vision.Tracking;

namespace EdgeAgent.Eyes.Pipelines;

/// <summary>
/// The networks that find faces and plates in whole frames. Boxes come out in pixels of a picture that is
/// <see cref="CameraPipeline.TrackedWidth"/> wide, whatever the frame's size. One thread.
/// </summary>
internal sealed class Detectors : IDisposable
{
    private const int MostPerFrame = 64;

    // Frames are never larger than this: plates are looked for at the frame's own size.
    private const int MostWidth = 1920;
    private const int MostHeight = 1088;

    private readonly FaceDetector _faces;
    private readonly PlateDetector _plates;
    private readonly FaceBox[] _faceBoxes = new FaceBox[MostPerFrame];
    private readonly PlateBox[] _plateBoxes = new PlateBox[MostPerFrame];
    private readonly TrackBox[] _boxes = new TrackBox[MostPerFrame];

    /// <exception cref="ModelException">A model is missing or altered.</exception>
    public Detectors(ModelStore models)
    {
        _faces = new FaceDetector(models);
        _plates = new PlateDetector(models, MostWidth, MostHeight, fast: true);
    }

    /// <summary>Runs each network once, so that the first real frame does not pay for it.</summary>
    public void WarmUp(FramePool pool)
    {
        if (pool.TryRent(640, 360) is not { } free)
            return;
        using var frame = free;
        frame.Bgr.Fill(64);
        _ = Find(VisitKind.Face, frame);
        _ = Find(VisitKind.Plate, frame);
    }

    /// <summary>Everything of a kind in a frame; valid until the next call.</summary>
    public ReadOnlySpan<TrackBox> Find(VisitKind kind, Frame frame) =>
        _boxes.AsSpan(0, kind == VisitKind.Face ? FindFaces(frame) : FindPlates(frame));

    public void Dispose()
    {
        _faces.Dispose();
        _plates.Dispose();
    }

    private int FindFaces(Frame frame)
    {
        float scale = CameraPipeline.TrackedWidth / frame.Width;
        int count = _faces.Detect(frame.View, _faceBoxes);
        for (int i = 0; i < count; i++)
        {
            var box = _faceBoxes[i];
            _boxes[i] = new TrackBox(scale * box.X1, scale * box.Y1, scale * box.X2, scale * box.Y2, box.Score, i);
        }
        return count;
    }

    private int FindPlates(Frame frame)
    {
        float scale = CameraPipeline.TrackedWidth / frame.Width;
        int count = _plates.Detect(frame.View, _plateBoxes);
        for (int i = 0; i < count; i++)
        {
            var (x1, y1, x2, y2) = _plateBoxes[i].Corners.Bounds;
            _boxes[i] = new TrackBox(scale * x1, scale * y1, scale * x2, scale * y2, _plateBoxes[i].Score, i);
        }
        return count;
    }
}
