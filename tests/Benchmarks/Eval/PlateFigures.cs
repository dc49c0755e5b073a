using System.Text.Json.Serialization;
using EdgeAgent.Benchmarks.Reporting;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>What <c>eval plates</c> prints. exact, missed: shares of images; wrong: readings per image; all of kind scene.</summary>
/// <param name="CpuMsPerImage">Processor time: unlike <paramref name="MsPerImage"/> it does not grow when others use the machine.</param>
/// <param name="ByClass">Scenes read exactly, by the colour that the labels give.</param>
/// <param name="Ece">Expected calibration error of single reads, ten bins.</param>
internal sealed record PlateFigures(
    int Images, double Exact, double Wrong, double Missed, double MsPerImage, CropFigures Crops, BaselineFigures Baseline,
    double CpuMsPerImage, double[] ExactInterval, IReadOnlyDictionary<string, ShareFigures> ByClass, EceFigures Ece,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] VisitFigures? Visits,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] VisitFigures? VisitsReal,
    IReadOnlyDictionary<string, double> ExactBySet, double SecondOpinions, int Unreadable,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PlateFileFigures>? PerFile)
{
    public const int Bins = 10;

    public static PlateFigures Of(
        List<PlateResult> results, double secondOpinions, int unreadable, VisitFigures? visits, VisitFigures? visitsReal, bool perFile)
    {
        var scenes = results.Where(r => r.Label.IsScene).ToList();
        var crops = results.Where(r => !r.Label.IsScene).ToList();
        return new PlateFigures(
            scenes.Count, ExactOf(scenes, r => r.Ours), WrongOf(scenes, r => r.Ours), MissedOf(scenes, r => r.Ours), MsOf(scenes, r => r.Ours),
            new CropFigures(crops.Count, ExactOf(crops, r => r.Ours), WrongOf(crops, r => r.Ours), ByClassOf(crops)),
            new BaselineFigures(
                "PP-OCRv4 detection (960) and recognition, same grammar", ExactOf(scenes, r => r.Peer), WrongOf(scenes, r => r.Peer),
                MissedOf(scenes, r => r.Peer), MsOf(scenes, r => r.Peer), CpuMs(scenes, r => r.Peer), ExactOf(crops, r => r.Peer), WrongOf(crops, r => r.Peer)),
            CpuMs(scenes, r => r.Ours), Interval.Wilson(scenes.Count(r => IsExact(r, r.Ours)), scenes.Count).Bounds(), ByClassOf(scenes), new EceFigures(EceOf(scenes), EceOf(crops)),
            visits, visitsReal, results.GroupBy(r => r.Label.Set).ToDictionary(g => g.Key, g => ExactOf([.. g], r => r.Ours)),
            Math.Round(secondOpinions, 4), unreadable,
            perFile ? [.. results.Select(r => new PlateFileFigures(Path.GetFileName(r.Label.File), r.Label.Plate, r.Ours.Accepted, r.Peer.Accepted))] : null);
    }

    /// <summary>Each reading's confidence and whether it was right; what is neither right nor wrong is left out.</summary>
    public static IEnumerable<(float Confidence, bool Right)> Stated(IEnumerable<PlateResult> results, Func<PlateResult, PlateMeasured> of) =>
        results.SelectMany(r => of(r).Accepted.Where(a => !r.Label.Others.Contains(a.Text)).Select(a => (a.Confidence, a.Text == r.Label.Plate)));

    public static bool IsExact(PlateResult result, PlateMeasured measured) => measured.Accepted.Any(a => a.Text == result.Label.Plate);

    private static double EceOf(List<PlateResult> results) =>
        Math.Round(ReliabilityBin.CalibrationError(ReliabilityBin.Of(Stated(results, r => r.Ours), Bins)), 4);

    private static Dictionary<string, ShareFigures> ByClassOf(List<PlateResult> results) =>
        results.GroupBy(r => r.Label.Class).OrderBy(g => g.Key, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => ShareFigures.Of(g.Count(r => IsExact(r, r.Ours)), g.Count()));

    private static double ExactOf(List<PlateResult> results, Func<PlateResult, PlateMeasured> of) => Share(results, r => IsExact(r, of(r)) ? 1 : 0);

    private static double WrongOf(List<PlateResult> results, Func<PlateResult, PlateMeasured> of) =>
        Share(results, r => of(r).Accepted.Count(a => a.Text != r.Label.Plate && !r.Label.Others.Contains(a.Text)));

    private static double MissedOf(List<PlateResult> results, Func<PlateResult, PlateMeasured> of) =>
        Share(results, r => of(r).Accepted.Count == 0 ? 1 : 0);

    private static double MsOf(List<PlateResult> results, Func<PlateResult, PlateMeasured> of) => Share(results, r => of(r).Milliseconds);

    private static double CpuMs(List<PlateResult> results, Func<PlateResult, PlateMeasured> of) => Share(results, r => of(r).CpuMilliseconds);

    private static double Share(List<PlateResult> results, Func<PlateResult, double> of) =>
        results.Count == 0 ? 0 : Math.Round(results.Average(of), 4);
}

internal sealed record CropFigures(int Images, double Exact, double Wrong, IReadOnlyDictionary<string, ShareFigures> ByClass);

internal sealed record BaselineFigures(
    string Peer, double Exact, double Wrong, double Missed, double MsPerImage, double CpuMsPerImage, double CropsExact, double CropsWrong);

internal sealed record EceFigures(double Scenes, double Crops);

internal sealed record PlateFileFigures(string File, string Plate, IReadOnlyList<PlateReading> Readings, IReadOnlyList<PlateReading> Baseline);

/// <summary>One accepted reading. The product's confidence is a probability, the peer's that of its weakest character.</summary>
internal sealed record PlateReading(string Text, float MinConfidence, float Margin, float Confidence);
