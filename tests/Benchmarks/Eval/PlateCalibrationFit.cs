using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>What <c>eval calibrate</c> prints: constants for models.json, and on what they were fitted.</summary>
internal sealed record CalibrationFigures(int Seed, int Visits, int Reads, int Votes, IReadOnlyDictionary<string, double> Thresholds);

/// <summary>
/// Fits the two logistic regressions of <see cref="PlateCalibration"/> on drawn visits: to every single read, and to the vote after
/// one, two, three, five and nine frames.
/// </summary>
internal static class PlateCalibrationFit
{
    private static readonly int[] After = [1, 2, 3, 5, PlateVisitFrames.Frames];

    public static CalibrationFigures Run(int seed, int visits, ModelStore models, TextWriter progress)
    {
        var drawn = PlateDrawnVisits.Create(seed, mostWidthPx: 2 * PlateVisitFrames.MostWidthPx);
        using var ours = new ProductPlates(models, 640, 384);
        var calibration = PlateCalibration.Of(models);
        var seen = new List<(PlateVisitTruth Truth, List<PlateRead> Reads)>();
        for (int number = 0; number < visits; number++)
        {
            var reads = new List<PlateRead>();
            var truth = drawn.Show(number, picture => See(ours, picture, reads));
            seen.Add((truth, reads));
            if (seen.Count % 25 == 0)
                progress.WriteLine($"  {seen.Count} of {visits} visits");
        }
        float[] read = LogisticFit.Fit([.. seen.SelectMany(v => v.Reads.Select(r => (r.Features, r.Text == v.Truth.Text)))]);
        // The vote weighs reads by their confidence, so it is fitted to what the new one says.
        calibration = calibration.WithRead(read);
        var examples = seen.SelectMany(v => Votes(v.Truth, v.Reads, calibration)).ToList();
        float[] visit = LogisticFit.Fit(examples);
        return new CalibrationFigures(seed, visits, seen.Sum(v => v.Reads.Count), examples.Count, Named(read, visit));
    }

    private static bool See(ProductPlates ours, BgrView picture, List<PlateRead> reads)
    {
        if (ours.ReadOne(picture) is { } read)
            reads.Add(read);
        return true;
    }

    private static IEnumerable<(float[] Features, bool Right)> Votes(PlateVisitTruth truth, List<PlateRead> reads, PlateCalibration calibration)
    {
        var vote = new PlateVote();
        foreach (var read in reads)
        {
            vote.Add(read with { Confidence = calibration.OfRead(read.Features) });
            if (After.Contains(vote.Votes) && vote.Consensus(calibration) is { } consensus)
                yield return (consensus.Features, consensus.Text == truth.Text);
        }
    }

    private static Dictionary<string, double> Named(float[] read, float[] visit)
    {
        var named = new Dictionary<string, double>();
        void Add(string kind, string[] features, float[] weights)
        {
            named[$"{kind}.bias"] = Math.Round(weights[0], 3);
            for (int i = 0; i < features.Length; i++)
                named[$"{kind}.{features[i]}"] = Math.Round(weights[i + 1], 3);
        }
        Add("read", PlateCalibration.ReadFeatures, read);
        Add("visit", PlateCalibration.VisitFeatures, visit);
        return named;
    }
}
