using System.Numerics;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Chaos.Login;

/// <summary>A picture of one person, with what has to be known of the face to move it.</summary>
internal sealed class SourceFace
{
    private readonly byte[] pixels;

    private SourceFace(string name, BgrView picture, FaceBox box, ReadOnlySpan<Vector2> landmarks)
    {
        (Name, Width, Height, Box) = (name, picture.Width, picture.Height, box);
        pixels = new byte[3 * Width * Height];
        for (int y = 0; y < Height; y++)
            picture.Row(y).CopyTo(pixels.AsSpan(3 * y * Width));
        Landmarks = landmarks.ToArray();
        LeftEye = new Eyelid(Landmarks, 36);
        RightEye = new Eyelid(Landmarks, 42);
    }

    /// <summary>Of the person.</summary>
    public string Name { get; }

    public int Width { get; }

    public int Height { get; }

    public FaceBox Box { get; }

    public Vector2[] Landmarks { get; }

    public Eyelid LeftEye { get; }

    public Eyelid RightEye { get; }

    public BgrView View => new(pixels, Width, Height, 3 * Width);

    /// <summary>The colour at a place, linear between pixels; beyond the edge the edge goes on.</summary>
    public Vector3 At(Vector2 place)
    {
        float x = Math.Clamp(place.X, 0, Width - 1.001f), y = Math.Clamp(place.Y, 0, Height - 1.001f);
        int left = Math.Min((int)x, Width - 2), top = Math.Min((int)y, Height - 2);
        float fx = x - left, fy = y - top;
        int at = 3 * (top * Width + left), below = at + 3 * Width;
        Vector3 a = Vector3.Lerp(Pixel(at), Pixel(at + 3), fx), b = Vector3.Lerp(Pixel(below), Pixel(below + 3), fx);
        return Vector3.Lerp(a, b, fy);
    }

    private Vector3 Pixel(int at) => new(pixels[at], pixels[at + 1], pixels[at + 2]);

    /// <summary>How far outside the picture a place is, pixels; below 0 inside.</summary>
    public float Outside(Vector2 place) =>
        Math.Max(Math.Max(-place.X, place.X - Width + 1), Math.Max(-place.Y, place.Y - Height + 1));

    /// <summary>Opens pictures; not thread-safe.</summary>
    internal sealed class Reader(ModelStore models) : IDisposable
    {
        private readonly FramePool pool = new();
        private readonly FaceDetector detector = new(models), near = FaceDetector.ForPortraits(models);
        private readonly FaceAligner aligner = new(models);
        private readonly FaceBox[] found = new FaceBox[16];

        /// <summary>Null: there is no face in it that stands in the middle, or it is turned aside, or too dark to be moved.</summary>
        public SourceFace? Read(string file, string name)
        {
            using Frame picture = PictureFile.Load(file, pool);
            int count = detector.Detect(picture.View, found);
            Vector2 middle = new(picture.Width / 2f, picture.Height / 2f);
            FaceBox? best = null;
            foreach (FaceBox box in found.AsSpan(0, count))
            {
                bool isMiddle = box.X1 < middle.X && box.X2 > middle.X && box.Y1 < middle.Y && box.Y2 > middle.Y;
                if (isMiddle && (best is null || box.Width > best.Value.Width))
                    best = box;
            }
            if (best is not { } face || !IsAlone(picture.View, face) || !aligner.TryAlign(picture.View, face))
                return null;
            return MathF.Abs(aligner.Pose.YawOffset) < 0.14f && MathF.Abs(aligner.Pose.RollDegrees) < 12
                ? new SourceFace(name, picture.View, face, aligner.Landmarks)
                : null;
        }

        /// <summary>Press photographs show bystanders; a cab login is one person's. By the street's detector and by the cab's own.</summary>
        private bool IsAlone(BgrView picture, FaceBox face)
        {
            foreach (FaceDetector each in (FaceDetector[])[detector, near])
            {
                int count = each.Detect(picture, found);
                if (found.AsSpan(0, count).ToArray().Count(f => f.Width > 0.4f * face.Width) > 1)
                    return false;
            }
            return true;
        }

        public void Dispose()
        {
            near.Dispose();
            detector.Dispose();
            aligner.Dispose();
            pool.Dispose();
        }
    }
}

/// <summary>One eye's lids, as parabolas over the line between its corners; in pixels of the source picture.</summary>
internal sealed class Eyelid
{
    private readonly Vector2 outer, along, down;
    private readonly float length, upper, lower;

    public Eyelid(Vector2[] landmarks, int first)
    {
        outer = landmarks[first];
        Vector2 across = landmarks[first + 3] - outer;
        length = Math.Max(1, across.Length());
        along = across / length;
        down = new Vector2(-along.Y, along.X);
        upper = Math.Min(-0.05f * length, (Down(landmarks[first + 1]) + Down(landmarks[first + 2])) / 2 * 1.15f);
        lower = Math.Max(0.03f * length, (Down(landmarks[first + 4]) + Down(landmarks[first + 5])) / 2 * 1.15f);
    }

    /// <summary>Where the skin that is seen at a place comes from when the lid is down by this share; and how much of a lash is on it.</summary>
    public (Vector2 From, float Lash) Close(Vector2 place, float share)
    {
        Vector2 off = place - outer;
        float x = Vector2.Dot(off, along) / length, y = Vector2.Dot(off, down);
        if (share <= 0 || x is <= -0.08f or >= 1.08f || y > lower + 0.1f * length || y < 2.4f * upper)
            return (place, 0);
        float bow = Math.Max(0.02f, 1 - 4 * (x - 0.5f) * (x - 0.5f));
        float open = upper * bow, shut = open + share * (lower * bow - open), brow = 2.4f * upper;
        if (y >= shut)
            return (place, 0);
        float from = brow + (y - brow) * (open - 0.06f * length - brow) / (shut - brow);
        float lash = Math.Max(0, 1 - MathF.Abs(y - shut) / (0.07f * length)) * share;
        return (outer + x * length * along + from * down, lash);
    }

    private float Down(Vector2 point) => Vector2.Dot(point - outer, down);
}
