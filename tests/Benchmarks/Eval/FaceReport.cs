using EdgeAgent.Benchmarks.Reporting;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>The page for people about <c>eval faces</c>. It names nobody and shows no picture.</summary>
internal static class FaceReport
{
    private const int CurvePoints = 400, Bins = 60;

    public static HtmlReport Of(
        FaceFigures figures, FaceSet set, FaceVerification verification, FaceSearch search, TrackFigures? tracks, IReadOnlyList<GateStep> gate)
    {
        var page = new HtmlReport("Faces: verification, search, visits and the quality gate")
            .Text($"{figures.People} people, {figures.Images} pictures, {figures.Detected} faces found, {figures.GenuinePairs} genuine pairs, {figures.ImpostorPairs} pairs of different people. Intervals hold the true value 19 times of 20; people are drawn again with all their pictures. What these people have in common (press photographs, daylight, mostly adults) the figures have too.");
        Verification(page, figures, verification);
        Search(page, figures, search);
        if (tracks is not null)
            Tracks(page, figures, tracks);
        Gate(page, set, gate);
        return page;
    }

    private static void Verification(HtmlReport page, FaceFigures figures, FaceVerification verification)
    {
        Interval tar2 = verification.TrueAccepts(1e-2), tar3 = verification.TrueAccepts(1e-3);
        var curve = verification.Roc.Curve(CurvePoints).ToList();
        page.Section("One against one")
            .Table("Share of genuine pairs accepted", ["False accept rate", "Cosine", "True accept rate", "Interval", "Pairs"],
                ["1e-2", $"{verification.Roc.Threshold(1e-2):0.000}", $"{tar2.Value:0.0000}", Bounds(tar2), $"{tar2.Count}"],
                ["1e-3", $"{verification.Roc.Threshold(1e-3):0.000}", $"{tar3.Value:0.0000}", Bounds(tar3), $"{tar3.Count}"])
            .Chart("Receiver operating characteristic. Left of one in the number of impostor pairs nothing can be measured.",
                Charts.Curves("ROC", new Axis("false accept rate", 1e-6, 1, Log: true), new Axis("true accept rate", 0.9, 1), new Series("single pictures", curve)))
            .Chart("Detection error trade-off: the same, with what is missed on a scale of decades.",
                Charts.Curves("DET", new Axis("false accept rate", 1e-6, 1, Log: true), new Axis("false reject rate", 1e-3, 1, Log: true),
                    new Series("single pictures", [.. curve.Select(p => (p.FalseAccepts, 1 - p.TrueAccepts))])))
            .Chart($"How alike the pairs are. Area under the curve {figures.Auc:0.0000}.",
                Charts.Histogram("similarities", new Axis("cosine", -0.4, 1), Bins, new Heap("genuine", verification.Genuine), new Heap("impostors", verification.Impostors)));
    }

    private static void Search(HtmlReport page, FaceFigures figures, FaceSearch search)
    {
        if (figures.Threshold is not { } threshold)
            return;
        Interval rank1 = search.Rank1(), tpir = search.Tpir(0.01);
        page.Section("One against many")
            .Text($"{search.Listed} people are listed with one picture each. Searched for: their second picture; and people on no list.")
            .Table("Search", ["What", "Share", "Interval", "Tries"],
                ["best match is right", $"{rank1.Value:0.0000}", Bounds(rank1), $"{rank1.Count}"],
                ["best match is right and passes where 1 % of the unlisted would", $"{tpir.Value:0.0000}", Bounds(tpir), $"{tpir.Count}"],
                [$"same, at the product's threshold for this list ({threshold.Cosine:0.000}, {threshold.FalseAlertsPer_1000Visits:0.##} false alerts per 1,000 visits)",
                    $"{threshold.Tpir:0.0000}", $"{threshold.TpirInterval[0]:0.000} – {threshold.TpirInterval[1]:0.000}", $"{tpir.Count}"],
                ["searches that end in a false alert at that threshold", $"{threshold.Fpir:0.00000}",
                    $"{threshold.FpirInterval[0]:0.0000} – {threshold.FpirInterval[1]:0.0000}", $"{threshold.Trials}"])
            .Chart("Listed people found, by the share of unlisted people who raise a false alert.",
                Charts.Curves("search", new Axis("share of the unlisted with a false alert", 0.004, 1, Log: true), new Axis("share of the listed found", 0.8, 1),
                    new Series($"{search.Listed} listed", [.. search.Curve()])));
    }

    private static void Tracks(HtmlReport page, FaceFigures figures, TrackFigures tracks)
    {
        page.Section("Visits")
            .Text($"{tracks.Visits} visits of nine frames each, made from each person's probe picture by seeded damage (face 32 to 60 px wide, motion, defocus, noise, light, shift). Three frames are looked at, those that pass the gate are used; {tracks.NoLook:P1} of the visits have none. The list is the same. Every visit is also a stranger's to everybody else's entry.")
            .Table($"What is made of a visit's looks; false alerts at the threshold where {FaceTracks.HitRate:P0} of the listed are found",
                ["Way", "False alerts per 1,000", "Interval", $"Found at {figures.Threshold?.Cosine:0.000}", "False alerts there"],
                tracks.Ways.Select(w => new[]
                {
                    w.Name, $"{w.FalseAlerts.Value:0.0}", $"{w.FalseAlerts.Low:0.0} – {w.FalseAlerts.High:0.0}",
                    $"{w.HitsAtRate.Value:0.000} ({Bounds(w.HitsAtRate)})", $"{w.FalseAtRate.Value:0.0000} ({Bounds(w.FalseAtRate)})",
                }))
            .Text($"Pooled over single frame, false alerts at the same hit rate: {tracks.Ratio.Value:0.00} ({Bounds(tracks.Ratio)}).")
            .Chart("Listed people found in a visit, by false alerts per visit.",
                Charts.Curves("visits", new Axis("share of visits with a false alert", 1e-3, 1, Log: true), new Axis("share of listed visitors found", 0.5, 1),
                    [.. tracks.Scores.Select(w => new Series(w.Name, Trade(w)))]));
    }

    private static void Gate(HtmlReport page, FaceSet set, IReadOnlyList<GateStep> gate)
    {
        var found = set.Faces.Where(f => f.Embedding is not null).ToList();
        var passing = Interval.Wilson(found.Count(f => f.Quality.Passes), found.Count);
        page.Section("Quality gate")
            .Text($"Of the pictures as they are, {passing} pass. Below, the same pictures spoilt by known amounts: a gate is right where it begins to refuse what no longer matches.")
            .Table("Spoilt pictures", ["Damage", "Amount", "Refused", "Interval", "Found", "Refused for this damage", "Would match at FAR 1e-3"],
                gate.Select(g => new[]
                {
                    g.Kind, g.Level, $"{g.Refused.Value:0.000}", Bounds(g.Refused), $"{g.Refused.Count}",
                    g.Named.Count == 0 || g.Kind == "none" ? "–" : $"{g.Named.Value:0.00}", $"{g.Match.Value:0.000} ({Bounds(g.Match)})",
                }))
            .Chart("Refused, by damage.", Charts.Bars("refused", [.. gate.Select(g => new Bar($"{g.Kind}, {g.Level}", g.Refused))]));
    }

    private static List<(double, double)> Trade(TrackWay way)
    {
        var (hits, strangers) = ((float[])[.. way.Hits.Order()], (float[])[.. way.Strangers.Order()]);
        return [.. strangers.Select((s, i) => ((double)(strangers.Length - i) / strangers.Length, (double)hits.Count(h => h >= s) / hits.Length)).Reverse()];
    }

    private static string Bounds(Interval interval) => $"{interval.Low:0.000} – {interval.High:0.000}";
}
