using System.Numerics;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>
/// Visits made of real scenes whose one plate is at least 110 px wide: the plate with the car around it, made small and spoilt as the
/// drawn ones are. Which scenes serve is decided by the width of the largest plate found, not by what is read.
/// </summary>
internal sealed class PlateRealVisits(ModelStore models, IReadOnlyList<PlateLabel> labels, int seed) : IDisposable
{
    private const float LeastWidthPx = 110;

    private readonly PlateLabel[] _scenes = [.. labels.Where(l => l.IsScene && l.Others.Length == 0)];
    private readonly PlateDetector _detector = new(models, 640, 640);
    private readonly PlateBox[] _found = new PlateBox[16];
    private readonly FramePool _pool = new(256L << 20);
    private readonly BgrImage _small = new();
    private readonly BgrImage _moved = new();
    private readonly BgrImage _smeared = new();
    private readonly Resampler _resampler = new();

    /// <summary>Scenes that may serve.</summary>
    public int Count => _scenes.Length;

    /// <summary>As <see cref="PlateDrawnVisits.Show"/>; null when the scene does not serve.</summary>
    public PlateVisitTruth? Show(int number, Func<BgrView, bool> see)
    {
        using var frame = PictureFile.Load(_scenes[number].File, _pool);
        var picture = frame.View;
        if (Largest(picture) is not { } plate || plate.Width < LeastWidthPx)
            return null;
        var random = new Random(unchecked(seed * 486187739 + number * 16777619));
        float width = random.Between(PlateVisitFrames.LeastWidthPx, PlateVisitFrames.MostWidthPx), gain = random.Between(0.75f, 1.15f);
        var around = Around(picture, plate);
        for (int i = 0; i < PlateVisitFrames.Frames; i++)
        {
            float scale = width * random.Between(0.97f, 1.03f) / plate.Width;
            _resampler.Scale(around, _small, Math.Max(32, (int)(around.Width * scale)), Math.Max(32, (int)(around.Height * scale)));
            Move(random);
            PlateVisitFrames.Smear(_moved.View, _smeared, PlateVisitFrames.Motion(random));
            PlateVisitFrames.Light(_smeared, gain * random.Between(0.85f, 1.15f), random.Between(-10, 10), random);
            if (!see(_smeared.View))
                break;
        }
        return new PlateVisitTruth(_scenes[number].Plate, _scenes[number].Class, width);
    }

    public void Dispose()
    {
        _detector.Dispose();
        _pool.Dispose();
    }

    /// <summary>Two plate widths to each side, one and a half up, one down.</summary>
    private static BgrView Around(BgrView picture, Quad plate)
    {
        float width = plate.Width;
        var centre = plate.Centre;
        return picture.Crop((int)(centre.X - 2 * width), (int)(centre.Y - 1.5f * width), (int)(4 * width), (int)(2.5f * width));
    }

    private void Move(Random random)
    {
        _moved.Resize(_small.Width, _small.Height);
        var map = new Matrix3x2(1, random.Between(-0.03f, 0.03f), random.Between(-0.03f, 0.03f), 1, random.Between(-1, 1), random.Between(-1, 1));
        Warp.Affine(_small.View, _moved, map, Border.Repeat);
    }

    private Quad? Largest(BgrView picture)
    {
        int count = _detector.Detect(picture, _found);
        Quad? largest = null;
        foreach (var box in _found.AsSpan(0, count))
            if (largest is null || box.Corners.Width > largest.Value.Width)
                largest = box.Corners;
        return largest;
    }
}
