using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.Vision.Matching;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

/// <summary>A visit that agrees with an entry of a list in force.</summary>
internal abstract record Hit(LoadedList List, Visit Visit)
{
    public abstract string EntryId { get; }
}

internal sealed record PlateHit(LoadedList List, PlateSighting Sighting, PlateEntry Entry, PlateMatch Match) : Hit(List, Sighting)
{
    public override string EntryId => Entry.EntryId;
}

/// <param name="RivalSimilarity">Of the next best entry, whoever it is; -1 when there is none.</param>
/// <param name="Limits">That it was held against.</param>
internal sealed record FaceHit(
    LoadedList List, FaceSighting Sighting, FaceEntry Entry, float Similarity, float RivalSimilarity, FaceLimits Limits) : Hit(List, Sighting)
{
    public override string EntryId => Entry.EntryId;
}
