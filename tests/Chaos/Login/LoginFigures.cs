namespace EdgeAgent.Chaos.Login;

/// <summary>So many of so many, with Wilson's interval of 95 %.</summary>
internal sealed record Counted(int Of, int Count, double Share, double From, double To)
{
    private const double Z = 1.96;

    public static Counted Make(int of, int count)
    {
        if (of == 0)
            return new Counted(0, 0, 0, 0, 1);
        double share = (double)count / of, centre = share + Z * Z / (2 * of), spread = Z * Math.Sqrt(share * (1 - share) / of + Z * Z / (4.0 * of * of));
        return new Counted(
            of, count, Math.Round(share, 4), Math.Round(Math.Max(0, (centre - spread) / (1 + Z * Z / of)), 4),
            Math.Round(Math.Min(1, (centre + spread) / (1 + Z * Z / of)), 4));
    }
}

/// <summary>Who comes before the camera in one run.</summary>
internal enum Presented
{
    All,
    Attackers,
    Officers,
}

/// <summary>Attempts of one kind, one by one and as logins: the tries that the car allows before it locks.</summary>
internal sealed record KindFigures(Counted AcceptedAttempts, Counted AcceptedLogins, IReadOnlyDictionary<string, int> Refused);

/// <summary>Officers in person.</summary>
/// <param name="RefusedAttempts">Of first attempts.</param>
/// <param name="RefusedLogins">No success within the tries that the car allows.</param>
/// <param name="NotLiveAttempts">The part of them that the judge refused.</param>
/// <param name="NotLiveLogins">No try of theirs passed the judge.</param>
/// <param name="NotKnown">Of those who passed the judge at the first attempt: not recognised, or as somebody else. Pictures years apart, one of them enrolled.</param>
/// <param name="RefusedAt">Where the judge stood when it refused a first attempt.</param>
internal sealed record GenuineFigures(
    Counted RefusedAttempts, Counted RefusedLogins, Counted NotLiveAttempts, Counted NotLiveLogins, Counted NotKnown,
    IReadOnlyDictionary<string, int> Refused, IReadOnlyDictionary<string, int> RefusedAt);

/// <summary>What `chaos login` prints.</summary>
internal sealed record LoginFigures(
    string Scenario, string Pictures, bool Tuning, int Seed, int People, int RosterSize, int TriesALogin,
    KindFigures Attacks, IReadOnlyDictionary<string, KindFigures> ByKind, KindFigures OnCue, KindFigures Strangers, GenuineFigures Genuine,
    object Limits, bool GoalShown, string FaceLogin, IReadOnlyList<string> Unproven)
{
    private const double WantedRefusals = 0.05;
    private const int WantedAttacks = 200;

    public static bool IsGoalShown(KindFigures attacks, KindFigures onCue, GenuineFigures genuine) =>
        attacks.AcceptedAttempts is { Count: 0, Of: >= WantedAttacks } && onCue.AcceptedAttempts.Count == 0 && genuine.RefusedAttempts.Share <= WantedRefusals;
}
