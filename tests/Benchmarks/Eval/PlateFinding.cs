using System.Diagnostics;
using System.Numerics;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>What <c>eval finding</c> prints of pictures shrunk to one width.</summary>
/// <param name="Exact">Plates that the float network finds with the score at which a visit is looked at at once.</param>
/// <param name="Both">Of these, what the fast one finds at all.</param>
/// <param name="Fast">Plates that the fast one finds with that score.</param>
/// <param name="FastBoth">Of these, what the float one finds at all.</param>
/// <param name="CornerPx">Mean distance of the corners of what both find, in pixels of the shrunk picture.</param>
/// <param name="Ratio">Time of the fast one by that of the exact one, same pictures, same run.</param>
internal sealed record FindingFigures(int Width, int Pictures, int Exact, int Both, int Fast, int FastBoth, double CornerPx, double MsExact, double MsFast, double Ratio);

/// <summary>The plate detector that counts in whole numbers beside the one that does not, on pictures as small as a sub-stream's.</summary>
internal static class PlateFinding
{
    private const float Sure = 0.45f;
    private static readonly int[] s_widths = [640, 320];

    public static IReadOnlyList<FindingFigures> Run(string directory, ModelStore models, TextWriter progress)
    {
        var labels = PlateLabels.Read(directory).Where(l => l.IsScene).ToList();
        using var exact = new PlateDetector(models);
        using var fast = new PlateDetector(models, fast: true);
        return [.. s_widths.Select(width =>
        {
            progress.WriteLine($"  {labels.Count} scenes, {width} px wide");
            return At(width, labels, exact, fast);
        })];
    }

    private static FindingFigures At(int width, List<PlateLabel> labels, PlateDetector exact, PlateDetector fast)
    {
        using var pool = new FramePool(256L << 20);
        var resampler = new Resampler();
        var small = new BgrImage();
        PlateBox[] ours = new PlateBox[64], theirs = new PlateBox[64];
        int pictures = 0, found = 0, both = 0, foundFast = 0, bothFast = 0;
        double corner = 0, msExact = 0, msFast = 0;
        foreach (var label in labels)
        {
            using var frame = PictureFile.Load(label.File, pool);
            float scale = Math.Min((float)width / frame.Width, 0.6f * width / frame.Height);
            resampler.Scale(frame.View, small, Math.Max(1, (int)(scale * frame.Width)), Math.Max(1, (int)(scale * frame.Height)));
            if (pictures++ == 0)
                _ = exact.Detect(small.View, theirs) + fast.Detect(small.View, ours);
            long started = Stopwatch.GetTimestamp();
            var a = theirs.AsSpan(0, exact.Detect(small.View, theirs));
            msExact += Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            started = Stopwatch.GetTimestamp();
            var b = ours.AsSpan(0, fast.Detect(small.View, ours));
            msFast += Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            foreach (var box in a)
                if (box.Score >= Sure)
                {
                    found++;
                    if (Partner(box, b) is not { } partner)
                        continue;
                    both++;
                    corner += Distance(box.Corners, partner.Corners);
                }
            foreach (var box in b)
                if (box.Score >= Sure)
                {
                    foundFast++;
                    bothFast += Partner(box, a) is null ? 0 : 1;
                }
        }
        return new FindingFigures(
            width, pictures, found, both, foundFast, bothFast, Math.Round(corner / Math.Max(1, both), 3),
            Math.Round(msExact / pictures, 2), Math.Round(msFast / pictures, 2), Math.Round(msFast / msExact, 3));
    }

    private static PlateBox? Partner(PlateBox box, ReadOnlySpan<PlateBox> others)
    {
        foreach (var other in others)
            if (other.Corners.Contains(box.Corners.Centre))
                return other;
        return null;
    }

    private static double Distance(Quad a, Quad b) =>
        (Vector2.Distance(a.TopLeft, b.TopLeft) + Vector2.Distance(a.TopRight, b.TopRight)
            + Vector2.Distance(a.BottomRight, b.BottomRight) + Vector2.Distance(a.BottomLeft, b.BottomLeft)) / 4;
}
