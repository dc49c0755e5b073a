using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>Which bytes bring a list up to date.</summary>
internal static class ListPlan
{
    /// <summary>The deltas that lead from the version held to the whole list on offer, in order.</summary>
    /// <param name="held">0: none.</param>
    /// <param name="offers">All of one list.</param>
    /// <returns>Empty where there is no unbroken way, or it is no shorter than the whole list.</returns>
    public static IReadOnlyList<ListOffer> Deltas(ulong held, ListOffer whole, IReadOnlyCollection<ListOffer> offers)
    {
        var way = new List<ListOffer>();
        ulong at = held, bytes = 0;
        while (at > 0 && offers.FirstOrDefault(o => o.DeltaFromVersion == at && o.Version > at && o.Version <= whole.Version) is { } next)
        {
            way.Add(next);
            bytes += next.SizeBytes;
            at = next.Version;
        }
        return at == whole.Version && bytes < whole.SizeBytes ? way : [];
    }
}
