using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

internal enum ListCondition { Loaded, Refused, Expired, Revoked }

/// <summary>One list as the officer sees it: in use, or why not.</summary>
/// <param name="Facts">The list without entries; only its id and version are known where it could not be read.</param>
internal sealed record ListStatus(Watchlist Facts, int Entries, ListSentence Why);
