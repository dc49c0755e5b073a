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
/// A closer look at a face: found again in the main stream's crop, judged, and only when good enough turned into an embedding, which
/// leaves at once. Nothing of it stays: no crop, no embedding, only how good the one was that was told. Reading thread.
/// </summary>
internal sealed class FaceLook(ModelStore models, FramePool pool, CropJpeg jpeg, Counters counters) : IDisposable
{
    private const float MaxDistanceWidths = 0.9f;

    /// <summary>A second embedding of the same visit must be this much better.</summary>
    private const float MuchBetter = 0.2f;

    /// <summary>Better than this it does not get.</summary>
    private const float GoodEnough = 0.75f;

    private readonly FaceDetector _detector = new(models);
    private readonly FaceEmbedder _embedder = new(models);
    private readonly FaceBox[] _found = new FaceBox[32];
    private readonly float[] _embedding = new float[FaceEmbedder.Dimension];

    public void WarmUp()
    {
        using var frame = pool.TryRent(640, 360) ?? throw new InvalidOperationException("the frame pool is empty at the start");
        frame.Bgr.Fill(64);
        _detector.Detect(frame.View, _found);
        _embedder.Embed(frame.View, new FaceBox(250, 100, 350, 230, 1), _embedding);
        Array.Clear(_embedding);
    }

    /// <summary>The face on the decoder's current picture, to be told; null when it is no better than what was told.</summary>
    public FaceVisit? Look(Visit visit, in Candidate at, RingDecoder main)
    {
        var region = CropRegion.Around(VisitKind.Face, at.Box, main.Width, main.Height);
        using var cut = main.Cut(region.X, region.Y, region.Width, region.Height, pool);
        if (cut is not { } crop || Find(crop, region, at, main) is not { } box || box.Width < Visit.LeastFaceWidthPx)
            return null;
        var quality = _embedder.Assess(crop.View, box);
        if (!quality.Passes || (visit.ToldQuality > 0 && quality.Score < visit.ToldQuality + MuchBetter))
            return null;
        var shown = region.Show((box.X1 + box.X2) / 2, (box.Y1 + box.Y2) / 2, box.Width, 2, 2.5f, main.Width, main.Height);
        if (jpeg.Of(main, shown) is not { } picture)
            return null;
        quality = _embedder.Embed(crop.View, box, _embedding);
        if (!quality.Passes)
            return null;
        counters.FaceEmbedded();
        visit.ToldQuality = quality.Score;
        visit.Settled = quality.Score >= GoodEnough;
        var told = new FaceVisit
        {
            VisitId = visit.Id,
            CameraId = visit.Camera.Id,
            CapturedMonoMs = main.CapturedMonoMs,
            CapturedUnixMs = main.CapturedUnixMs,
            Embedding = ByteString.CopyFrom(MemoryMarshal.AsBytes(_embedding.AsSpan())),
            ModelSha256 = UnsafeByteOperations.UnsafeWrap(_embedder.ModelSha256),
            WidthPx = (uint)box.Width,
            Quality = quality.Score,
            CropJpeg = UnsafeByteOperations.UnsafeWrap(picture),
        };
        Array.Clear(_embedding);
        return told;
    }

    public void Dispose()
    {
        _detector.Dispose();
        _embedder.Dispose();
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
