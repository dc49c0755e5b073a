using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>What became of a list that lay on disk. Exactly one of the last three is given, none where its files make no sense.</summary>
/// <param name="Facts">The newest version without its entries.</param>
/// <param name="PatchedSinceUnixMs">As in <see cref="LoadedList"/>.</param>
internal sealed record ReplayedList(Watchlist Facts, long PatchedSinceUnixMs, Watchlist? List = null, ListSentence? Over = null, WatchlistVerdict? Refused = null);

/// <summary>Holds lists against the contract, this car's policy and what the car remembers of them.</summary>
internal sealed class ListJudge(ListPolicy policy, ListFiles files, TrustedClock clock)
{
    private readonly ListMemory memory = files.Memory;

    /// <summary>Whether a list, or a delta to the version held, may be used.</summary>
    public WatchlistVerdict Check(ReadOnlyMemory<byte> envelope, string offeredId)
    {
        ulong held = memory.NewestVersion(offeredId);
        WatchlistVerdict verdict = WatchlistVerifier.Verify(envelope, policy.Trust, policy.Check(clock.NowUnixMs, held));
        if (verdict.List is not { } list)
            return verdict;
        if (list.ListId != offeredId)
            return ListSentence.OtherList.ToVerdict();
        return memory.IsEnded(list.ListId, list.Version) ? ListSentence.EndedBefore.ToVerdict() : verdict;
    }

    /// <summary>Why a list is over at the earliest time that it can be now; null while it is not.</summary>
    public ListSentence? WhyOver(Watchlist list, long earliestUnixMs) =>
        earliestUnixMs >= list.ValidToUnixMs ? ListSentence.Expired
        : clock.RunSinceContact >= policy.AfterContact(list.Kind) ? ListSentence.OutOfContact : null;

    /// <summary>
    /// Whether the centre was heard of recently enough for lists of this kind to be matched at this time. Longer running without it
    /// destroys them; a time that nobody signed (a satellite's) only suspends.
    /// </summary>
    public bool IsInContact(ListKind kind, long nowUnixMs) => nowUnixMs - clock.LastContactUnixMs < policy.AfterContact(kind).TotalMilliseconds;

    /// <summary>
    /// Goes through a list that lies on disk, as it came whole and then delta by delta. All were accepted at a trusted time; now their
    /// signatures are checked again, those of the earlier ones at their own time, the newest's at a time that it can only be later than.
    /// </summary>
    public ReplayedList Replay(string listId, IReadOnlyList<byte[]> envelopes)
    {
        Watchlist? whole = null;
        long patchedSince = 0;
        for (int i = 0; i < envelopes.Count; i++)
        {
            if (!TryReadFacts(envelopes[i], out Watchlist facts) || facts.ListId != listId)
                return new ReplayedList(facts, 0);
            bool newest = i == envelopes.Count - 1;
            long earliest = newest ? clock.EarliestUnixMs : 0;
            long at = Math.Max(earliest, Math.Max(facts.IssuedAtUnixMs, facts.ValidFromUnixMs));
            WatchlistVerdict verdict = WatchlistVerifier.Verify(envelopes[i], policy.Trust, policy.Check(at, whole?.Version ?? 0));
            if (newest && (WhyOver(facts, earliest) ?? (IsOver(facts, verdict) ? ListSentence.Expired : null)) is { } over)
                return new ReplayedList(facts, 0, Over: over);
            if (verdict.List is not { } read)
                return new ReplayedList(facts, 0, Refused: verdict);
            if (whole is not null && patchedSince == 0)
                patchedSince = LoadedList.PatchedAt(whole.Plates.Count + whole.Faces.Count, read);
            whole = whole is null ? read : WatchlistDelta.Apply(whole, read);
            if (whole is null)
                return new ReplayedList(facts, 0);
        }
        // A car that knows a later version has lost some of its deltas.
        return whole is null || whole.Version < memory.NewestVersion(listId)
            ? new ReplayedList(whole ?? new Watchlist { ListId = listId }, 0)
            : new ReplayedList(whole, patchedSince, List: whole);
    }

    private bool IsOver(Watchlist facts, WatchlistVerdict verdict) =>
        memory.IsEnded(facts.ListId, facts.Version) || verdict.Code == ListRefusals.Expired;

    private static bool TryReadFacts(byte[] envelope, out Watchlist facts)
    {
        try
        {
            facts = Watchlist.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(envelope).Payload);
            facts.Plates.Clear();
            facts.Faces.Clear();
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            facts = new Watchlist();
            return false;
        }
    }
}
