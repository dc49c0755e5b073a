namespace EdgeAgent.Agent.Officers;

/// <summary>The screens at which somebody may sign in.</summary>
internal enum DutyScreen
{
    /// <summary>The terminal that the driver sees.</summary>
    Driver,

    /// <summary>The other officer's, such as a tablet.</summary>
    Second,
}

/// <summary>Who is on duty at one screen.</summary>
/// <param name="TokenSha256">Of the cookie's token; the token itself is kept nowhere.</param>
internal sealed record DutySession(
    string OfficerId, string DisplayName, string Role, string SessionId, long SinceUnixMs, long SinceTimestamp, byte[] TokenSha256)
{
    public DutyScreen Screen { get; init; }

    /// <summary>pin, face, face+pin.</summary>
    public string Method { get; init; } = "pin";
}

/// <summary>A session and what the screen has seen of its officer since.</summary>
/// <param name="TouchedAt">Timestamp of the last touch.</param>
/// <param name="LockedAt">Timestamp; null: open.</param>
internal sealed record CrewMember(DutySession Session, long TouchedAt, long? LockedAt);

/// <summary>What came of a sign-in.</summary>
/// <param name="Code">"" when signed in; else unknown_officer, wrong_pin, locked, roster_expired, face_needed.</param>
internal sealed record SignIn(string Code, DutySession? Session, string Token, TimeSpan RetryAfter);
