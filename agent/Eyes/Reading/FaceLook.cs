using System.Runtime.InteropServices;
using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using Google.Protobuf;

namespace EdgeAgent.Eyes.Reading;

/// <summary>
/// A closer look at a face: found again in the main stream's crop, judged, and only when good enough turned into an embedding. The
/// looks of a visit are pooled and told once, as one face: the host then compares a visit once, not once a look. Until then, about a
/// second, the pool stays in memory; when it is told, or given up, it is wiped. Reading thread.
/// </summary>
internal sealed class FaceLook(ModelStore models, FramePool pool, CropJpeg jpeg, Counters counters) : IDisposable
{
    private const float MaxDistanceWidths = 0.9f;

    /// <summary>A single look with this score is told at once: further ones would hardly change it.</summary>
    private const float GoodEnough = 0.75f;

    /// <summary>A visit that was told already is told again only when so much more is known of it.</summary>
    private const float MuchMore = 2;

    /// <summary>Faces looked at and not told yet. One beyond them is told after its first look.</summary>
    private const int MaxOpen = 64;

    /// <summary>What was not looked at for so long is told as it is, and wiped.</summary>
    private const long KeepMs = 3_000;

    /// <summary>Nothing of a face is kept for ten seconds (DESIGN 4.2), however often it is looked at.</summary>
    private const long MostMs = 8_000;

    private readonly FaceDetector _detector = new(models);
    private readonly FaceEmbedder _embedder = new(models);
    private readonly FaceBox[] _found = new FaceBox[32];
    private readonly float[] _embedding = new float[FaceEmbedder.Dimension];
    private readonly OpenFace[] _open = [.. Enumerable.Range(0, MaxOpen + 1).Select(_ => new OpenFace())];

    public void WarmUp()
    {
        if (pool.TryRent(640, 360) is not { } free)
            return;
        using var frame = free;
        frame.Bgr.Fill(64);
        _detector.Detect(frame.View, _found);
        _embedder.Embed(frame.View, new FaceBox(250, 100, 350, 230, 1), _embedding);
        Array.Clear(_embedding);
    }

    /// <summary>Adds the face on the decoder's current picture to what is known of the visit. True: enough is known to tell it.</summary>
    public bool Look(Visit visit, in Candidate at, RingDecoder main)
    {
        var region = CropRegion.Around(VisitKind.Face, at.Box, main.Width, main.Height);
        using var cut = main.Cut(region.X, region.Y, region.Width, region.Height, pool);
        if (cut is not { } crop || Find(crop, region, at, main) is not { } box)
            return false;
        var quality = _embedder.Assess(crop.View, box);
        if (!quality.Passes)
            return false;
        var face = visit.Face ?? Begin(visit, main.CapturedMonoMs);
        if (quality.Score > face.Pool.BestScore)
        {
            var shown = region.Show((box.X1 + box.X2) / 2, (box.Y1 + box.Y2) / 2, box.Width, 2, 2.5f, main.Width, main.Height);
            if (jpeg.Of(main, shown) is not { } picture)
                return false;
            face.Show(picture, box.Width);
        }
        quality = _embedder.Embed(crop.View, box, _embedding);
        _ = face.Pool.Add(_embedding, quality);
        Array.Clear(_embedding);
        face.Seen(main.CapturedMonoMs, main.CapturedUnixMs);
        counters.FaceEmbedded();
        return quality.Score >= GoodEnough || face == _open[^1];
    }

    /// <summary>What is known of the visit, to be told; null when it is nothing, or little more than was told before.</summary>
    public FaceVisit? Tell(Visit visit, long settledMonoMs)
    {
        if (visit.Face is not { } face || face.Pool.Weight < MuchMore * visit.ToldWeight || !face.Pool.TryRead(_embedding))
            return null;
        visit.ToldWeight = face.Pool.Weight;
        var told = new FaceVisit
        {
            VisitId = visit.Id,
            CameraId = visit.Camera.Id,
            CapturedMonoMs = face.CapturedMonoMs,
            CapturedUnixMs = face.CapturedUnixMs,
            SettledMonoMs = settledMonoMs,
            Embedding = ByteString.CopyFrom(MemoryMarshal.AsBytes(_embedding.AsSpan())),
            ModelSha256 = UnsafeByteOperations.UnsafeWrap(_embedder.ModelSha256),
            WidthPx = (uint)face.WidthPx,
            Quality = face.Pool.BestScore,
            CropJpeg = UnsafeByteOperations.UnsafeWrap(face.TellPicture()),
        };
        Array.Clear(_embedding);
        return told;
    }

    /// <summary>A visit with looks that were never told although no other was taken for a while; null when there is none.</summary>
    public Visit? Overdue(long nowMonoMs)
    {
        foreach (var face in _open)
            if (face.Visit is { } visit && (nowMonoMs - face.CapturedMonoMs > KeepMs || nowMonoMs - face.BeganMonoMs > MostMs))
                return visit;
        return null;
    }

    /// <summary>Age of the oldest one that is held; 0: none is.</summary>
    public long OldestMs(long nowMonoMs)
    {
        long oldest = 0;
        foreach (var face in _open)
            if (face.Visit is not null)
                oldest = Math.Max(oldest, nowMonoMs - face.BeganMonoMs);
        return oldest;
    }

    /// <summary>Wipes what is known of faces that may no longer be looked for.</summary>
    public void Forget(Seeing seeing)
    {
        foreach (var face in _open)
            if (face.Visit is { } visit && !seeing.Allows(VisitKind.Face, visit.Epoch))
                face.End();
    }

    public void Dispose()
    {
        _detector.Dispose();
        _embedder.Dispose();
        foreach (var face in _open)
            face.End();
    }

    /// <summary>A free place; the last one, which is emptied at once, when there is none.</summary>
    private OpenFace Begin(Visit visit, long monoMs)
    {
        int free = 0;
        while (free < MaxOpen && _open[free].Visit is not null)
            free++;
        if (free == MaxOpen)
            _open[free].End();
        _open[free].Begin(visit, monoMs);
        return _open[free];
    }

    private FaceBox? Find(Frame crop, CropRegion region, in Candidate at, RingDecoder main)
    {
        int count = _detector.Detect(crop.View, _found);
        FaceBox? nearest = null;
        float least = MaxDistanceWidths;
        foreach (var box in _found.AsSpan(0, count))
        {
            float distance = region.Distance(at.Box, main.Width, main.Height, box.X1, box.Y1, box.X2, box.Y2);
            if (distance < least)
                (nearest, least) = (box, distance);
        }
        return nearest;
    }
}
