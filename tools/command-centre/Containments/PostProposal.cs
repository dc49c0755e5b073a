using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Containments;

/// <param name="MetresAlong">From the cordon's first corner.</param>
internal sealed record ProposedPost(string PostId, double Latitude, double Longitude, double MetresAlong);

/// <summary>Where posts stand.</summary>
/// <param name="Source">roads: where roads cross the cordon; even: no roads are installed, or none crosses.</param>
/// <param name="MergedMetres">Crossings nearer to each other than this are one post.</param>
internal sealed record PostProposal(string Source, double MergedMetres, IReadOnlyList<ProposedPost> Posts)
{
    public const int MostPosts = 40;
    private const int LeastEven = 4, MostEven = 12;
    private const double MetresOfEven = 800, MergeMetres = 30;

    public static PostProposal Of(Cordon cordon, RoadBook roads)
    {
        var crossings = (roads.Crossings(cordon) ?? []).Select(cordon.MetresAlong).Order().ToList();
        if (crossings.Count == 0)
            return new PostProposal("even", 0, Placed(cordon, Even(cordon)));
        // A dual carriageway crosses twice and needs one post; a thicket of lanes is drawn together until cars may do for it.
        var merge = MergeMetres;
        var places = Merged(crossings, merge, cordon.Metres);
        while (places.Count > MostPosts)
        {
            merge *= 1.5;
            places = Merged(crossings, merge, cordon.Metres);
        }
        return new PostProposal("roads", Math.Round(merge), Placed(cordon, places));
    }

    private static IEnumerable<double> Even(Cordon cordon)
    {
        var count = (int)Math.Clamp(Math.Round(cordon.Metres / MetresOfEven), LeastEven, MostEven);
        return Enumerable.Range(0, count).Select(n => cordon.Metres * n / count);
    }

    private static List<double> Merged(List<double> ordered, double metres, double around)
    {
        var kept = new List<double>();
        foreach (var at in ordered)
        {
            if (kept.Count == 0 || (at - kept[^1] >= metres && around - at + kept[0] >= metres))
                kept.Add(at);
        }
        return kept;
    }

    private static List<ProposedPost> Placed(Cordon cordon, IEnumerable<double> places) => [.. places.Select((along, n) =>
    {
        GeoPoint at = cordon.Plane.Back(cordon.PointAt(along));
        return new ProposedPost($"p{n + 1}", Math.Round(at.LatitudeDegrees, 6), Math.Round(at.LongitudeDegrees, 6), Math.Round(along, 1));
    })];
}
