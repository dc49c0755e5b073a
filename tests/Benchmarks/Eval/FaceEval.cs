using EdgeAgent.Benchmarks.Reporting;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>What <c>eval faces</c> prints. Rates are shares, 0 … 1; intervals hold the true one 19 times of 20.</summary>
internal sealed record FaceFigures
{
    public int People { get; init; }

    public int Images { get; init; }

    public int Detected { get; init; }

    public double Auc { get; init; }

    public double TarFar_1e2 { get; init; }

    public double TarFar_1e3 { get; init; }

    public double Rank1 { get; init; }

    public double TpirFpir_1e2 { get; init; }

    public double MsPerFace { get; init; }

    public int GenuinePairs { get; init; }

    public int ImpostorPairs { get; init; }

    public double ThresholdFar_1e3 { get; init; }

    public double DetectMs { get; init; }

    public double EmbedMs { get; init; }

    public double QualityPasses { get; init; }

    public int Unreadable { get; init; }

    public FaceIntervals? Intervals { get; init; }

    public FaceThresholdFigures? Threshold { get; init; }

    /// <summary>False alerts per 1,000 visits at one hit rate, for each way to make one similarity of a visit's looks.</summary>
    public FaceTrackFigures? Track { get; init; }

    /// <summary>What the quality gate refuses of pictures spoilt by known amounts.</summary>
    public IReadOnlyList<FaceGateFigures>? Gate { get; init; }
}

/// <summary>Lower and upper bounds; drawn again by person, so that the uncertainty of the threshold is in them.</summary>
internal sealed record FaceIntervals(double[] TarFar_1e2, double[] TarFar_1e3, double[] Rank1, double[] TpirFpir_1e2);

/// <summary>The threshold that the product would take for a list of this size, and what it gives here.</summary>
internal sealed record FaceThresholdFigures(
    int Listed, double FalseAlertsPer_1000Visits, double Cosine, double Fpir, double[] FpirInterval, double Tpir, double[] TpirInterval, int Trials);

internal sealed record FaceTrackFigures(
    int Visits, int Frames, double NoUsableLook, double HitRate, double SinglePer_1000, double MaxPer_1000, double BestPer_1000, double PooledPer_1000,
    double[] PooledInterval, double PooledOverSingle, double[] PooledOverSingleInterval);

internal sealed record FaceGateFigures(string Kind, string Level, double Refused, double Matched, int N);

/// <summary>
/// Compares faces of labelled people. A genuine pair: the first two pictures of a folder. Impostors: every two pictures of different
/// folders. Search: the first picture of each pair is enrolled, the second probes; people with one picture are on no list.
/// </summary>
internal static class FaceEval
{
    /// <summary>Rate of false alerts at which the chosen threshold is tried: the product's default.</summary>
    public const double FalseAlertsPer1000Visits = 1;

    public static FaceFigures Run(string directory, ModelStore models, TextWriter progress, FileInfo? report = null)
    {
        using var session = new FaceSession(models);
        var set = FaceSet.Load(directory, session, progress);
        var verification = new FaceVerification(set);
        var search = new FaceSearch(set);
        float cosine = FaceThresholds.Of(models).ForVisits(FalseAlertsPer1000Visits, Math.Max(1, search.Listed));
        var tracks = new FaceTracks(session).Run(set, cosine, progress);
        var gate = new FaceGate(session).Run(set, verification.Roc.Threshold(1e-3), progress);
        var figures = Figures(set, session, verification, search, cosine) with
        {
            Track = tracks is null ? null : Track(tracks),
            Gate = [.. gate.Select(g => new FaceGateFigures(g.Kind, g.Level, Round(g.Refused.Value), Round(g.Match.Value), g.Refused.Count))],
        };
        if (report is not null)
            ReportPath.Save(FaceReport.Of(figures, set, verification, search, tracks, gate), report, progress);
        return figures;
    }

    private static FaceFigures Figures(FaceSet set, FaceSession session, FaceVerification verification, FaceSearch search, float cosine)
    {
        Interval tar2 = verification.TrueAccepts(1e-2), tar3 = verification.TrueAccepts(1e-3), rank1 = search.Rank1(), tpir = search.Tpir(0.01);
        Interval fpir = search.FalseAlerts(cosine), found = search.Found(cosine);
        return new FaceFigures
        {
            People = set.People,
            Images = set.Faces.Count,
            Detected = set.Faces.Count(f => f.Embedding is not null),
            Auc = Round(verification.Roc.Auc),
            TarFar_1e2 = Round(tar2.Value),
            TarFar_1e3 = Round(tar3.Value),
            Rank1 = Round(rank1.Value),
            TpirFpir_1e2 = Round(tpir.Value),
            MsPerFace = Round(session.DetectMs + session.EmbedMs),
            GenuinePairs = verification.Roc.Genuine,
            ImpostorPairs = verification.Roc.Impostors,
            ThresholdFar_1e3 = Round(verification.Roc.Threshold(1e-3)),
            DetectMs = Round(session.DetectMs),
            EmbedMs = Round(session.EmbedMs),
            QualityPasses = Round((double)set.Faces.Count(f => f.Quality.Passes) / Math.Max(1, set.Faces.Count(f => f.Embedding is not null))),
            Unreadable = session.Unreadable,
            Intervals = new FaceIntervals(tar2.Bounds(), tar3.Bounds(), rank1.Bounds(), tpir.Bounds()),
            Threshold = new FaceThresholdFigures(
                search.Listed, FalseAlertsPer1000Visits, Round(cosine), Math.Round(fpir.Value, 6), fpir.Bounds(), Round(found.Value), found.Bounds(), fpir.Count),
        };
    }

    private static FaceTrackFigures Track(TrackFigures tracks)
    {
        var by = tracks.Ways.ConvertAll(w => w.FalseAlerts);
        return new FaceTrackFigures(
            tracks.Visits, tracks.Frames, Round(tracks.NoLook), FaceTracks.HitRate, Round(by[0].Value), Round(by[1].Value), Round(by[2].Value),
            Round(by[3].Value), by[3].Bounds(), Round(tracks.Ratio.Value), tracks.Ratio.Bounds());
    }

    private static double Round(double value) => Math.Round(value, 4);
}
