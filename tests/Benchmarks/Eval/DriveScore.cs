using EdgeAgent.Rig.Drives;

namespace EdgeAgent.Benchmarks.Eval;

internal enum DriveOutcome
{
    /// <summary>Nothing was told while it was there.</summary>
    Missed,

    /// <summary>Something else was told, and nothing right.</summary>
    Wrong,

    /// <summary>Its text was told, character by character.</summary>
    Read,
}

/// <param name="Told">The texts that were told for it.</param>
internal sealed record ScoredVisit(DriveVisit Visit, DriveOutcome Outcome, IReadOnlyList<DriveTell> Told);

/// <summary>Holds what was told against the truth.</summary>
/// <param name="Visits">Every visit of the truth.</param>
/// <param name="WrongTells">Told visits whose last text was nobody's who was there.</param>
internal sealed record DriveScore(IReadOnlyList<ScoredVisit> Visits, IReadOnlyList<DriveTell> WrongTells)
{
    /// <summary>For so long a plate of 64 px must be seen before it counts.</summary>
    public const int LeastCountedMs = 500;

    /// <summary>Clocks of sub- and main stream, and the instant of a corrected vote.</summary>
    private const int SlackMs = 400;

    /// <summary>A told text farther from the truth than this is somebody else's.</summary>
    private const int MostCharactersOff = 4;

    public IEnumerable<ScoredVisit> Counted => Visits.Where(v => v.Visit.CountedMs >= LeastCountedMs);

    public static DriveScore Of(IReadOnlyList<DriveVisit> truth, IReadOnlyList<DriveTell> tells)
    {
        var told = truth.ToDictionary(v => v, _ => new List<DriveTell>());
        var wrong = new List<DriveTell>();
        foreach (DriveTell tell in tells)
        {
            DriveVisit[] there = [.. truth.Where(v => v.Camera == tell.Camera && tell.ClipMs >= v.FromMs - SlackMs && tell.ClipMs <= v.ToMs + SlackMs)];
            DriveVisit? whose = there.MinBy(v => (Distance(v.Plate, tell.Text), Math.Abs(WidthAt(v, tell.ClipMs) - tell.WidthPx)));
            if (whose is null || whose.Plate != tell.Text)
                wrong.Add(tell);
            if (whose is not null && (whose.Plate == tell.Text || Distance(whose.Plate, tell.Text) <= MostCharactersOff))
                told[whose].Add(tell);
        }
        return new DriveScore([.. truth.Select(v => new ScoredVisit(v, OutcomeOf(v, told[v]), told[v]))], wrong);
    }

    private static DriveOutcome OutcomeOf(DriveVisit visit, List<DriveTell> told) =>
        told.Any(t => t.Text == visit.Plate) ? DriveOutcome.Read : told.Count > 0 ? DriveOutcome.Wrong : DriveOutcome.Missed;

    private static int WidthAt(DriveVisit visit, long clipMs) => visit.Boxes.Count == 0 ? 0 : visit.Boxes.MinBy(b => Math.Abs(b[0] - clipMs))![5];

    /// <summary>Levenshtein's.</summary>
    public static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int next = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (row[j], next);
            }
        }
        return row[^1];
    }
}
