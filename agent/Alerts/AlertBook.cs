using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Watchlists;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

internal enum AlertOutcome { Confirmed, Rejected, Lapsed }

/// <summary>
/// The alerts that wait for an officer. An alert ends in one of three ways, each written down before it counts: confirmed or
/// rejected by the officer on duty, or lapsed as not seen. Nothing else closes it, and nothing decides by itself.
/// </summary>
internal sealed class AlertBook(
    CarOptions options, AlertMaker maker, WatchlistLibrary lists, DecisionDesk decisions, IRecords records, TimeProvider time)
{
    // More than an officer can look at; beyond it the least pressing lapses, written down as such.
    private const int Capacity = 32;
    private const int KeptLatencies = 4096, KeptDecided = 4096;

    private readonly Lock gate = new();
    private readonly List<OpenAlert> open = [];
    private readonly Dictionary<(string, string), long> decidedAt = [];
    private readonly Queue<double> latencies = new(), openLatencies = new();
    private long hitsFace, hitsPlate, decided, confirmedFace, confirmedPlate, suppressed;

    public event Action<OpenAlert>? Shown;

    public event Action<Guid, AlertOutcome>? Closed;

    /// <summary>Open alerts, the most pressing first.</summary>
    public IReadOnlyList<OpenAlert> Open
    {
        get { lock (gate) return [.. open.OrderBy(a => a.Alert.Tone).ThenBy(a => a.Alert.Category).ThenByDescending(a => a.ShownAtUnixMs)]; }
    }

    public AlertCounts Counts
    {
        get { lock (gate) return new AlertCounts(hitsFace, hitsPlate, decided, confirmedFace, confirmedPlate, suppressed, [.. latencies], [.. openLatencies]); }
    }

    /// <summary>Shows a hit, unless the same entry waits already (then that one is updated) or was decided on just now.</summary>
    public void Offer(Hit hit)
    {
        OpenAlert alert;
        lock (gate)
        {
            (string, string) entry = (hit.List.ListId, hit.EntryId);
            if (open.Find(a => a.Entry == entry) is { } waiting)
            {
                waiting.SeenAgain++;
                waiting.LastCameraId = hit.Visit.CameraId;
                waiting.LastSeenUnixMs = maker.SeenAt(hit.Visit);
                return;
            }
            if (WasDecided(entry))
            {
                suppressed++;
                return;
            }
            // Looked up again under this lock: a list that ended since then is either seen here or withdraws what it finds.
            if (!lists.Current.Lists.ContainsKey(hit.List.ListId))
                return;
            alert = maker.Make(hit);
            records.Note(new AuditDraft(AuditKind.AlertShown, AuditDraft.System, "", alert.Id.ToString(), alert.Alert.LegalReference));
            open.Add(alert);
            _ = hit is FaceHit ? hitsFace++ : hitsPlate++;
        }
        Shown?.Invoke(alert);
        MakeRoom();
    }

    /// <summary>Whether the officer decided on this entry just now, so that it is not shown again yet.</summary>
    public bool WasDecided(Hit hit)
    {
        lock (gate)
            return WasDecided((hit.List.ListId, hit.EntryId));
    }

    /// <summary>The page has painted it: from frame to eye.</summary>
    public void Painted(Guid id, long nowMonoMs)
    {
        lock (gate)
        {
            if (open.Find(a => a.Id == id) is not { Painted: false } alert)
                return;
            alert.Painted = true;
            Keep(latencies, nowMonoMs - alert.SettledMonoMs);
            Keep(openLatencies, alert.ShownMonoMs - alert.SettledMonoMs);
        }
    }

    private static void Keep(Queue<double> kept, double ms)
    {
        kept.Enqueue(ms);
        if (kept.Count > KeptLatencies)
            _ = kept.Dequeue();
    }

    /// <summary>The officer's word. Durable and signed when this returns with an id.</summary>
    /// <param name="second">Another officer of the roster, whose PIN was right just now; "" if none.</param>
    /// <returns>(code, id of the decision): "" when taken; closed, reason_required, reason_unknown, note_too_long, second_required, second_same.</returns>
    public (string Code, string DecisionId) Decide(Guid id, Verdict verdict, string reason, string note, DutySession session, string second = "")
    {
        if (DecisionDesk.Problem(verdict, reason, note) is { Length: > 0 } problem)
            return (problem, "");
        OpenAlert? alert;
        lock (gate)
        {
            alert = open.Find(a => a.Id == id);
            if (alert is null || alert.Deciding)
                return ("closed", "");
            if (verdict == Verdict.Confirmed && alert.NeedsSecond && (second.Length == 0 || second == session.OfficerId))
                return (second.Length == 0 ? "second_required" : "second_same", "");
            alert.Deciding = true;
        }
        string decisionId;
        try
        {
            decisionId = decisions.Write(alert, verdict, reason, note, session, verdict == Verdict.Confirmed ? second : "");
        }
        catch
        {
            // Not written down, so not decided: it goes on waiting.
            lock (gate)
                alert.Deciding = false;
            throw;
        }
        lock (gate)
        {
            decided++;
            if (verdict == Verdict.Confirmed)
                _ = alert.Alert.Kind == ListKind.Faces ? confirmedFace++ : confirmedPlate++;
            Remember(alert.Entry);
        }
        Close(alert, verdict == Verdict.Confirmed ? AlertOutcome.Confirmed : AlertOutcome.Rejected);
        return ("", decisionId);
    }

    /// <summary>Lapses what waited too long. Call it a few times a second.</summary>
    public void Tick() => Lapse(a => time.GetElapsedTime(a.ShownTimestamp) >= options.AlertLapse, "not_seen");

    /// <summary>A list is no longer in force: nobody is to be stopped on its word any more.</summary>
    public void Withdraw(string listId) => Lapse(a => a.Alert.ListId == listId, "list_ended");

    /// <summary>Entries left a list: what was seen of them lapses.</summary>
    public void Withdraw(string listId, IReadOnlySet<string> entryIds) =>
        Lapse(a => a.Alert.ListId == listId && entryIds.Contains(a.Alert.EntryId), "list_ended");

    /// <summary>The host ends: what nobody decided was not seen.</summary>
    public void Stop() => Lapse(_ => true, "stop");

    private bool WasDecided((string, string) entry) =>
        decidedAt.TryGetValue(entry, out long at) && time.GetElapsedTime(at) < TimeSpan.FromSeconds(options.Alerts.RepeatSuppressSeconds);

    private void MakeRoom()
    {
        OpenAlert? least = null;
        lock (gate)
        {
            if (open.Count > Capacity)
                least = open.Where(a => !a.Deciding)
                    .OrderByDescending(a => a.Alert.Tone).ThenByDescending(a => a.Alert.Category).ThenBy(a => a.ShownAtUnixMs).FirstOrDefault();
        }
        if (least is not null)
            Lapse(a => a == least, "crowded_out");
    }

    private void Lapse(Func<OpenAlert, bool> which, string why)
    {
        OpenAlert[] lapsing;
        lock (gate)
        {
            lapsing = [.. open.Where(a => !a.Deciding && which(a))];
            foreach (OpenAlert alert in lapsing)
                alert.Deciding = true;
        }
        int closed = 0;
        try
        {
            for (; closed < lapsing.Length; closed++)
            {
                decisions.WriteLapse(lapsing[closed], why);
                Close(lapsing[closed], AlertOutcome.Lapsed);
            }
        }
        finally
        {
            // Not written down, so not lapsed: the rest goes on waiting.
            lock (gate)
            {
                foreach (OpenAlert alert in lapsing.AsSpan(closed))
                    alert.Deciding = false;
            }
        }
    }

    private void Close(OpenAlert alert, AlertOutcome outcome)
    {
        lock (gate)
        {
            _ = open.Remove(alert);
            alert.Forget();
        }
        Closed?.Invoke(alert.Id, outcome);
    }

    private void Remember((string, string) entry)
    {
        decidedAt[entry] = time.GetTimestamp();
        if (decidedAt.Count > KeptDecided)
            _ = decidedAt.Remove(decidedAt.MinBy(d => d.Value).Key);
    }
}

/// <summary>What happened to hits since the start of the host.</summary>
internal sealed record AlertCounts(
    long HitsFace, long HitsPlate, long Decisions, long ConfirmedFace, long ConfirmedPlate, long Suppressed, IReadOnlyList<double> LatenciesMs,
    IReadOnlyList<double> OpenLatenciesMs);
