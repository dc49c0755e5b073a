using System.Security.Cryptography;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Officers;

/// <summary>Signs officers in and out, one at each screen. Works without a link.</summary>
internal sealed class OfficerDesk(RosterBook rosters, PinLock pinLock, Ledger ledger, TrustedClock clock, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan LongestShift = TimeSpan.FromHours(14);

    // One attempt at a time: the count of failures must be true when the next PIN is looked at.
    private readonly SemaphoreSlim attempts = new(1, 1);
    private readonly Lock gate = new();
    private volatile CrewMember[] crew = [];

    /// <summary>Everybody on duty, the driver's screen first; also those whose screen is locked.</summary>
    public IReadOnlyList<CrewMember> Crew => crew;

    /// <summary>The officer on duty at the driver's screen, else the one at the other, or null: whose the car's way and counts are.</summary>
    public DutySession? OnDuty => crew is [var first, ..] ? first.Session : null;

    public OfficerRoster Roster => rosters.Current;

    public event Action? Changed;

    /// <summary>Whether this session still lasts; a locked screen does not end it.</summary>
    public bool IsOnDuty(string sessionId) => crew.Any(m => m.Session.SessionId == sessionId);

    /// <summary>Whether this very sign-in still lasts and its screen is open.</summary>
    public bool IsOpen(DutySession session) => crew.Any(m => m.LockedAt is null && m.Session == session);

    /// <summary>Whether any screen is open.</summary>
    public bool IsAnyOpen => crew.Any(m => m.LockedAt is null);

    /// <summary>Whether there is anybody who could decide: an open screen, or one that was locked no longer ago than this.</summary>
    public bool CanDecide(TimeSpan locked) => crew.Any(m => m.LockedAt is not { } at || time.GetElapsedTime(at) < locked);

    public Task<SignIn> SignInAsync(string officerId, string pin, CancellationToken stop) =>
        SignInAsync(officerId, pin, DutyScreen.Driver, "pin", stop);

    /// <param name="method">What is written down: pin, or face+pin when the face was seen before.</param>
    public Task<SignIn> SignInAsync(string officerId, string pin, DutyScreen screen, string method, CancellationToken stop) =>
        CheckAsync(officerId, _ => pinLock.Wait(officerId), pin, officer => Begin(officer, screen, method), stop);

    /// <summary>Signs in an officer whose face was recognised, where that is enough; <see cref="Face.FaceDesk"/> has seen to it.</summary>
    public Task<SignIn> SignInByFaceAsync(string officerId, DutyScreen screen, CancellationToken stop) =>
        rosters.Current.FaceLogin == FaceLogin.Alone
            ? CheckAsync(officerId, _ => TimeSpan.Zero, pin: null, officer => Begin(officer, screen, "face"), stop)
            : Task.FromResult(new SignIn("pin_needed", null, "", TimeSpan.Zero));

    /// <summary>Whether this is that officer, who signs in to nothing by it; a wrong PIN counts as one at a sign-in does.</summary>
    public Task<SignIn> VouchAsync(string officerId, string pin, CancellationToken stop) =>
        CheckAsync(officerId, _ => pinLock.Wait(officerId), pin, _ => new SignIn("", null, "", TimeSpan.Zero), stop);

    private async Task<SignIn> CheckAsync(
        string officerId, Func<Officer, TimeSpan> wait, string? pin, Func<Officer, SignIn> accept, CancellationToken stop)
    {
        await attempts.WaitAsync(stop);
        try
        {
            OfficerRoster roster = rosters.Current;
            if (roster.Officers.FirstOrDefault(o => o.OfficerId == officerId) is not { } officer)
                return new SignIn("unknown_officer", null, "", TimeSpan.Zero);
            if (roster.ValidToUnixMs > 0 && clock.EarliestUnixMs >= roster.ValidToUnixMs)
                return new SignIn("roster_expired", null, "", TimeSpan.Zero);
            if (wait(officer) is { Ticks: > 0 } left)
                return new SignIn("locked", null, "", left);
            if (pin is null)
                return accept(officer);
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

    /// <summary>The session that this cookie's token belongs to, or null; a locked screen has none until its officer is back.</summary>
    public DutySession? Find(string? token) => Holder(token) is { LockedAt: null } member ? member.Session : null;

    /// <summary>Whose locked screen this cookie belongs to, or null.</summary>
    public DutySession? FindLocked(string? token) => Holder(token) is { LockedAt: not null } member ? member.Session : null;

    /// <summary>Somebody touched the screen.</summary>
    public void Touch(string sessionId) => Change(sessionId, member => member with { TouchedAt = time.GetTimestamp() });

    /// <summary>Locks a screen: its session lasts, its place is kept, and it opens again to the same officer only.</summary>
    /// <param name="why">untouched, ignition_off.</param>
    public void LockScreen(string sessionId, string why)
    {
        lock (gate)
        {
            if (crew.FirstOrDefault(m => m.Session.SessionId == sessionId) is not { LockedAt: null } member)
                return;
            Change(sessionId, m => m with { LockedAt = time.GetTimestamp() });
            Record(AuditKind.ScreenLocked, member.Session, SessionChange.ScreenLocked, why);
        }
        Changed?.Invoke();
    }

    /// <summary>Ends a session.</summary>
    /// <param name="why">"" for the officer's own wish; else replaced, moved, shift_over, not_on_roster.</param>
    public void SignOut(DutySession session, string why)
    {
        lock (gate)
        {
            if (IsOnDuty(session.SessionId))
                End(session, why);
        }
        Changed?.Invoke();
    }

    /// <summary>Ends sessions that outlasted the longest shift or whose officer left the roster.</summary>
    public void Tick()
    {
        foreach (DutySession now in crew.Select(m => m.Session))
        {
            if (time.GetElapsedTime(now.SinceTimestamp) >= LongestShift)
                SignOut(now, "shift_over");
            else if (rosters.Current.Officers.All(o => o.OfficerId != now.OfficerId))
                SignOut(now, "not_on_roster");
        }
    }

    private CrewMember? Holder(string? token)
    {
        if (string.IsNullOrEmpty(token))
            return null;
        byte[] hash = HashOf(token);
        return crew.FirstOrDefault(m => CryptographicOperations.FixedTimeEquals(hash, m.Session.TokenSha256));
    }

    private void Change(string sessionId, Func<CrewMember, CrewMember> change)
    {
        lock (gate)
            crew = [.. crew.Select(m => m.Session.SessionId == sessionId ? change(m) : m)];
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

    private SignIn Begin(Officer officer, DutyScreen screen, string method)
    {
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        DutySession begun;
        lock (gate)
        {
            CrewMember? there = crew.FirstOrDefault(m => m.Session.Screen == screen);
            bool back = there is { LockedAt: not null } && there.Session.OfficerId == officer.OfficerId;
            begun = back
                ? there!.Session with { TokenSha256 = HashOf(token) }
                : new DutySession(
                    officer.OfficerId, officer.DisplayName, officer.Role, Uuid7.ToGuid(Uuid7.New(time)).ToString(), clock.NowUnixMs,
                    time.GetTimestamp(), HashOf(token))
                { Screen = screen, Method = method };
            if (!back)
                MakeRoom(officer.OfficerId, screen);
            Record(back ? AuditKind.ScreenBack : AuditKind.SignIn, begun, back ? SessionChange.ScreenBack : SessionChange.In, method);
            var member = new CrewMember(begun, time.GetTimestamp(), null);
            crew = [.. crew.Where(m => m.Session.Screen != screen).Append(member).OrderBy(m => m.Session.Screen)];
        }
        Changed?.Invoke();
        return new SignIn("", begun, token, TimeSpan.Zero);
    }

    /// <summary>One officer a screen, and one screen an officer.</summary>
    private void MakeRoom(string officerId, DutyScreen screen)
    {
        foreach (DutySession before in crew.Select(m => m.Session))
        {
            if (before.Screen == screen)
                End(before, "replaced");
            else if (before.OfficerId == officerId)
                End(before, "moved");
        }
    }

    private void End(DutySession ending, string why)
    {
        // No longer on duty from here on, even if writing it down fails.
        crew = [.. crew.Where(m => m.Session.SessionId != ending.SessionId)];
        Record(AuditKind.SignOut, ending, SessionChange.Out, why);
    }

    private void Record(AuditKind kind, DutySession s, SessionChange change, string purpose) => ledger.Record(
        new AuditDraft(kind, s.OfficerId, s.SessionId, s.OfficerId, purpose), Lane.Status, Priority.Normal, s.OfficerId,
        e => e.OfficerSession = new OfficerSession
        {
            SessionId = s.SessionId,
            OfficerId = s.OfficerId,
            Change = change,
            Method = s.Method,
            Role = s.Role,
            Screen = Terminal.Words.Of(s.Screen),
        });

    public void Dispose() => attempts.Dispose();

    private static byte[] HashOf(string token) => SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(token));
}
