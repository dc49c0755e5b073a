using System.Security.Cryptography;

namespace EdgeAgent.Agent.Officers.Face;

/// <summary>What the officer is asked to do; left and right are the officer's own.</summary>
internal enum LoginAct
{
    TurnLeft,
    TurnRight,
    CloseEyes,
}

/// <summary>One thing asked for, after the face was seen quietly for so long.</summary>
internal sealed record LoginStep(LoginAct Act, int QuietMs);

/// <summary>A row of things to do that nobody can know beforehand.</summary>
/// <param name="Steps">
/// No act twice running, so that a recording must hold the right ones in the right order at the right instants, and at least one turn,
/// since only a turn shows that a face is no flat picture.
/// </param>
/// <param name="Turns">For whoever's eyes cannot be told apart open and shut: one thing more, and each of them a turn to either side.</param>
internal sealed record LoginChallenge(IReadOnlyList<LoginStep> Steps, IReadOnlyList<LoginStep> Turns)
{
    private const int Length = 3, TurnsLength = 4, LeastQuietMs = 500, MostQuietMs = 1300;

    public static LoginChallenge Draw() => Draw(RandomNumberGenerator.GetInt32);

    /// <param name="below">A random number from 0 to below the one given.</param>
    public static LoginChallenge Draw(Func<int, int> below)
    {
        var steps = new List<LoginStep>();
        while (steps.Count < Length)
        {
            var act = (LoginAct)below(3);
            if (steps.Count == 0 || steps[^1].Act != act)
                steps.Add(Step(act));
        }
        return new LoginChallenge(steps, [.. Enumerable.Range(0, TurnsLength).Select(_ => Step((LoginAct)below(2)))]);

        LoginStep Step(LoginAct act) => new(act, LeastQuietMs + below(MostQuietMs - LeastQuietMs));
    }
}
