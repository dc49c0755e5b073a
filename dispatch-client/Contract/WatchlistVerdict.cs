using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>What came of a check.</summary>
/// <param name="List">The list, or null when it was refused.</param>
/// <param name="Code">"accepted", or one of <see cref="ListRefusals"/>' codes.</param>
/// <param name="SentenceZh">One sentence for people, Chinese.</param>
/// <param name="SentenceEn">One sentence for people, English.</param>
public sealed record WatchlistVerdict(Watchlist? List, string Code, string SentenceZh, string SentenceEn)
{
    public bool Accepted => List is not null;
}
