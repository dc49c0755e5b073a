using System.Diagnostics;
using System.Numerics;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>The detectors and the embedder under measurement, with their clocks.</summary>
internal sealed class FaceSession(ModelStore models) : IDisposable
{
    private readonly FaceDetector _portraits = FaceDetector.ForPortraits(models);
    private readonly FaceDetector _frames = new(models);
    private readonly FaceEmbedder _embedder = new(models);
    private readonly FramePool _pool = new();
    private readonly FaceBox[] _found = new FaceBox[64];
    private long _detectTicks;
    private long _embedTicks;
    private int _pictures;
    private int _faces;

    public int Unreadable { get; private set; }

    public double DetectMs => Milliseconds(_detectTicks, _pictures);

    public double EmbedMs => Milliseconds(_embedTicks, _faces);

    /// <summary>The face nearest the centre of a picture of the set; without an embedding when there is none.</summary>
    public Face Look(int person, string file, TextWriter progress)
    {
        var missed = new Face(person, file, default, default, null);
        try
        {
            using var frame = PictureFile.Load(file, _pool);
            long started = Stopwatch.GetTimestamp();
            var box = Nearest(_portraits, frame.View);
            _detectTicks += Stopwatch.GetTimestamp() - started;
            _pictures++;
            if (box is not { } face)
                return missed;
            var embedding = new float[FaceEmbedder.Dimension];
            started = Stopwatch.GetTimestamp();
            var quality = _embedder.Embed(frame.View, face, embedding);
            _embedTicks += Stopwatch.GetTimestamp() - started;
            _faces++;
            var portrait = new float[FaceEmbedder.Dimension];
            _embedder.EmbedPortrait(frame.View, face, portrait);
            return quality.WidthPx > 0 ? missed with { Box = face, Quality = quality, Embedding = embedding, Portrait = portrait } : missed;
        }
        catch (InvalidDataException e)
        {
            progress.WriteLine($"  counted as missed: {e.Message}");
            Unreadable++;
            return missed;
        }
    }

    /// <summary>A frame as the cameras give it: found with the detector that looks at crops of the main stream.</summary>
    public (FaceQuality Quality, float[]? Embedding) LookAtFrame(BgrView frame)
    {
        if (Nearest(_frames, frame) is not { } box)
            return default;
        var embedding = new float[FaceEmbedder.Dimension];
        var quality = _embedder.Embed(frame, box, embedding);
        return quality.WidthPx > 0 ? (quality, embedding) : default;
    }

    /// <summary>A picture of the set again, to be spoilt.</summary>
    public Frame Load(Face face) => PictureFile.Load(face.File, _pool);

    public void Dispose()
    {
        _portraits.Dispose();
        _frames.Dispose();
        _embedder.Dispose();
        _pool.Dispose();
    }

    private FaceBox? Nearest(FaceDetector detector, BgrView picture)
    {
        int count = detector.Detect(picture, _found);
        if (count == 0)
            return null;
        var centre = new Vector2(picture.Width, picture.Height) / 2;
        return _found[..count].MinBy(f => Vector2.DistanceSquared(new Vector2(f.X1 + f.X2, f.Y1 + f.Y2) / 2, centre));
    }

    private static double Milliseconds(long ticks, int count) => count == 0 ? 0 : ticks * 1000.0 / Stopwatch.Frequency / count;
}
