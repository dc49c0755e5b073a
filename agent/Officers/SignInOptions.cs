namespace EdgeAgent.Agent.Officers;

/// <summary>When a screen locks itself, and what then goes on.</summary>
internal sealed record SignInOptions
{
    /// <summary>
    /// Minutes without a touch, and with nobody before the cab camera, after which a screen locks. Default 0: never; at most 240. Without a
    /// cab camera there is no knowing that nobody is there, and the touch alone counts.
    /// </summary>
    public double LockAfterMinutes { get; init; }

    /// <summary>
    /// Whether the faces before the cab camera are counted for it (a number every two seconds, of nobody in particular). Default false; then
    /// the touch alone counts.
    /// </summary>
    public bool WatchesCab { get; init; }

    /// <summary>Minutes for which lists go on being matched while every screen is locked. Default 10, 0 to 240; then nobody could decide.</summary>
    public double MatchLockedMinutes { get; init; } = 10;

    internal TimeSpan LockAfter => TimeSpan.FromMinutes(LockAfterMinutes);

    internal TimeSpan MatchLocked => TimeSpan.FromMinutes(MatchLockedMinutes);

    public IEnumerable<string> Problems()
    {
        if (LockAfterMinutes is not (>= 0 and <= 240))
            yield return $"SignIn.LockAfterMinutes is {LockAfterMinutes}: give 0 (never) to 240.";
        if (MatchLockedMinutes is not (>= 0 and <= 240))
            yield return $"SignIn.MatchLockedMinutes is {MatchLockedMinutes}: give 0 to 240.";
    }
}
