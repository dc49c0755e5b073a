using EdgeAgent.Edgectl.Acceptance;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Edgectl.Aim;

/// <summary>How wide something must be to be of use, pixels of the main stream.</summary>
/// <param name="Least">Below, nothing comes of it.</param>
/// <param name="Good">From here on it is read or compared well.</param>
internal sealed record AimGoal(float Least, float Good)
{
    /// <summary>A plate's characters are read from 64 px on and well from 80 (DESIGN, plates).</summary>
    public static AimGoal Plate { get; } = new(64, 80);

    /// <summary>Faces under 32 px are not compared (AlertOptions.FaceMinWidthPx).</summary>
    public static AimGoal Face { get; } = new(32, 48);

    /// <summary>good, near, small.</summary>
    public string Of(float width) => width >= Good ? "good" : width >= Least ? "near" : "small";
}

/// <summary>What one picture shows of use, and the picture with it marked.</summary>
/// <param name="Plates">Widths of the plates that were found, pixels.</param>
/// <param name="Faces">Widths of the faces, likewise.</param>
/// <param name="Brightness">Mean of all pixels, 0 … 255.</param>
/// <param name="Jpeg">Faces are covered, plates and faces framed by how wide they are.</param>
internal sealed record AimSeen(int Width, int Height, IReadOnlyList<float> Plates, IReadOnlyList<float> Faces, int Brightness, byte[] Jpeg);

/// <summary>
/// Finds plates and faces in a camera's picture and measures their widths. Nothing is read or compared, and faces are covered before
/// anybody sees the picture: whoever turns a camera needs to know how large people are in it, not who they are. One thread.
/// </summary>
internal sealed class AimLook(ModelStore models) : IDisposable
{
    private const int Most = 64, Quality = 80, Line = 4;

    // What is neither would be measured as a small one; there are many pictures a second, and one good one is enough.
    private const float SurePlate = 0.5f, SureFace = 0.7f;

    private readonly FaceDetector _faces = new(models, threshold: PersonCover.MaybeFace);
    private readonly PlateDetector _plates = new(models, threshold: SurePlate);
    private readonly JpegCodec _codec = new();

    /// <summary>Takes the frame's pixels as its own: they are changed.</summary>
    public AimSeen Look(Frame frame)
    {
        Span<FaceBox> faceBoxes = stackalloc FaceBox[Most];
        ReadOnlySpan<FaceBox> faces = faceBoxes[.._faces.Detect(frame.View, faceBoxes)];
        Span<PlateBox> plateBoxes = new PlateBox[Most];
        ReadOnlySpan<PlateBox> plates = plateBoxes[.._plates.Detect(frame.View, plateBoxes)];
        int brightness = StreamProbe.Brightness(frame.View);
        List<float> faceWidths = [], plateWidths = [];
        foreach (var face in faces)
            PersonCover.CoverBox(frame, PersonCover.BoxOf(face), Mosaic.FaceTiles);
        // As many as there is room for: others may stand uncovered.
        if (faces.Length == Most)
            PersonCover.CoverAll(frame);
        foreach (var face in faces)
        {
            if (face.Score < SureFace)
                continue;
            var box = PersonCover.BoxOf(face);
            Mark(frame, box, AimGoal.Face.Of(box.Width));
            faceWidths.Add(box.Width);
        }
        foreach (var plate in plates)
        {
            var (x1, y1, x2, y2) = plate.Corners.Bounds;
            Mark(frame, new MosaicBox(x1 - Line, y1 - Line, x2 - x1 + (2 * Line), y2 - y1 + (2 * Line)), AimGoal.Plate.Of(plate.Corners.Width));
            plateWidths.Add(plate.Corners.Width);
        }
        return new AimSeen(frame.Width, frame.Height, plateWidths, faceWidths, brightness, _codec.Encode(frame.View, Quality));
    }

    public void Dispose()
    {
        _faces.Dispose();
        _plates.Dispose();
        _codec.Dispose();
    }

    private static void Mark(Frame frame, MosaicBox box, string verdict)
    {
        // Blue, green, red: of the page's own green, amber and red.
        (byte B, byte G, byte R) colour = verdict switch { "good" => (0x4b, 0x9e, 0x2e), "near" => (0x1a, 0xa6, 0xe0), _ => (0x2b, 0x2b, 0xd0) };
        int left = Math.Clamp((int)box.X, 0, frame.Width - 1), right = Math.Clamp((int)(box.X + box.Width), 0, frame.Width - 1);
        int top = Math.Clamp((int)box.Y, 0, frame.Height - 1), bottom = Math.Clamp((int)(box.Y + box.Height), 0, frame.Height - 1);
        var pixels = frame.Bgr;
        for (int y = top; y <= bottom; y++)
        {
            bool edge = y < top + Line || y > bottom - Line;
            for (int x = left; x <= right; x++)
            {
                if (!edge && x >= left + Line && x <= right - Line)
                    x = right - Line + 1;
                int at = (y * frame.StrideBytes) + (3 * x);
                (pixels[at], pixels[at + 1], pixels[at + 2]) = colour;
            }
        }
    }
}
