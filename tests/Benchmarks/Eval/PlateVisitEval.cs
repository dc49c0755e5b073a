using System.Text.Json.Serialization;
using EdgeAgent.Benchmarks.Baseline;
using EdgeAgent.Benchmarks.Reporting;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>Reading of visits. read, wrong: shares of visits; single_ocr: PP-OCRv4 alone, mean over every third of their frames.</summary>
/// <param name="Ratio">read over single_ocr.</param>
/// <param name="SingleOurs">The product's reader on single frames.</param>
/// <param name="Ece">Expected calibration error of the visits' confidence, ten bins.</param>
/// <param name="Frames">Frames used a visit until the vote was sure.</param>
internal sealed record VisitFigures(
    int N, int Seed, double Read, double Wrong, double SingleOcr, double SingleOcrWrong, double Ratio, double SingleOurs, double Ece, double Frames,
    double[] ReadInterval, IReadOnlyDictionary<string, ShareFigures> ByClass)
{
    [JsonIgnore]
    public IReadOnlyList<(float Confidence, bool Right)> Stated { get; init; } = [];
}

/// <summary>A share with its bounds (Wilson) and how many it is of.</summary>
internal sealed record ShareFigures(int N, double Exact, double Low, double High)
{
    public static ShareFigures Of(int hits, int count)
    {
        var share = Interval.Wilson(hits, count);
        return new ShareFigures(count, Math.Round(share.Value, 4), Math.Round(share.Low, 4), Math.Round(share.High, 4));
    }
}

/// <summary>Reads visits of nine poor frames: the product votes until it is sure, PP-OCRv4 reads each frame alone.</summary>
internal sealed class PlateVisitEval(ModelStore models) : IDisposable
{
    private const int Bins = 10;

    /// <summary>The peer takes a quarter of a second a frame; its mean over three frames of nine is as good.</summary>
    private const int PeerEvery = 3;

    private readonly ProductPlates _ours = new(models, 640, 384);
    private readonly OcrPlates _peer = new(models);
    private readonly PlateCalibration _calibration = PlateCalibration.Of(models);
    private readonly List<Outcome> _outcomes = [];

    /// <param name="show">Shows a visit of this number frame by frame; null: there is no such visit.</param>
    public VisitFigures Run(int count, int seed, Func<int, Func<BgrView, bool>, PlateVisitTruth?> show, TextWriter progress)
    {
        _outcomes.Clear();
        for (int number = 0; number < count; number++)
        {
            var visit = new Watched();
            if (show(number, picture => See(visit, picture)) is not { } truth)
                continue;
            _outcomes.Add(Judge(truth, visit));
            if (_outcomes.Count % 25 == 0)
                progress.WriteLine($"  {_outcomes.Count} visits");
        }
        return Figures(seed);
    }

    public void Dispose()
    {
        _ours.Dispose();
        _peer.Dispose();
    }

    private bool See(Watched visit, BgrView picture)
    {
        if (visit.Ours.Count % PeerEvery == 0)
            visit.Peer.Add([.. _peer.ReadScene(picture).Select(r => r.Text)]);
        // One vehicle is there: its plate is the reading that is most confident.
        var read = _ours.ReadOne(picture);
        visit.Ours.Add(read?.Text);
        if (visit.Settled)
            return true;
        visit.Frames++;
        if (read is not null)
            visit.Vote.Add(read);
        visit.Settled = visit.Vote.Consensus(_calibration) is { Sure: true };
        return true;
    }

    private Outcome Judge(PlateVisitTruth truth, Watched visit)
    {
        var consensus = visit.Vote.Consensus(_calibration);
        bool told = consensus is not null && consensus.Confidence >= _calibration.Told;
        return new Outcome(
            truth.Kind, told && consensus!.Text == truth.Text, told && consensus!.Text != truth.Text,
            consensus is null ? null : (consensus.Confidence, consensus.Text == truth.Text),
            visit.Peer.Average(f => f.Contains(truth.Text) ? 1.0 : 0), visit.Peer.Average(f => (double)f.Count(t => t != truth.Text)),
            visit.Ours.Average(t => t == truth.Text ? 1.0 : 0), visit.Frames);
    }

    private VisitFigures Figures(int seed)
    {
        int n = _outcomes.Count, read = _outcomes.Count(o => o.Read);
        double Mean(Func<Outcome, double> of) => n == 0 ? 0 : Math.Round(_outcomes.Average(of), 4);
        double single = Mean(o => o.SingleOcr);
        (float, bool)[] stated = [.. _outcomes.Where(o => o.Stated is not null).Select(o => o.Stated!.Value)];
        return new VisitFigures(
            n, seed, Mean(o => o.Read ? 1 : 0), Mean(o => o.Wrong ? 1 : 0), single, Mean(o => o.SingleOcrWrong),
            single > 0 ? Math.Round(read / (double)n / single, 2) : 0, Mean(o => o.SingleOurs),
            Math.Round(ReliabilityBin.CalibrationError(ReliabilityBin.Of(stated, Bins)), 4), Mean(o => o.Frames), Interval.Wilson(read, n).Bounds(),
            _outcomes.GroupBy(o => o.Kind).OrderBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => ShareFigures.Of(g.Count(o => o.Read), g.Count())))
        {
            Stated = stated,
        };
    }

    /// <summary>A visit being watched.</summary>
    private sealed class Watched
    {
        public PlateVote Vote { get; } = new();

        public bool Settled { get; set; }

        public int Frames { get; set; }

        public List<string[]> Peer { get; } = [];

        public List<string?> Ours { get; } = [];
    }

    private sealed record Outcome(
        string Kind, bool Read, bool Wrong, (float Confidence, bool Right)? Stated, double SingleOcr, double SingleOcrWrong, double SingleOurs, int Frames);
}
