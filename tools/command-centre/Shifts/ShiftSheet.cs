namespace EdgeAgent.CommandCentre.Shifts;

/// <summary>Of what a sheet tells: a time, and whose cars.</summary>
/// <param name="MaySee">Whether a unit is one of those.</param>
internal sealed record ShiftSpan(long FromUnixMs, long ToUnixMs, Func<string, bool> MaySee)
{
    /// <summary>Of whoever makes the sheet; "" is the city.</summary>
    public required string District { get; init; }
}

/// <summary>One line: a code for which the page has words, and their values. Open: the next shift has to do something.</summary>
internal sealed record ShiftLine(string Code, IReadOnlyDictionary<string, string> Values, bool Open);

/// <summary>One section of a sheet.</summary>
internal sealed record ShiftPart(string Section, int Count, IReadOnlyList<ShiftLine> Lines);

internal sealed record ShiftSheet(string Note, IReadOnlyList<ShiftPart> Parts);

/// <summary>Somebody who has something to hand over.</summary>
internal interface IShiftSection
{
    /// <summary>The page's word for it.</summary>
    public string Section { get; }

    /// <summary>What is open first, whenever it began; then what happened in the span.</summary>
    public IEnumerable<ShiftLine> Lines(ShiftSpan span);
}
