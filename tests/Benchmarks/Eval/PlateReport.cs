using System.Globalization;
using EdgeAgent.Benchmarks.Reporting;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>The page that people look at: what was read, of which class, and whether stated confidences mean what they say.</summary>
internal static class PlateReport
{
    public static void Save(PlateFigures figures, List<PlateResult> results, bool thumbnails, FileInfo file, TextWriter progress)
    {
        var report = new HtmlReport("Plate reading");
        var scenes = results.Where(r => r.Label.IsScene).ToList();
        Summary(report, figures);
        ByClass(report, figures);
        report.Section("Precision and recall")
            .Text("A reading is accepted from a confidence on; each point of a line is one such limit. Readings of the picture's other plates count neither way.")
            .Chart("Scenes.", Charts.Curves("Precision over recall, scenes", new Axis("recall", 0, 1), new Axis("precision", 0.8, 1),
                new Series("product", Curve(scenes, r => r.Ours)), new Series("PP-OCRv4", Curve(scenes, r => r.Peer))));
        Reliability(report, figures, results);
        if (thumbnails)
            Misread(report, results);
        ReportPath.Save(report, file, progress);
    }

    private static void Summary(HtmlReport report, PlateFigures figures) => report.Table(
        "Scenes: shares of pictures read exactly and with nothing accepted; wrong readings a picture. Times are those of this run.",
        ["way", "exact", "wrong", "missed", "ms", "crops exact", "crops wrong"],
        ["product", Show(figures.Exact), Show(figures.Wrong), Show(figures.Missed), Show(figures.MsPerImage), Show(figures.Crops.Exact), Show(figures.Crops.Wrong)],
        [
            "PP-OCRv4", Show(figures.Baseline.Exact), Show(figures.Baseline.Wrong), Show(figures.Baseline.Missed), Show(figures.Baseline.MsPerImage),
            Show(figures.Baseline.CropsExact), Show(figures.Baseline.CropsWrong),
        ]);

    private static void ByClass(HtmlReport report, PlateFigures figures)
    {
        report.Section("By class");
        Bars(report, "Scenes read exactly, by plate colour.", figures.ByClass);
        Bars(report, "Crops read exactly, by plate colour.", figures.Crops.ByClass);
        foreach (var (name, visits) in Visits(figures))
        {
            report.Section(name).Table(
                $"{visits.N} visits of {PlateVisitFrames.Frames} frames, plates {PlateVisitFrames.LeastWidthPx}–{PlateVisitFrames.MostWidthPx} px wide, blurred 1–{PlateVisitFrames.MostBlurPx} px; seed {visits.Seed}.",
                ["way", "read", "wrong"],
                ["product, a visit", Show(visits.Read), Show(visits.Wrong)],
                ["product, single frames", Show(visits.SingleOurs), ""],
                ["PP-OCRv4, single frames", Show(visits.SingleOcr), Show(visits.SingleOcrWrong)]);
            Bars(report, "Read right a visit.", visits.ByClass);
        }
    }

    private static void Reliability(HtmlReport report, PlateFigures figures, List<PlateResult> results)
    {
        report.Section("Does the confidence mean what it says?")
            .Text("Each point: readings that stated about the same confidence, and how many of them were right in every character. The constants were fitted on drawn visits of another seed; no real picture was used.");
        foreach (var (name, visits) in Visits(figures))
            Diagram(report, name, visits.Stated);
        Diagram(report, "Real scenes, single reads", PlateFigures.Stated(results.Where(r => r.Label.IsScene), r => r.Ours));
        Diagram(report, "Real crops, single reads", PlateFigures.Stated(results.Where(r => !r.Label.IsScene), r => r.Ours));
    }

    private static void Diagram(HtmlReport report, string name, IEnumerable<(float, bool)> stated)
    {
        var bins = ReliabilityBin.Of(stated, PlateFigures.Bins);
        report.Chart($"{name}: expected calibration error {ReliabilityBin.CalibrationError(bins):0.000}.", Charts.Reliability(name, bins));
    }

    private static IEnumerable<(string Name, VisitFigures Visits)> Visits(PlateFigures figures)
    {
        if (figures.Visits is { } drawn)
            yield return ("Drawn visits", drawn);
        if (figures.VisitsReal is { } real)
            yield return ("Visits made of real scenes", real);
    }

    private static void Bars(HtmlReport report, string caption, IReadOnlyDictionary<string, ShareFigures> shares) => report.Chart(
        caption, Charts.Bars(caption, [.. shares.Select(s => new Bar(s.Key, new Interval(s.Value.Exact, s.Value.Low, s.Value.High, s.Value.N)))]));

    /// <summary>Lowering the limit from one stated confidence to the next.</summary>
    private static List<(double Recall, double Precision)> Curve(List<PlateResult> results, Func<PlateResult, PlateMeasured> of)
    {
        var points = new List<(double, double)>();
        int right = 0, all = 0;
        foreach (var (_, isRight) in PlateFigures.Stated(results, of).OrderByDescending(s => s.Confidence))
        {
            all++;
            right += isRight ? 1 : 0;
            points.Add(((double)right / Math.Max(1, results.Count), (double)right / all));
        }
        return points;
    }

    /// <summary>Only where it was asked for: the pictures show real plates.</summary>
    private static void Misread(HtmlReport report, List<PlateResult> results)
    {
        report.Section("Misread pictures");
        foreach (var result in results.Where(r => !PlateFigures.IsExact(r, r.Ours)))
        {
            string read = string.Join(", ", result.Ours.Accepted.Select(a => $"{a.Text} {a.Confidence:0.00}"));
            string type = Path.GetExtension(result.Label.File).TrimStart('.').ToLowerInvariant() is "png" ? "png" : "jpeg";
            report.Chart(
                $"{Path.GetFileName(result.Label.File)}: {result.Label.Plate}, read {(read.Length > 0 ? read : "nothing")}",
                $"<img alt=\"\" style=\"max-width:100%\" src=\"data:image/{type};base64,{Convert.ToBase64String(File.ReadAllBytes(result.Label.File))}\">");
        }
    }

    private static string Show(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
