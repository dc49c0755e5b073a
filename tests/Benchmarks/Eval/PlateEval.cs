using System.Diagnostics;
using EdgeAgent.Benchmarks.Baseline;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>What is measured beside the pictures, and where the page for people goes.</summary>
/// <param name="Visits">Drawn visits, and most visits made of real scenes; 0: none.</param>
/// <param name="Thumbnails">The report may show the pictures that were read wrong.</param>
internal sealed record PlateEvalOptions(bool PerFile = false, int Visits = 105, int Seed = 2026, FileInfo? Report = null, bool Thumbnails = false);

/// <summary>One picture with what both ways made of it.</summary>
internal sealed record PlateResult(PlateLabel Label, PlateMeasured Ours, PlateMeasured Peer);

/// <summary>What one way made of one picture, and how long it took.</summary>
internal readonly record struct PlateMeasured(IReadOnlyList<PlateReading>? Readings, double Milliseconds, double CpuMilliseconds)
{
    public IReadOnlyList<PlateReading> Accepted => Readings ?? [];
}

/// <summary>Reads labelled pictures and degraded visits with the product's way and with PP-OCRv4 alone, in one run.</summary>
internal static class PlateEval
{
    public static PlateFigures Run(string directory, PlateEvalOptions options, ModelStore models, TextWriter progress)
    {
        var labels = PlateLabels.Read(directory);
        using var ours = new ProductPlates(models);
        var results = ReadAll(labels, ours, models, progress, out int unreadable);
        VisitFigures? drawn = null, real = null;
        if (options.Visits > 0)
        {
            using var visits = new PlateVisitEval(models);
            var drawings = PlateDrawnVisits.Create(options.Seed);
            drawn = visits.Run(options.Visits, options.Seed, drawings.Show, progress);
            using var scenes = new PlateRealVisits(models, [.. results.Where(r => r.Ours.Readings is not null).Select(r => r.Label)], options.Seed);
            // Spread over the set, whose folders each have their own kind of picture.
            int count = Math.Min(scenes.Count, options.Visits);
            real = visits.Run(count, options.Seed, (number, see) => scenes.Show(number * scenes.Count / count, see), progress);
        }
        var figures = PlateFigures.Of(results, ours.SecondOpinions, unreadable, drawn, real, options.PerFile);
        if (options.Report is { } file)
            PlateReport.Save(figures, results, options.Thumbnails, file, progress);
        return figures;
    }

    private static List<PlateResult> ReadAll(
        List<PlateLabel> labels, ProductPlates ours, ModelStore models, TextWriter progress, out int unreadable)
    {
        using var pool = new FramePool(256L << 20);
        using var peer = new OcrPlates(models);
        var results = new List<PlateResult>();
        unreadable = 0;
        foreach (var label in labels)
        {
            try
            {
                using var frame = PictureFile.Load(label.File, pool);
                if (results.Count == 0)
                    _ = (Measure(ours, label, frame.View), Measure(peer, label, frame.View)); // warm-up is nobody's time
                results.Add(new PlateResult(label, Measure(ours, label, frame.View), Measure(peer, label, frame.View)));
            }
            catch (InvalidDataException e)
            {
                progress.WriteLine($"  counted as missed: {e.Message}");
                results.Add(new PlateResult(label, default, default));
                unreadable++;
            }
            if (results.Count % 50 == 0)
                progress.WriteLine($"  {results.Count} of {labels.Count} pictures");
        }
        return results;
    }

    private static PlateMeasured Measure(IPlateWay way, PlateLabel label, BgrView picture)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        var readings = label.IsScene ? way.ReadScene(picture) : way.ReadCrop(picture);
        return new PlateMeasured(readings, Stopwatch.GetElapsedTime(started).TotalMilliseconds, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds);
    }
}
