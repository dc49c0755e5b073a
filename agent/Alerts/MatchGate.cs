using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Privacy;
using EdgeAgent.Agent.Retention;
using EdgeAgent.Agent.Watchlists;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

/// <summary>What is matched now, and if nothing is, why: one sentence for people.</summary>
internal sealed record Matching(bool Faces, bool Plates, string Code, string SentenceZh, string SentenceEn)
{
    /// <summary>The trusted time of this word.</summary>
    public long AtUnixMs { get; init; }
}

/// <summary>
/// Decides whether anything may be looked for. Without an officer nobody could decide, without a vouched time nobody knows whether
/// the lists still hold, without lists there is nothing to look for: then eyes is told not to look at all.
/// </summary>
internal sealed class MatchGate(OfficerDesk officers, WatchlistLibrary lists, TrustedClock clock, PolicyBook policies, EyesFacts eyes, PrivacyBook privacy, SignInOptions signIn)
{
    private volatile Matching now = new(false, false, "starting", "正在启动。", "Starting.");

    public Matching Now => now;

    /// <summary>The process that is told.</summary>
    public EyesFacts Eyes => eyes;

    /// <summary>Where the car is, nothing of some may be compared.</summary>
    public PrivacyBook Privacy => privacy;

    /// <summary>Looks again and tells eyes. Call it on every change and a few times a second.</summary>
    public Matching Refresh()
    {
        now = Look() with { AtUnixMs = clock.NowUnixMs };
        eyes.SetSeeing(now.Faces, now.Plates, TimeSpan.FromSeconds(policies.Current.PlateSeconds));
        return now;
    }

    private Matching Look()
    {
        if (officers.OnDuty is not null && !officers.CanDecide(signIn.MatchLocked))
            return new Matching(false, false, "screen_locked", "屏幕已锁定，无人能处置，暂停比对。", "The screens are locked and nobody could decide: matching is suspended.");
        if (officers.OnDuty is null)
            return new Matching(false, false, "no_officer", "无人登录，不进行比对。", "Nobody is signed in, so nothing is matched.");
        if (!clock.IsVouched)
            return new Matching(
                false, false, "clock_untrusted", "时间未经确认（开机后尚未连上指挥中心，也没有卫星授时），暂停比对，名单保留。",
                "The time is not confirmed (no centre and no satellite time since switch-on): matching is suspended, the lists are kept.");
        long at = clock.NowUnixMs;
        (bool haveFaces, bool havePlates) = (lists.Current.HasFaces(at), lists.Current.HasPlates(at));
        bool faces = haveFaces && lists.IsInContact(ListKind.Faces, at), plates = havePlates && lists.IsInContact(ListKind.Plates, at);
        if (!faces && !plates && (haveFaces || havePlates))
            return new Matching(
                false, false, "contact_lost", "太久没有联系上指挥中心，无法得知名单是否撤销，暂停比对。",
                "The centre was out of contact for too long, so nobody knows whether lists were revoked: matching is suspended.");
        if (!faces && !plates)
            return new Matching(false, false, "no_lists", "没有有效的布控名单，不进行比对。", "No watchlist is in force, so nothing is matched.");
        return eyes.Attached
            ? new Matching(faces, plates, "ok", "正在比对。", "Matching.")
            : new Matching(faces, plates, "eyes_down", "视觉进程正在重启。", "The process that looks is starting again.");
    }
}
