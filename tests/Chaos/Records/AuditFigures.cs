namespace EdgeAgent.Chaos.Records;

/// <param name="Kinds">Chains changed in each way.</param>
/// <param name="Codes">What the verifier said of them.</param>
/// <param name="Disagreed">Chains of which the car's own walk said something else.</param>
/// <param name="Missed">Those that it took for whole: way and turn.</param>
/// <param name="DayVerifyMs">Walk over a chain of so many records, every signature checked.</param>
internal sealed record AuditFigures(
    int Seed, int Count, int Found, int Disagreed, IReadOnlyDictionary<string, int> Kinds, IReadOnlyDictionary<string, int> Codes, IReadOnlyList<string> Missed,
    int DayRecords, long DayBytes, double DayVerifyMs)
{
    private const double MostDayMs = 2000;

    public IEnumerable<string> Wrong()
    {
        if (Found != Count)
            yield return $"{Count - Found} of {Count} changed chains passed for whole: {string.Join(", ", Missed)}";
        if (Disagreed > 0)
            yield return $"the car's own walk said something else of {Disagreed} chains";
        if (DayVerifyMs > MostDayMs)
            yield return $"a day's chain of {DayRecords} records took {DayVerifyMs:0} ms to verify; {MostDayMs:0} are allowed";
    }
}
