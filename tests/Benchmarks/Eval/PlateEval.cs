using System.Diagnostics;
using System.Text.Json.Serialization;
using EdgeAgent.Benchmarks.Baseline;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>What <c>eval plates</c> prints. exact, missed: shares of images; wrong: readings per image; all of kind scene.</summary>
internal sealed record PlateFigures(
    int Images, double Exact, double Wrong, double Missed, double MsPerImage, CropFigures Crops, BaselineFigures Baseline,
    IReadOnlyDictionary<string, double> ExactBySet, double SecondOpinions, int Unreadable,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PlateFileFigures>? PerFile);

internal sealed record CropFigures(int Images, double Exact, double Wrong);

internal sealed record BaselineFigures(
    string Peer, double Exact, double Wrong, double Missed, double MsPerImage, double CropsExact, double CropsWrong);

internal sealed record PlateFileFigures(string File, string Plate, IReadOnlyList<PlateReading> Readings, IReadOnlyList<PlateReading> Baseline);

/// <summary>One accepted reading.</summary>
internal sealed record PlateReading(string Text, float MinConfidence, float Margin);

/// <summary>Reads labelled pictures with the product's way and with PP-OCRv4 alone, in one run.</summary>
internal static class PlateEval
{
    public static PlateFigures Run(string directory, bool perFile, ModelStore models, TextWriter progress)
    {
        var labels = PlateLabels.Read(directory);
        using var pool = new FramePool(256L << 20);
        using var ours = new ProductPlates(models);
        using var peer = new OcrPlates(models);
        var results = new List<Result>();
        int unreadable = 0;
        foreach (var label in labels)
        {
            try
            {
                using var frame = PictureFile.Load(label.File, pool);
                if (results.Count == 0)
                    _ = (Measure(ours, label, frame.View), Measure(peer, label, frame.View)); // warm-up is nobody's time
                results.Add(new Result(label, Measure(ours, label, frame.View), Measure(peer, label, frame.View)));
            }
            catch (InvalidDataException e)
            {
                progress.WriteLine($"  counted as missed: {e.Message}");
                results.Add(new Result(label, default, default));
                unreadable++;
            }
            if (results.Count % 50 == 0)
                progress.WriteLine($"  {results.Count} of {labels.Count} pictures");
        }
        return Figures(results, ours.SecondOpinions, unreadable, perFile);
    }

    private static Measured Measure(IPlateWay way, PlateLabel label, BgrView picture)
    {
        long started = Stopwatch.GetTimestamp();
        var readings = label.IsScene ? way.ReadScene(picture) : way.ReadCrop(picture);
        return new Measured(readings, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    private static PlateFigures Figures(List<Result> results, double secondOpinions, int unreadable, bool perFile)
    {
        var scenes = results.Where(r => r.Label.IsScene).ToList();
        var crops = results.Where(r => !r.Label.IsScene).ToList();
        return new PlateFigures(
            scenes.Count, Exact(scenes, r => r.Ours), Wrong(scenes, r => r.Ours), Missed(scenes, r => r.Ours), Ms(scenes, r => r.Ours),
            new CropFigures(crops.Count, Exact(crops, r => r.Ours), Wrong(crops, r => r.Ours)),
            new BaselineFigures(
                "PP-OCRv4 detection (960) and recognition, same grammar", Exact(scenes, r => r.Peer), Wrong(scenes, r => r.Peer),
                Missed(scenes, r => r.Peer), Ms(scenes, r => r.Peer), Exact(crops, r => r.Peer), Wrong(crops, r => r.Peer)),
            results.GroupBy(r => r.Label.Set).ToDictionary(g => g.Key, g => Exact([.. g], r => r.Ours)), Math.Round(secondOpinions, 4), unreadable,
            perFile ? [.. results.Select(r => new PlateFileFigures(Path.GetFileName(r.Label.File), r.Label.Plate, r.Ours.Accepted, r.Peer.Accepted))] : null);
    }

    private static double Exact(List<Result> results, Func<Result, Measured> of) =>
        Share(results, r => of(r).Accepted.Any(a => a.Text == r.Label.Plate) ? 1 : 0);

    private static double Wrong(List<Result> results, Func<Result, Measured> of) =>
        Share(results, r => of(r).Accepted.Count(a => a.Text != r.Label.Plate && !r.Label.Others.Contains(a.Text)));

    private static double Missed(List<Result> results, Func<Result, Measured> of) =>
        Share(results, r => of(r).Accepted.Count == 0 ? 1 : 0);

    private static double Ms(List<Result> results, Func<Result, Measured> of) => Share(results, r => of(r).Milliseconds);

    private static double Share(List<Result> results, Func<Result, double> of) =>
        results.Count == 0 ? 0 : Math.Round(results.Average(of), 4);

    private readonly record struct Measured(IReadOnlyList<PlateReading>? Readings, double Milliseconds)
    {
        public IReadOnlyList<PlateReading> Accepted => Readings ?? [];
    }

    private sealed record Result(PlateLabel Label, Measured Ours, Measured Peer);
}
