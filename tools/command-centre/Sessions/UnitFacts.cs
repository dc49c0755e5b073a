using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>What seldom changes of each unit (name, district, kind of police), kept in memory and read again when a unit changes.</summary>
internal sealed class UnitFacts(UnitTable units)
{
    private volatile IReadOnlyDictionary<string, UnitRow> known = Load(units);

    /// <summary>Null for a unit that this centre does not know.</summary>
    public UnitRow? Find(string unitId) => known.GetValueOrDefault(unitId);

    public IEnumerable<UnitRow> All => known.Values;

    public string LabelOf(string unitId) => Find(unitId)?.Label ?? unitId;

    public void Refresh() => known = Load(units);

    private static Dictionary<string, UnitRow> Load(UnitTable units) => units.All().ToDictionary(unit => unit.UnitId, StringComparer.Ordinal);
}
