namespace EdgeAgent.Chaos.Records;

/// <param name="Lives">Lists that were taken, lived through their incidents and ended.</param>
/// <param name="Incidents">Clocks set, machines switched off, times told: by kind.</param>
/// <param name="Looks">How often it was asked whether the list is matched.</param>
/// <param name="Matching">Of these, before its end and matched.</param>
/// <param name="Suspended">Before its end, held and not matched: the time was nobody's word.</param>
/// <param name="MatchedAfterEnd">Must be 0.</param>
/// <param name="MatchedOutOfContact">The centre had been silent for longer than the kind of list allows; must be 0.</param>
/// <param name="DeletedEarly">Must be 0.</param>
/// <param name="Revived">Lists that came back after their end; must be 0.</param>
/// <param name="Left">Lists that were still held, or whose key was still on disk, when the centre had told a time after their end; must be 0.</param>
internal sealed record ClockFigures(
    int Seed, int Lives, IReadOnlyDictionary<string, int> Incidents, long Looks, long Matching, long Suspended, int MatchedAfterEnd, int MatchedOutOfContact, int DeletedEarly,
    int Revived, int Left, IReadOnlyList<string> First)
{
    public IEnumerable<string> Wrong()
    {
        foreach (var (count, what) in ((int, string)[])[
            (MatchedAfterEnd, "matches after a list's end"), (MatchedOutOfContact, "matches out of contact"), (DeletedEarly, "lists deleted before their end"), (Revived, "lists revived"), (Left, "lists left behind")])
        {
            if (count > 0)
                yield return $"{count} {what}: {string.Join("; ", First)}";
        }
        if (Matching == 0 || Suspended == 0)
            yield return "nothing was ever matched, or never suspended: this run shows nothing";
    }
}
