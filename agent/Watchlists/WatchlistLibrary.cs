using System.Collections.Immutable;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>
/// The lists that this car holds. Takes signed ones, refuses others with a reason that people can read, ends them at their time
/// or on revocation, and publishes what to match against as one immutable set.
/// </summary>
internal sealed partial class WatchlistLibrary(
    ListFiles files, ListJudge judge, TrustedClock clock, Ledger ledger, ILogger<WatchlistLibrary> log)
{
    private const int StatusCapacity = 64;

    // What a delta took out is gone from the disk as well after so long.
    private static readonly TimeSpan LongestPatched = TimeSpan.FromHours(24);

    private readonly Lock gate = new();
    private readonly ListMemory memory = files.Memory;
    private readonly Dictionary<string, ListStatus> ended = [];
    private volatile MatchSet current = MatchSet.Empty;

    /// <summary>What to match against now. Swapped whole.</summary>
    public MatchSet Current => current;

    /// <summary>A list is no longer in force: its id. Raised at once, before its file is gone.</summary>
    public event Action<string>? Ended;

    /// <summary>Some entries of a list are no longer in force: the list's id and theirs. Raised at once.</summary>
    public event Action<string, IReadOnlySet<string>>? EntriesEnded;

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

    /// <summary>Whether an offer of a whole list brings something new, or rids the car of what deltas took out.</summary>
    public bool Wants(ListOffer offer)
    {
        lock (gate)
        {
            return (!Loaded.TryGetValue(offer.ListId, out LoadedList? held) || held.Facts.Version < offer.Version || IsPatchedLong(held))
                && !memory.IsEnded(offer.ListId, offer.Version)
                && !(ended.GetValueOrDefault(offer.ListId) is { Why.Condition: ListCondition.Refused } refused && refused.Facts.Version == offer.Version);
        }
    }

    /// <summary>The version of a list that is in force, 0 if none.</summary>
    public ulong HeldVersion(string listId) => current.Lists.TryGetValue(listId, out LoadedList? held) ? held.Facts.Version : 0;

    /// <summary>Loads what lies on disk: the car starts with its lists, link or not. Lists past their date are destroyed here.</summary>
    public void LoadFromDisk()
    {
        lock (gate)
        {
            (IReadOnlyList<(string ListId, IReadOnlyList<byte[]> Envelopes)> lists, IReadOnlyList<string> damaged) = files.LoadAll();
            foreach (string file in damaged)
                LogDamaged(log, file);
            Publish(current.With([.. lists.Select(l => Reload(l.ListId, l.Envelopes)).OfType<LoadedList>()]));
        }
    }

    /// <summary>Takes a list, or a delta to the one held, that came from the centre.</summary>
    /// <param name="asDelta">It was offered as a delta: refused, it says nothing about the whole list of that version.</param>
    public WatchlistVerdict Take(ReadOnlyMemory<byte> envelope, string offeredId, ulong offeredVersion, bool asDelta = false)
    {
        lock (gate)
        {
            WatchlistVerdict verdict = judge.Check(envelope, offeredId);
            if (verdict.List is { } list && !(list.DeltaFromVersion == 0 ? Replace(envelope, list) : Patch(envelope, list)))
                verdict = ListSentence.Delta.ToVerdict();
            if (verdict.List is null)
            {
                var offered = new Watchlist { ListId = offeredId, Version = offeredVersion };
                if (!asDelta)
                    Remember(new ListStatus(offered, 0, Refusal(verdict)));
                ReportRefused(offered, verdict);
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
            EntriesEnded?.Invoke(listId, revoked);
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
                if (judge.WhyOver(list.Facts, earliest) is { } why)
                    End(list.ListId, why);
            }
        }
    }

    /// <inheritdoc cref="ListJudge.IsInContact"/>
    public bool IsInContact(ListKind kind, long nowUnixMs) => judge.IsInContact(kind, nowUnixMs);

    private bool IsPatchedLong(LoadedList held) =>
        held.PatchedSinceUnixMs > 0 && clock.NowUnixMs - held.PatchedSinceUnixMs >= LongestPatched.TotalMilliseconds;

    private bool Replace(ReadOnlyMemory<byte> envelope, Watchlist list)
    {
        files.Save(list.ListId, envelope.Span);
        memory.Held(list.ListId, list.Version);
        LoadedList opened = Open(list);
        Report(AuditKind.ListLoaded, list, ListOutcome.Loaded, "", opened.Count);
        LogLoaded(log, list.ListId, list.Version, opened.Count);
        Publish(current.With([opened]));
        return true;
    }

    private bool Patch(ReadOnlyMemory<byte> envelope, Watchlist delta)
    {
        if (!Loaded.TryGetValue(delta.ListId, out LoadedList? before) || before.With(delta) is not { } patch)
            return false;
        files.Append(delta.ListId, envelope.Span);
        memory.Held(delta.ListId, delta.Version);
        current = current.With(patch);
        _ = ended.Remove(delta.ListId);
        EntriesEnded?.Invoke(delta.ListId, patch.NoLonger());
        Report(AuditKind.ListLoaded, patch.After.Facts, ListOutcome.Loaded, "", patch.After.Count);
        LogPatched(log, delta.ListId, delta.DeltaFromVersion, delta.Version, patch.After.Count);
        Publish(current);
        return true;
    }

    private LoadedList? Reload(string listId, IReadOnlyList<byte[]> envelopes)
    {
        ReplayedList replayed = judge.Replay(listId, envelopes);
        if (replayed.List is { } list)
            return Open(list) with { PatchedSinceUnixMs = replayed.PatchedSinceUnixMs };
        if (replayed.Over is { } over)
        {
            End(listId, replayed.Facts, over);
            return null;
        }
        // What this car cannot use it does not keep: not being in force, it would never end.
        files.Destroy(listId);
        if (replayed.Refused is { } verdict)
        {
            Remember(new ListStatus(replayed.Facts, 0, Refusal(verdict)));
            LogRefused(log, listId, replayed.Facts.Version, verdict.Code, verdict.SentenceEn);
        }
        else
            LogDamaged(log, listId);
        return null;
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
        // One that had ended before is wanted back by nobody: it is no trouble any more.
        if (why == ListSentence.Revoked && ended.TryGetValue(listId, out ListStatus? over) && over.Why.Condition == ListCondition.Expired)
        {
            Remember(over with { Why = why });
            Changed?.Invoke();
        }
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

    private void ReportRefused(Watchlist offered, WatchlistVerdict verdict)
    {
        Report(AuditKind.ListRefused, offered, ListOutcome.Refused, verdict.Code, 0);
        LogRefused(log, offered.ListId, offered.Version, verdict.Code, verdict.SentenceEn);
    }

    private void Report(AuditKind kind, Watchlist list, ListOutcome outcome, string code, int entries) => ledger.Record(
        new AuditDraft(kind, AuditDraft.System, "", $"{list.ListId}/{list.Version}", code.Length > 0 ? code : list.LegalReference),
        Lane.Status, Priority.Normal, "",
        e => e.ListState = new ListState { ListId = list.ListId, Version = list.Version, Outcome = outcome, Code = code, Entries = (uint)entries });

    [LoggerMessage(4030, LogLevel.Information, "List {ListId} version {Version} is in use: {Entries} entries.")]
    private static partial void LogLoaded(ILogger log, string listId, ulong version, int entries);

    [LoggerMessage(4035, LogLevel.Information, "List {ListId} went from version {From} to {Version} by a delta: {Entries} entries.")]
    private static partial void LogPatched(ILogger log, string listId, ulong from, ulong version, int entries);

    [LoggerMessage(4031, LogLevel.Warning, "List {ListId} version {Version} is refused ({Code}). {Sentence}")]
    private static partial void LogRefused(ILogger log, string listId, ulong version, string code, string sentence);

    [LoggerMessage(4032, LogLevel.Information, "List {ListId} version {Version} ended ({Code}); key and content are destroyed.")]
    private static partial void LogEnded(ILogger log, string listId, ulong version, string code);

    [LoggerMessage(4033, LogLevel.Error, "A stored list cannot be opened: {File}. The centre will be asked for it again.")]
    private static partial void LogDamaged(ILogger log, string file);
}
