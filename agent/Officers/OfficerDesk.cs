using System.Security.Cryptography;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Officers;

/// <summary>Who is on duty at this terminal.</summary>
/// <param name="TokenSha256">Of the cookie's token; the token itself is kept nowhere.</param>
internal sealed record DutySession(
    string OfficerId, string DisplayName, string Role, string SessionId, long SinceUnixMs, long SinceTimestamp, byte[] TokenSha256);

/// <summary>What came of a sign-in.</summary>
/// <param name="Code">"" when signed in; else unknown_officer, wrong_pin, locked, roster_expired.</param>
internal sealed record SignIn(string Code, DutySession? Session, string Token, TimeSpan RetryAfter);

/// <summary>Signs officers in by PIN and out again; one at a time. Works without a link.</summary>
internal sealed class OfficerDesk(RosterBook rosters, PinLock pinLock, Ledger ledger, TrustedClock clock, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan LongestShift = TimeSpan.FromHours(14);

    // One attempt at a time: the count of failures must be true when the next PIN is looked at.
    private readonly SemaphoreSlim attempts = new(1, 1);
    private readonly Lock gate = new();
    private volatile DutySession? session;

    /// <summary>The officer on duty, or null.</summary>
    public DutySession? OnDuty => session;

    public event Action? Changed;

    public Task<SignIn> SignInAsync(string officerId, string pin, CancellationToken stop) => CheckAsync(officerId, pin, Begin, stop);

    /// <summary>Whether this is that officer, who signs in to nothing by it; a wrong PIN counts as one at a sign-in does.</summary>
    public Task<SignIn> VouchAsync(string officerId, string pin, CancellationToken stop) =>
        CheckAsync(officerId, pin, _ => new SignIn("", null, "", TimeSpan.Zero), stop);

    private async Task<SignIn> CheckAsync(string officerId, string pin, Func<Officer, SignIn> accept, CancellationToken stop)
    {
        await attempts.WaitAsync(stop);
        try
        {
            OfficerRoster roster = rosters.Current;
            if (roster.Officers.FirstOrDefault(o => o.OfficerId == officerId) is not { } officer)
                return new SignIn("unknown_officer", null, "", TimeSpan.Zero);
            if (roster.ValidToUnixMs > 0 && clock.EarliestUnixMs >= roster.ValidToUnixMs)
                return new SignIn("roster_expired", null, "", TimeSpan.Zero);
            if (pinLock.Wait(officerId) is { Ticks: > 0 } wait)
                return new SignIn("locked", null, "", wait);
            if (!await Task.Run(() => Pin.Matches(officer, pin), stop))
                return Refuse(officer);
            pinLock.Succeeded(officerId);
            return accept(officer);
        }
        finally
        {
            _ = attempts.Release();
        }
    }

    public OfficerRoster Roster => rosters.Current;

    /// <summary>Takes a newer roster; whoever is no longer on it is signed out. "" when taken, else why not.</summary>
    public string TakeRoster(SignedEnvelope envelope)
    {
        string problem = rosters.Take(envelope);
        if (problem.Length > 0)
            return problem;
        ledger.Note(new AuditDraft(AuditKind.Configuration, AuditDraft.System, "", $"roster/{rosters.Current.Version}", "roster_taken"));
        Tick();
        return "";
    }

    /// <summary>The session that this cookie's token belongs to, or null.</summary>
    public DutySession? Find(string? token)
    {
        DutySession? now = session;
        bool isTheirs = now is not null && !string.IsNullOrEmpty(token) && CryptographicOperations.FixedTimeEquals(HashOf(token), now.TokenSha256);
        return isTheirs ? now : null;
    }

    /// <summary>Ends the session on duty, if there is one.</summary>
    /// <param name="why">"" for the officer's own wish; else replaced, shift_over, not_on_roster, stop.</param>
    public void SignOut(string why)
    {
        lock (gate)
        {
            if (session is { } ending)
                End(ending, why);
        }
        Changed?.Invoke();
    }

    /// <summary>Ends a session that outlasted the longest shift or whose officer left the roster.</summary>
    public void Tick()
    {
        if (session is not { } now)
            return;
        if (time.GetElapsedTime(now.SinceTimestamp) >= LongestShift)
            SignOut("shift_over");
        else if (rosters.Current.Officers.All(o => o.OfficerId != now.OfficerId))
            SignOut("not_on_roster");
    }

    private SignIn Refuse(Officer officer)
    {
        pinLock.Failed(officer.OfficerId);
        bool locked = pinLock.Wait(officer.OfficerId) > TimeSpan.Zero;
        _ = ledger.Record(
            new AuditDraft(AuditKind.SignInRefused, officer.OfficerId, "", officer.OfficerId, locked ? "locked" : "wrong_pin"),
            Lane.Status, Priority.Normal, "",
            e => e.OfficerSession = new OfficerSession
            {
                OfficerId = officer.OfficerId,
                Change = locked ? SessionChange.Locked : SessionChange.Refused,
                Method = "pin",
                Role = officer.Role,
            });
        return new SignIn("wrong_pin", null, "", TimeSpan.Zero);
    }

    private SignIn Begin(Officer officer)
    {
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        string sessionId = Uuid7.ToGuid(Uuid7.New(time)).ToString();
        var begun = new DutySession(
            officer.OfficerId, officer.DisplayName, officer.Role, sessionId, clock.NowUnixMs, time.GetTimestamp(), HashOf(token));
        lock (gate)
        {
            if (session is { } before)
                End(before, "replaced");
            Record(AuditKind.SignIn, begun, SessionChange.In, "pin");
            session = begun;
        }
        Changed?.Invoke();
        return new SignIn("", begun, token, TimeSpan.Zero);
    }

    private void End(DutySession ending, string why)
    {
        // No longer on duty from here on, even if writing it down fails.
        session = null;
        Record(AuditKind.SignOut, ending, SessionChange.Out, why);
    }

    private void Record(AuditKind kind, DutySession s, SessionChange change, string purpose) => ledger.Record(
        new AuditDraft(kind, s.OfficerId, s.SessionId, s.OfficerId, purpose), Lane.Status, Priority.Normal, s.OfficerId,
        e => e.OfficerSession = new OfficerSession
        {
            SessionId = s.SessionId,
            OfficerId = s.OfficerId,
            Change = change,
            Method = "pin",
            Role = s.Role,
        });

    public void Dispose() => attempts.Dispose();

    private static byte[] HashOf(string token) => SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(token));
}
