using System.Collections.Concurrent;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>What a unit last said of itself.</summary>
/// <param name="CapturedAtUnixMs">By the car's clock.</param>
internal sealed record ToldHealth(UnitHealth Health, long CapturedAtUnixMs, long ReceivedAtUnixMs);

/// <summary>The newest health of every unit, in memory; history comes with the events and is on disk.</summary>
internal sealed class UnitHealths
{
    private readonly ConcurrentDictionary<string, ToldHealth> newest = new(StringComparer.Ordinal);

    public ToldHealth? Find(string unitId) => newest.GetValueOrDefault(unitId);

    /// <summary>Takes a unit's word; an older one that comes late does not replace a newer one.</summary>
    public void EventStored(StoredEvent stored)
    {
        if (stored.Event.BodyCase != Event.BodyOneofCase.UnitHealth)
            return;
        var told = new ToldHealth(stored.Event.UnitHealth, stored.Event.CapturedAtUnixMs, stored.ReceivedAtUnixMs);
        _ = newest.AddOrUpdate(stored.UnitId, told, (_, known) => known.CapturedAtUnixMs > told.CapturedAtUnixMs ? known : told);
    }

    /// <summary>After a start.</summary>
    public void Restore(EventTable events, IEnumerable<string> unitIds)
    {
        foreach (var stored in unitIds.Select(unitId => events.LatestOf(unitId, "unit_health")).OfType<StoredEvent>())
            EventStored(stored);
    }
}
