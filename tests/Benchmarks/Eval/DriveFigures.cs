using EdgeAgent.Benchmarks.Reporting;
using EdgeAgent.Rig.Drives;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>How a kind of visit fared.</summary>
/// <param name="Recall">Visits read right, of all; with Wilson's bounds.</param>
internal sealed record DriveGroup(string Name, int Visits, int Found, int Read, int Wrong, int Missed, double Recall, double[] RecallBounds)
{
    public static DriveGroup Of(string name, IEnumerable<ScoredVisit> visits)
    {
        ScoredVisit[] all = [.. visits];
        int read = all.Count(v => v.Outcome == DriveOutcome.Read), wrong = all.Count(v => v.Outcome == DriveOutcome.Wrong);
        Interval recall = Interval.Wilson(read, all.Length);
        return new DriveGroup(name, all.Length, read + wrong, read, wrong, all.Length - read - wrong, Math.Round(recall.Value, 4), recall.Bounds());
    }
}

/// <summary>One strategy's figures. Visits count that show at least 64 px of plate for half a second; <c>ByWidth</c> has a control bin below that.</summary>
internal sealed record DriveFigures(
    string Strategy, string Description, int Visits, int Found, int Read, int Wrong, int Missed, double Recall, double[] RecallBounds,
    DriveGroup Legible, IReadOnlyList<DriveGroup> ByWidth, IReadOnlyList<DriveGroup> ByClass, IReadOnlyList<DriveGroup> ByLight,
    IReadOnlyList<DriveGroup> BySmear, IReadOnlyList<DriveGroup> ByCourse, int Tells, int WrongTells, double Cores, double CoresACamera, double RssMb,
    long FramesDecoded, long FramesAnalysed, long FramesDropped, long PlateTracks, long PlateReads, int Interruptions)
{
    /// <summary>A plate that never moves less than this while the shutter is open, in widths of a character, shows nobody its strokes.</summary>
    public const float LegibleSmear = 0.5f;

    private static readonly (string Name, int From, int To)[] s_widths = [("48-64", 48, 64), ("64-80", 64, 80), ("80-110", 80, 110), ("110-160", 110, 160), ("160+", 160, int.MaxValue)];
    private static readonly (string Name, float From, float To)[] s_smears = [("0-0.1", 0, 0.1f), ("0.1-0.25", 0.1f, 0.25f), ("0.25-0.5", 0.25f, 0.5f), ("0.5+", 0.5f, float.MaxValue)];

    public static DriveFigures Of(DriveResult result, DriveScore score, int camerasAtOnce)
    {
        ScoredVisit[] counted = [.. score.Counted];
        DriveGroup all = DriveGroup.Of("all", counted);
        DriveCost cost = result.Cost;
        double cores = cost.CpuSeconds / cost.Seconds;
        return new DriveFigures(
            result.Strategy.Name, result.Strategy.Description, all.Visits, all.Found, all.Read, all.Wrong, all.Missed, all.Recall, all.RecallBounds,
            DriveGroup.Of("legible", counted.Where(v => v.Visit.LeastSmear < LegibleSmear)),
            [.. s_widths.Select(w => DriveGroup.Of(w.Name, (w.To <= DriveVisit.CountedWidthPx ? score.Visits : counted).Where(v => v.Visit.MaxWidthPx >= w.From && v.Visit.MaxWidthPx < w.To)))],
            By(counted, v => v.Class), By(counted, v => v.Light),
            [.. s_smears.Select(s => DriveGroup.Of(s.Name, counted.Where(v => v.Visit.LeastSmear >= s.From && v.Visit.LeastSmear < s.To)))],
            By(counted, v => v.Course), result.Tells.Count, score.WrongTells.Count,
            Math.Round(cores, 3), Math.Round(cores / camerasAtOnce, 3), Math.Round(cost.RssMegabytes, 0),
            cost.Decoded, cost.Analysed, cost.Dropped, cost.Tracks, cost.Reads, cost.Interruptions);
    }

    private static DriveGroup[] By(IEnumerable<ScoredVisit> visits, Func<DriveVisit, string> what) =>
        [.. visits.GroupBy(v => what(v.Visit)).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => DriveGroup.Of(g.Key, g))];
}
