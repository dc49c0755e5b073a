using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Matching;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

/// <summary>Compares each visit with the lists in force. What agrees with no entry is overwritten at once.</summary>
internal sealed class Matcher(
    AlertOptions options, FaceThresholds thresholds, MatchGate gate, WatchlistLibrary lists, PositionBook positions, AlertBook alerts)
{
    private const int Candidates = 4, AssistCandidates = 256;

    private readonly FaceMatch[] nearest = new FaceMatch[Candidates];

    private long compared;

    /// <summary>Visits taken since the start of the host.</summary>
    public long Compared => Interlocked.Read(ref compared);

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        pulse.Ok();
        try
        {
            await foreach (Visit visit in gate.Eyes.Visits.ReadAllAsync(stop))
            {
                pulse.Beat();
                TakeIfRoom(visit, pulse);
            }
        }
        finally
        {
            while (gate.Eyes.Visits.TryRead(out Visit? left))
                Forget(left, hit: null);
        }
    }

    private void TakeIfRoom(Visit visit, StagePulse pulse)
    {
        try
        {
            Take(visit);
            pulse.Ok();
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            // An alert that cannot be written down is not shown; the next sight of it is tried again.
            pulse.Degraded(full.Message);
        }
    }

    public void Take(Visit visit)
    {
        Hit? hit = null;
        bool kept = false;
        try
        {
            Matching now = gate.Refresh();
            bool barred = gate.Privacy.BarsMatching(visit);
            hit = visit switch
            {
                _ when barred => null,
                PlateSighting plate when now.Plates => Find(plate, now.AtUnixMs),
                FaceSighting face when now.Faces => Find(face, now.AtUnixMs),
                _ => null,
            };
            if (hit is not null)
                alerts.Offer(hit);
            else
                kept = !barred && now.Faces && visit is FaceSighting face && face.WidthPx >= options.FaceMinWidthPx && gate.Eyes.Assist.Keep(face);
        }
        finally
        {
            if (!kept)
                Forget(visit, hit);
            _ = Interlocked.Increment(ref compared);
        }
    }

    /// <summary>"" when somebody missing or vulnerable can be looked for now, else why not.</summary>
    public string WhyNoAssist()
    {
        Matching now = gate.Refresh();
        if (!now.Faces)
            return now.Code == "ok" ? "no_missing_list" : now.Code;
        return AssistLists(lists.Current, now.AtUnixMs).Any() ? "" : "no_missing_list";
    }

    /// <summary>
    /// Compares a face that the officer pointed out with those missing or vulnerable, by a lower limit than everybody who passes: it is one
    /// comparison for a reason, and the officer looks at what it finds.
    /// </summary>
    public AssistOutcome TakeAssisted(FaceSighting face)
    {
        MatchSet set = lists.Current;
        long now = gate.Now.AtUnixMs;
        LoadedList[] asked = [.. AssistLists(set, now)];
        var limits = FaceLimits.For(options, thresholds, set.Faces.Count);
        limits = limits with { Alert = MathF.Min(limits.Alert, thresholds.ForVisits(options.FaceAssistFalseAlertsPer1000Checks, asked.Sum(l => l.Faces.Count))) };
        // The index holds all lists. That many of the others above this limit would need lists of millions.
        var best = new FaceMatch[AssistCandidates];
        int found = set.Faces.Search(face.Embedding, best);
        FaceHit[] hits = [.. best.Take(found).Where(m => m.Similarity >= limits.Alert)
            .Select(m => asked.FirstOrDefault(l => l.ListId == m.ListId) is { } list && list.Faces.TryGetValue(m.EntryId, out FaceEntry? entry)
                ? new FaceHit(list, face, entry, m.Similarity, -1, limits)
                : null)
            .OfType<FaceHit>()];
        if (hits.Length == 0)
            return AssistOutcome.Unlike;
        bool decided = alerts.WasDecided(hits[0]);
        alerts.Offer(hits.Length > 1 ? hits[0] with { RivalSimilarity = hits[1].Similarity } : hits[0]);
        return decided ? AssistOutcome.DecidedBefore : AssistOutcome.Alert;
    }

    private IEnumerable<LoadedList> AssistLists(MatchSet set, long now) => set.Lists.Values.Where(l =>
        l.Facts.Category == ListCategory.MissingOrVulnerable && l.Faces.Count > 0 && l.IsCurrent(now) && IsAuthorisedHere(l));

    private void Forget(Visit visit, Hit? hit)
    {
        visit.Forget();
        if (hit is null)
            gate.Eyes.Account.Deleted(visit);
        else
            gate.Eyes.Account.Matched(visit);
    }

    // The surest entry of the gravest list; the same plate may stand on several.
    private PlateHit? Find(PlateSighting sighting, long now)
    {
        MatchSet set = lists.Current;
        return set.Plates.Find(sighting.Text, sighting.Confidence, sighting.Rivals)
            .Select(match => InForce(set, match.ListId, now) is { } list && list.PlateAt(match.Entry) is { } entry
                ? new PlateHit(list, sighting, entry, match)
                : null)
            .OfType<PlateHit>()
            .OrderByDescending(h => h.Match.Exact).ThenBy(h => alerts.WasDecided(h)).ThenBy(h => h.List.Facts.Category)
            .FirstOrDefault();
    }

    private FaceHit? Find(FaceSighting sighting, long now)
    {
        if (sighting.WidthPx < options.FaceMinWidthPx)
            return null;
        MatchSet set = lists.Current;
        // For every visit anew: the lists may have changed since the last, and it is three logarithms.
        var limits = FaceLimits.For(options, thresholds, set.Faces.Count);
        int found = set.Faces.Search(sighting.Embedding, nearest);
        var hits = new List<FaceHit>(Candidates);
        foreach (FaceMatch match in nearest.AsSpan(0, found))
        {
            // Written so that a similarity that is no number never passes.
            if (match.Similarity >= limits.Alert
                && InForce(set, match.ListId, now) is { } list && IsAuthorisedHere(list)
                && list.Faces.TryGetValue(match.EntryId, out FaceEntry? entry))
                hits.Add(new FaceHit(list, sighting, entry, match.Similarity, -1, limits));
        }
        hits.Sort((a, b) => b.Similarity.CompareTo(a.Similarity));
        return hits.Count switch
        {
            0 => null,
            1 => hits[0],
            _ => hits[0] with { RivalSimilarity = hits[1].Similarity },
        };
    }

    private static LoadedList? InForce(MatchSet set, string listId, long now) =>
        set.Lists.GetValueOrDefault(listId) is { } list && list.IsCurrent(now) ? list : null;

    // A face list names the place that it was authorised for: outside of it nobody is compared. Where the car does not know
    // where it is, the alert says so (area_unknown) and the officer judges.
    private bool IsAuthorisedHere(LoadedList list) =>
        list.Facts.FaceAuthorisation?.Place is not { } place || GeoArea.IsEverywhere(place)
        || positions.Current is not { Stale: false, Fix: GnssFix._2D or GnssFix._3D } here
        || GeoArea.Contains(place, here.LatitudeDegrees, here.LongitudeDegrees);
}

/// <summary>What came of a face that was pointed out.</summary>
internal enum AssistOutcome
{
    Unlike,

    /// <summary>It waits for the officer.</summary>
    Alert,

    /// <summary>The officer decided on this entry a moment ago; it is not shown again so soon.</summary>
    DecidedBefore,
}
