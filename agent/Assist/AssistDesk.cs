using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Assist;

/// <summary>
/// Assist: somebody lies ill, drunk or lost. For a reason, and for a minute at most, the cameras' best views of faces stay in memory; the
/// officer says which is the person, and only that one is compared, with those missing or vulnerable. It ends by itself, with the
/// officer's word or with the session. Who asked, why, and each comparison are in the audit chain before they happen.
/// </summary>
internal sealed class AssistDesk
{
    public const int MostWords = 200;

    public static readonly TimeSpan Lasts = TimeSpan.FromSeconds(58);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly AssistViews views;
    private readonly Matcher matcher;
    private readonly OfficerDesk officers;
    private readonly Ledger ledger;
    private readonly TrustedClock clock;
    private readonly TimeProvider time;
    private volatile GoingOn? now;

    public AssistDesk(EyesFacts eyes, Matcher matcher, OfficerDesk officers, Ledger ledger, TrustedClock clock, TimeProvider time)
    {
        (views, this.matcher, this.officers, this.ledger, this.clock, this.time) = (eyes.Assist, matcher, officers, ledger, clock, time);
        // Nothing can be written from within a sign-out, so the views go at once and the record follows with the next look.
        officers.Changed += () =>
        {
            if (now is { } going && !officers.IsOnDuty(going.Officer.SessionId))
                views.Close();
        };
    }

    /// <summary>"" when it began, else why not: reason_unknown, words_needed, words_too_long, assist_going_on, no_missing_list, or why nothing is matched.</summary>
    public string Begin(string reason, string words, DutySession officer)
    {
        string said = words.Trim();
        if (!AssistReasons.All.Contains(reason))
            return "reason_unknown";
        if (said.Length > MostWords)
            return "words_too_long";
        if (reason == AssistReasons.Other && said.Length == 0)
            return "words_needed";
        if (matcher.WhyNoAssist() is { Length: > 0 } why)
            return why;
        lock (gate)
        {
            EndIfOver();
            if (now is not null)
                return "assist_going_on";
            var going = new GoingOn(Uuid7.ToGuid(Uuid7.New(time)), reason, officer, clock.NowUnixMs, time.GetTimestamp());
            if (said.Length > 0)
                ledger.NoteSealed(Draft(going, ""), said);
            else
                ledger.Note(Draft(going, ""));
            now = going;
            views.Open();
            // Whoever signed out meanwhile has either seen it going on, or is seen here.
            EndIfOver();
            return "";
        }
    }

    /// <summary>What goes on for this officer, or null.</summary>
    public AssistNow? Of(DutySession officer)
    {
        lock (gate)
        {
            EndIfOver();
            return now is { } going && going.Officer.SessionId == officer.SessionId
                ? new AssistNow(going.Id, going.Reason, going.AtUnixMs + (long)Lasts.TotalMilliseconds, views.Now, [.. going.Unlike])
                : null;
        }
    }

    /// <summary>The picture of a view; the caller overwrites it. Null when it is gone.</summary>
    public byte[]? PictureOf(string visitId, DutySession officer) => Of(officer) is null ? null : views.PictureOf(visitId);

    /// <summary>Compares this one face. Agreement comes as an alert that waits for the officer like any other.</summary>
    /// <returns>A code when it was not compared: assist_over, view_gone, or why nothing is matched.</returns>
    public (string Code, AssistOutcome Outcome) Check(string visitId, DutySession officer)
    {
        AssistOutcome outcome = AssistOutcome.Unlike;
        lock (gate)
        {
            if (Of(officer) is null)
                return ("assist_over", outcome);
            if (matcher.WhyNoAssist() is { Length: > 0 } why)
                return (why, outcome);
            GoingOn going = now!;
            bool found = views.Compare(visitId, face =>
            {
                ledger.Note(Draft(going, "compared"));
                going.Compared++;
                outcome = matcher.TakeAssisted(face);
                return outcome != AssistOutcome.Unlike;
            });
            if (found && outcome == AssistOutcome.Unlike)
                _ = going.Unlike.Add(visitId);
            return (found ? "" : "view_gone", outcome);
        }
    }

    public void End(DutySession officer)
    {
        lock (gate)
        {
            if (Of(officer) is not null)
                Finish("ended");
        }
    }

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                pulse.Beat();
                views.DeleteOld();
                EndIfOver(pulse);
            }
        }
        finally
        {
            lock (gate)
                Finish("stop");
        }
    }

    private void EndIfOver(StagePulse pulse)
    {
        try
        {
            lock (gate)
                EndIfOver();
            pulse.Ok();
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            // Its end is written down as soon as there is room; the views are gone.
            pulse.Degraded(full.Message);
        }
    }

    private void EndIfOver()
    {
        if (now is not { } going)
            return;
        if (!officers.IsOnDuty(going.Officer.SessionId))
            Finish("signed_out");
        else if (time.GetElapsedTime(going.AtTimestamp) >= Lasts)
            Finish("time");
    }

    // The views first: whether its end can be written down or not, nobody is kept longer.
    private void Finish(string how)
    {
        if (now is not { } going)
            return;
        views.Close();
        ledger.Note(Draft(going, $"{how} kept {views.Shown} compared {going.Compared}"));
        now = null;
    }

    private static AuditDraft Draft(GoingOn going, string what) => new(
        AuditKind.Check, going.Officer.OfficerId, going.Officer.SessionId, going.Id.ToString(), $"assist/{going.Reason} {what}".Trim());

    private sealed record GoingOn(Guid Id, string Reason, DutySession Officer, long AtUnixMs, long AtTimestamp)
    {
        public HashSet<string> Unlike { get; } = [];

        public int Compared { get; set; }
    }
}

/// <summary>What an officer may say that an Assist is for.</summary>
internal static class AssistReasons
{
    public const string Other = "other";

    public static IReadOnlyList<string> All { get; } = ["ill", "drunk", "lost", Other];
}

/// <summary>An Assist as the page shows it.</summary>
/// <param name="Unlike">Visits that were compared and agree with nobody.</param>
internal sealed record AssistNow(Guid Id, string Reason, long EndsAtUnixMs, IReadOnlyList<AssistView> Views, IReadOnlyList<string> Unlike);
