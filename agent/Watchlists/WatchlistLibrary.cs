using System.Collections.Immutable;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>
/// The lists that this car holds. Takes signed ones, refuses others with a reason that people can read, ends them at their time
/// or on revocation, and publishes what to match against as one immutable set.
/// </summary>
internal sealed partial class WatchlistLibrary(
    ListFiles files, ListPolicy policy, TrustedClock clock, Ledger ledger, ILogger<WatchlistLibrary> log)
{
    private const int StatusCapacity = 64;

    private readonly Lock gate = new();
    private readonly ListMemory memory = files.Memory;
    private readonly Dictionary<string, ListStatus> ended = [];
    private volatile MatchSet current = MatchSet.Empty;

    /// <summary>What to match against now. Swapped whole.</summary>
    public MatchSet Current => current;

    /// <summary>A list is no longer in force: its id. Raised at once, before its file is gone.</summary>
    public event Action<string>? Ended;

    public event Action? Changed;

    private ImmutableDictionary<string, LoadedList> Loaded => current.Lists;

    public IReadOnlyList<ListStatus> Status()
    {
        lock (gate)
        {
            // A clock that nobody vouches for ends nothing, not even to the eye.
            long now = clock.IsVouched ? clock.NowUnixMs : clock.EarliestUnixMs;
            return [.. Loaded.Values
                .Select(l => new ListStatus(l.Facts, l.Count, l.IsCurrent(now) ? ListSentence.InUse : ListSentence.PastItsDate))
                .Concat(ended.Values).OrderBy(s => s.Facts.ListId, StringComparer.Ordinal)];
        }
    }

    public IReadOnlyList<HeldList> Held()
    {
        lock (gate)
            return [.. Loaded.Values.Select(l => new HeldList { ListId = l.ListId, Version = l.Facts.Version })];
    }

    /// <summary>Whether an offer brings something new.</summary>
    public bool Wants(ListOffer offer)
    {
        lock (gate)
        {
            return (!Loaded.TryGetValue(offer.ListId, out LoadedList? held) || held.Facts.Version < offer.Version)
                && !memory.IsEnded(offer.ListId, offer.Version)
                && !(ended.GetValueOrDefault(offer.ListId) is { Why.Condition: ListCondition.Refused } refused && refused.Facts.Version == offer.Version);
        }
    }

    /// <summary>Loads what lies on disk: the car starts with its lists, link or not. Lists past their date are destroyed here.</summary>
    public void LoadFromDisk()
    {
        lock (gate)
        {
            (IReadOnlyList<(string ListId, byte[] Envelope)> lists, IReadOnlyList<string> damaged) = files.LoadAll();
            foreach (string file in damaged)
                LogDamaged(log, file);
            Publish(current.With([.. lists.Select(l => Reload(l.ListId, l.Envelope)).OfType<Watchlist>().Select(Open)]));
        }
    }

    /// <summary>Takes a list that came from the centre.</summary>
    public WatchlistVerdict Take(ReadOnlyMemory<byte> envelope, string offeredId, ulong offeredVersion)
    {
        lock (gate)
        {
            WatchlistVerdict verdict = Check(envelope, offeredId);
            if (verdict.List is { } list)
            {
                files.Save(list.ListId, envelope.Span);
                memory.Held(list.ListId, list.Version);
                LoadedList opened = Open(list);
                Report(AuditKind.ListLoaded, list, ListOutcome.Loaded, "", opened.Count);
                LogLoaded(log, list.ListId, list.Version, opened.Count);
                Publish(current.With([opened]));
            }
            else
            {
                var offered = new Watchlist { ListId = offeredId, Version = offeredVersion };
                Remember(new ListStatus(offered, 0, Refusal(verdict)));
                Report(AuditKind.ListRefused, offered, ListOutcome.Refused, verdict.Code, 0);
                LogRefused(log, offeredId, offeredVersion, verdict.Code, verdict.SentenceEn);
            }
            Changed?.Invoke();
            return verdict;
        }
    }

    /// <summary>Ends a list, or some of its entries, at once.</summary>
    public void Revoke(string listId, IReadOnlyCollection<string> entryIds)
    {
        lock (gate)
        {
            if (entryIds.Count == 0)
            {
                End(listId, ListSentence.Revoked);
                return;
            }
            memory.Revoked(listId, entryIds);
            if (!Loaded.TryGetValue(listId, out LoadedList? list))
                return;
            HashSet<string> revoked = [.. entryIds];
            current = current.Without(listId, revoked);
            Report(AuditKind.ListEnded, list.Facts, ListOutcome.Revoked, "entries_revoked", list.Count - Loaded[listId].Count);
            Publish(current.Cleared(list, revoked));
            Changed?.Invoke();
        }
    }

    /// <summary>Ends what is past its date. Call it a few times a second.</summary>
    public void Tick()
    {
        lock (gate)
        {
            long earliest = clock.EarliestUnixMs;
            foreach (LoadedList list in Loaded.Values)
            {
                if (WhyOver(list.Facts, earliest) is { } why)
                    End(list.ListId, why);
            }
        }
    }

    /// <summary>
    /// Whether the centre was heard of recently enough for lists of this kind to be matched at this time. Longer running without it
    /// destroys them; a time that nobody signed (a satellite's) only suspends.
    /// </summary>
    public bool IsInContact(ListKind kind, long nowUnixMs) => nowUnixMs - clock.LastContactUnixMs < policy.AfterContact(kind).TotalMilliseconds;

    private ListSentence? WhyOver(Watchlist list, long earliest) =>
        earliest >= list.ValidToUnixMs ? ListSentence.Expired
        : clock.RunSinceContact >= policy.AfterContact(list.Kind) ? ListSentence.OutOfContact : null;

    private WatchlistVerdict Check(ReadOnlyMemory<byte> envelope, string offeredId)
    {
        ulong held = memory.NewestVersion(offeredId);
        WatchlistVerdict verdict = WatchlistVerifier.Verify(envelope, policy.Trust, policy.Check(clock.NowUnixMs, held));
        if (verdict.List is not { } list)
            return verdict;
        if (list.ListId != offeredId)
            return ListSentence.OtherList.ToVerdict();
        if (list.DeltaFromVersion != 0)
            return ListSentence.Delta.ToVerdict();
        return memory.IsEnded(list.ListId, list.Version) ? ListSentence.EndedBefore.ToVerdict() : verdict;
    }

    private Watchlist? Reload(string listId, byte[] envelope)
    {
        if (!TryReadFacts(envelope, out Watchlist facts) || facts.ListId != listId)
        {
            LogDamaged(log, listId);
            return null;
        }
        // It was accepted at a trusted time; now its signatures are checked again, at a time that it can only be later than.
        long at = Math.Max(clock.EarliestUnixMs, Math.Max(facts.IssuedAtUnixMs, facts.ValidFromUnixMs));
        WatchlistVerdict verdict = WatchlistVerifier.Verify(envelope, policy.Trust, policy.Check(at, 0));
        ListSentence? over = verdict.List is null ? null : WhyOver(facts, clock.EarliestUnixMs);
        if (memory.IsEnded(listId, facts.Version) || over is not null || verdict.Code == ListRefusals.Expired)
            End(listId, facts, over ?? ListSentence.Expired);
        else if (verdict.List is { } list)
            return list;
        else
        {
            Remember(new ListStatus(facts, 0, Refusal(verdict)));
            LogRefused(log, listId, facts.Version, verdict.Code, verdict.SentenceEn);
        }
        return null;
    }

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

    private LoadedList Open(Watchlist list)
    {
        _ = ended.Remove(list.ListId);
        return LoadedList.Of(list, memory.RevokedEntries(list.ListId));
    }

    // What changed counts from the first step on; the others only tidy up.
    private void Publish(MatchSet set)
    {
        current = set;
        while (!current.Plates.IsSettled)
            current = current with { Plates = current.Plates.Settle() };
    }

    private static ListSentence Refusal(WatchlistVerdict verdict) =>
        new(ListCondition.Refused, verdict.Code, verdict.SentenceZh, verdict.SentenceEn);

    private void End(string listId, ListSentence why)
    {
        if (Loaded.TryGetValue(listId, out LoadedList? list))
            End(listId, list.Facts, why);
        else if (why == ListSentence.Revoked && memory.NewestVersion(listId) > 0 && !memory.IsEnded(listId, memory.NewestVersion(listId)))
            memory.Ended(listId, memory.NewestVersion(listId));
    }

    private void End(string listId, Watchlist facts, ListSentence why)
    {
        int entries = Loaded.GetValueOrDefault(listId)?.Count ?? 0;
        current = current.Without(listId);
        Ended?.Invoke(listId);
        files.Destroy(listId);
        // It is as good as it was once the centre says so; what expired or was revoked never is again.
        if (why != ListSentence.OutOfContact)
            memory.Ended(listId, facts.Version);
        Remember(new ListStatus(facts, entries, why));
        Report(AuditKind.ListEnded, facts, why == ListSentence.Revoked ? ListOutcome.Revoked : ListOutcome.Expired, why.Code, entries);
        LogEnded(log, listId, facts.Version, why.Code);
        Publish(current.Cleared(listId));
        Changed?.Invoke();
    }

    private void Remember(ListStatus status)
    {
        if (ended.Count >= StatusCapacity && !ended.ContainsKey(status.Facts.ListId))
            _ = ended.Remove(ended.Keys.First());
        ended[status.Facts.ListId] = status;
    }

    private void Report(AuditKind kind, Watchlist list, ListOutcome outcome, string code, int entries) => ledger.Record(
        new AuditDraft(kind, AuditDraft.System, "", $"{list.ListId}/{list.Version}", code.Length > 0 ? code : list.LegalReference),
        Lane.Status, Priority.Normal, "",
        e => e.ListState = new ListState { ListId = list.ListId, Version = list.Version, Outcome = outcome, Code = code, Entries = (uint)entries });

    [LoggerMessage(4030, LogLevel.Information, "List {ListId} version {Version} is in use: {Entries} entries.")]
    private static partial void LogLoaded(ILogger log, string listId, ulong version, int entries);

    [LoggerMessage(4031, LogLevel.Warning, "List {ListId} version {Version} is refused ({Code}). {Sentence}")]
    private static partial void LogRefused(ILogger log, string listId, ulong version, string code, string sentence);

    [LoggerMessage(4032, LogLevel.Information, "List {ListId} version {Version} ended ({Code}); key and content are destroyed.")]
    private static partial void LogEnded(ILogger log, string listId, ulong version, string code);

    [LoggerMessage(4033, LogLevel.Error, "A stored list cannot be opened: {File}. The centre will be asked for it again.")]
    private static partial void LogDamaged(ILogger log, string file);
}
