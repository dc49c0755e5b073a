using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Patrolling;

/// <summary>A version of a plan, read.</summary>
internal sealed record PlanVersion(PlanRow Row, PatrolRoute Route, IReadOnlyList<string> Units)
{
    public bool IsRetired => Row.Retired != 0;
}

/// <summary>Plans as they stood at a time, read once for a sweep or an answer.</summary>
internal sealed class PlanBook
{
    private readonly Dictionary<string, List<PlanVersion>> byPlan;

    private PlanBook(IEnumerable<PlanRow> rows) => byPlan = rows.GroupBy(row => row.PlanId).ToDictionary(
        versions => versions.Key,
        versions => versions.Select(Read).ToList(),
        StringComparer.Ordinal);

    public static PlanBook Of(PatrolTable table) => new(table.Versions());

    public IEnumerable<PlanVersion> Current => byPlan.Values.Select(versions => versions[0]).Where(version => !version.IsRetired);

    /// <summary>Every plan's shifts of which a part lies between these times, each with the version that stood at its end, or stands now.</summary>
    public IEnumerable<(PlanVersion Plan, PatrolShift Shift)> Shifts(long fromUnixMs, long toUnixMs)
    {
        foreach (var versions in byPlan.Values)
        {
            foreach (var shift in versions.SelectMany(version => PatrolShifts.Between(version.Route, fromUnixMs, toUnixMs)).Distinct().OrderBy(shift => shift.FromUnixMs))
            {
                if (At(versions, shift) is { } plan)
                    yield return (plan, shift);
            }
        }
    }

    private static PlanVersion Read(PlanRow row)
    {
        var document = PlanDocument.Read(row.Document);
        return new PlanVersion(row, document.Route, document.Units);
    }

    // A shift is judged by the newest version issued before its end, if that version has this very shift: hours that were changed in the
    // middle of a shift begin with the changed ones.
    private static PlanVersion? At(List<PlanVersion> newestFirst, PatrolShift shift) =>
        newestFirst.Find(version => version.Row.IssuedAt < shift.ToUnixMs) is { IsRetired: false } plan
        && PatrolShifts.Between(plan.Route, shift.FromUnixMs, shift.ToUnixMs).Contains(shift)
            ? plan
            : null;
}
