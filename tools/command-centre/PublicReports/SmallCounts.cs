namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>
/// Hides counts of 1 to 4 in breakdowns: whoever knows that a neighbour was stopped must not find them in a table. A hidden count must
/// not follow from its line's published total either, so no line hides exactly one, or so little that it is plain what they are.
/// This stops subtraction within one report, not a search across other sources.
/// </summary>
internal static class SmallCounts
{
    public const int Least = 5;

    /// <summary>Counts whose total is published.</summary>
    public static Figure[] Line(IReadOnlyList<long> counts) => Hide(counts, [[.. Enumerable.Range(0, counts.Count)]]);

    /// <summary>Counts that add up to nothing that is published.</summary>
    public static Figure Alone(long count) => count is > 0 and < Least ? Figure.Few : count;

    /// <summary>Rows whose last count is the sum of the others; the totals of all columns are published.</summary>
    public static Figure[][] Table(IReadOnlyList<long[]> rows)
    {
        if (rows.Count == 0)
            return [];
        var wide = rows[0].Length;
        var across = Enumerable.Range(0, rows.Count).Select(row => Enumerable.Range(row * wide, wide).ToArray());
        var down = Enumerable.Range(0, wide).Select(column => Enumerable.Range(0, rows.Count).Select(row => row * wide + column).ToArray());
        // Columns first: a row then finds hidden already what it would else hide too much for.
        return [.. Hide([.. rows.SelectMany(row => row)], [.. down, .. across]).Chunk(wide)];
    }

    /// <param name="counts">All counts.</param>
    /// <param name="lines">Of which counts, by their places, a sum is known.</param>
    public static Figure[] Hide(IReadOnlyList<long> counts, IReadOnlyList<int[]> lines)
    {
        var hidden = counts.Select(count => count is > 0 and < Least).ToArray();
        while (lines.Any(line => HideOneMore(counts, hidden, line)))
        {
            // Each further one may leave another line with too little hidden.
        }
        return [.. counts.Select((count, at) => !hidden[at] ? (Figure)count : count is > 0 and < Least ? Figure.Few : Figure.Withheld)];
    }

    private static bool HideOneMore(IReadOnlyList<long> counts, bool[] hidden, int[] line)
    {
        var away = line.Where(at => hidden[at]).ToList();
        if (away.Count == 0 || (away.Count > 1 && away.Sum(at => counts[at]) >= Least))
            return false;
        // The smallest that says something; a nought only where nothing else is left.
        var next = line.Where(at => !hidden[at]).OrderBy(at => counts[at] == 0).ThenBy(at => counts[at]).Select(at => (int?)at).FirstOrDefault();
        if (next is { } more)
            hidden[more] = true;
        return next is not null;
    }
}
