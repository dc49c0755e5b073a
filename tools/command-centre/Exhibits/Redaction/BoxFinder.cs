using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;
using EdgeAgent.Vision.Tracking;

namespace EdgeAgent.CommandCentre.Exhibits.Redaction;

/// <summary>
/// Faces and plates of a video, linked over time: the cars' own detectors, less sure of themselves than there, since a false box costs a
/// few pixels and a missed one a person. Of one job; not thread-safe.
/// </summary>
internal sealed class BoxFinder : IDisposable
{
    private const float FaceThreshold = 0.5f, PlateThreshold = 0.15f;
    private const int WideFrom = 961, MostBoxes = 256, MostTracks = 400;

    // Half a second at 25: a detector sees a face later than a viewer does, and loses it sooner.
    private const double AroundSeconds = 0.5;
    private static readonly TrackerOptions Following = new() { ConfirmHits = 1, MaxGapMs = 1500, Capacity = 256 };

    private readonly VideoFacts video;
    private readonly FaceDetector faces;
    private readonly PlateDetector plates;
    private readonly Tracker faceTracker = new(Following), plateTracker = new(Following);
    private readonly Dictionary<string, (string Kind, List<RedactionBox> Boxes)> tracks = new(StringComparer.Ordinal);
    private readonly FaceBox[] foundFaces = new FaceBox[MostBoxes];
    private readonly PlateBox[] foundPlates = new PlateBox[MostBoxes];
    private readonly List<Track> seen = [], ended = [];

    /// <exception cref="CentreException">The models are not there; the message is a code.</exception>
    public BoxFinder(VideoFacts video)
    {
        this.video = video;
        try
        {
            var models = ModelStore.Open();
            faces = new FaceDetector(models, threshold: FaceThreshold);
            plates = new PlateDetector(models, 960, 576, PlateThreshold);
        }
        catch (ModelException e)
        {
            faces?.Dispose();
            throw new CentreException("models_missing", e);
        }
    }

    /// <summary>The next frame.</summary>
    public void Look(int frame, ReadOnlySpan<byte> bgr)
    {
        var picture = new BgrView(bgr, video.Width, video.Height, 3 * video.Width);
        Follow(faceTracker, "face", frame, Faces(picture, frame));
        Follow(plateTracker, "plate", frame, Plates(picture));
    }

    /// <summary>What was found, by its first frame.</summary>
    public IReadOnlyList<RedactionTrack> Found()
    {
        var around = (int)Math.Round(AroundSeconds * video.FramesPerSecond);
        return [.. tracks.Values.OrderBy(track => track.Boxes[0].Frame).Select((track, at) => new RedactionTrack($"{track.Kind}-{at + 1}", track.Kind, false, Widened(track.Boxes, around)))];
    }

    public void Dispose()
    {
        faces.Dispose();
        plates.Dispose();
    }

    private List<TrackBox> Faces(BgrView picture, int frame)
    {
        var boxes = new List<TrackBox>();
        foreach (var (x, y, width, height) in Parts(picture, frame))
        {
            var count = faces.Detect(picture.Crop(x, y, width, height), foundFaces);
            foreach (var face in foundFaces.AsSpan(0, count))
                AddUnlessKnown(boxes, new TrackBox(face.X1 + x, face.Y1 + y, face.X2 + x, face.Y2 + y, face.Score));
        }
        return boxes;
    }

    private List<TrackBox> Plates(BgrView picture)
    {
        var boxes = new List<TrackBox>();
        var count = plates.Detect(picture, foundPlates);
        foreach (var plate in foundPlates.AsSpan(0, count))
        {
            var (x1, y1, x2, y2) = plate.Corners.Bounds;
            AddUnlessKnown(boxes, new TrackBox(x1, y1, x2, y2, plate.Score));
        }
        return boxes;
    }

    // The whole picture for near faces, and of a wide one overlapping quarters for far ones: all of the first frame, which may be the only
    // one, then one a frame. What is far moves little in four frames, and a track is covered between its boxes and around them.
    private static IEnumerable<(int X, int Y, int Width, int Height)> Parts(BgrView picture, int frame)
    {
        var whole = (0, 0, picture.Width, picture.Height);
        if (picture.Width < WideFrom)
            return [whole];
        var (width, height) = (picture.Width * 5 / 9, picture.Height * 5 / 9);
        var (right, bottom) = (picture.Width - width, picture.Height - height);
        (int, int, int, int)[] quarters = [(0, 0, width, height), (right, 0, width, height), (0, bottom, width, height), (right, bottom, width, height)];
        return frame == 0 ? [whole, .. quarters] : [whole, quarters[frame % quarters.Length]];
    }

    private static void AddUnlessKnown(List<TrackBox> boxes, TrackBox box)
    {
        if (boxes.Count < MostBoxes && !boxes.Exists(known => Math.Abs(Middle(known).X - Middle(box).X) < known.Width / 3 && Math.Abs(Middle(known).Y - Middle(box).Y) < known.Height / 3))
            boxes.Add(box);
    }

    private static (float X, float Y) Middle(TrackBox box) => ((box.X1 + box.X2) / 2, (box.Y1 + box.Y2) / 2);

    private void Follow(Tracker tracker, string kind, int frame, List<TrackBox> boxes)
    {
        tracker.Update(boxes.ToArray(), (long)(frame * 1000 / video.FramesPerSecond), seen, ended);
        foreach (var track in seen)
        {
            if (!tracks.TryGetValue(track.VisitId, out var known))
            {
                if (tracks.Count >= MostTracks)
                    throw new CentreException("too_many_boxes");
                tracks[track.VisitId] = known = (kind, []);
            }
            known.Boxes.Add(new RedactionBox(frame, track.Box.X1, track.Box.Y1, track.Box.Width, track.Box.Height));
        }
    }

    private List<RedactionBox> Widened(List<RedactionBox> boxes, int around)
    {
        var (first, last) = (Math.Max(0, boxes[0].Frame - around), Math.Min(video.Frames - 1, boxes[^1].Frame + around));
        var wide = new List<RedactionBox>(boxes.Count + 2);
        if (first < boxes[0].Frame)
            wide.Add(boxes[0] with { Frame = first });
        wide.AddRange(boxes);
        if (last > boxes[^1].Frame)
            wide.Add(boxes[^1] with { Frame = last });
        return wide;
    }
}
