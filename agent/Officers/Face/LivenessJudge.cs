using System.Numerics;
using System.Numerics.Tensors;

namespace EdgeAgent.Agent.Officers.Face;

/// <summary>Where a login stands.</summary>
internal enum JudgePhase
{
    /// <summary>Nobody, too far away, or several.</summary>
    Waiting,

    /// <summary>Looks straight ahead until the next thing is asked for.</summary>
    Quiet,

    /// <summary>Something is asked for.</summary>
    Asked,

    /// <summary>It was done; back to the front.</summary>
    Return,
    Passed,
    Failed,
}

/// <summary>
/// Judges from look to look whether a live person does what is asked, when it is asked. It keeps no picture, knows no officer and no clock
/// but the looks' own, and whatever it does not understand fails. One thread.
/// </summary>
internal sealed class LivenessJudge(LoginChallenge challenge, JudgeLimits limits)
{
    private const int Dimension = 512, LeastLooks = 4;

    private readonly float[] sum = new float[Dimension];
    private readonly Baseline baseline = new();
    private long beganMs = -1, phaseMs, lastMs, shutMs = -1, lastShutMs, restMs = -1;
    private int step, comparable;
    private bool seen;
    private Vector2 lastMiddle;

    public JudgePhase Phase { get; private set; } = JudgePhase.Waiting;

    /// <summary>
    /// Why it failed: no_face, too_far, two_faces, face_lost, face_changed, face_jumped, too_soon, too_slow, wrong_act, not_live, timeout. In
    /// <see cref="JudgePhase.Waiting"/>: what keeps it from beginning.
    /// </summary>
    public string Code { get; private set; } = "no_face";

    /// <summary>What is asked for now.</summary>
    public LoginAct? Asked => Phase == JudgePhase.Asked ? Steps[step].Act : null;

    /// <summary>All that is asked for; another row from the first quiet looks on when these eyes are no help.</summary>
    public IReadOnlyList<LoginStep> Steps { get; private set; } = challenge.Steps;

    public int StepsDone => step;

    /// <summary>Whether a face was ever followed: then a failure was an attempt, else only an empty seat.</summary>
    public bool WasAttempt => seen;

    /// <summary>Mean of what the liveness network said of the quiet looks.</summary>
    public float Live => baseline.Live;

    /// <summary>Whose face it was, of length one; only when passed. The caller overwrites it.</summary>
    public float[] Embedding()
    {
        if (Phase != JudgePhase.Passed)
            throw new InvalidOperationException("only of a face that passed");
        var face = new float[Dimension];
        TensorPrimitives.Divide(sum, TensorPrimitives.Norm<float>(sum), face);
        return face;
    }

    public void Forget() => Array.Clear(sum);

    public void Take(CabSight sight)
    {
        if (Phase is JudgePhase.Passed or JudgePhase.Failed || sight.MonoMs <= lastMs)
            return;
        if (beganMs < 0)
            beganMs = sight.MonoMs;
        if (sight.MonoMs - beganMs > limits.LongestMs)
            Fail(seen ? "timeout" : Code);
        else if (WhyNotUsable(sight) is { Length: > 0 } why)
            Miss(sight, why);
        else
            Follow(sight.MonoMs, sight.Face!);
    }

    private string WhyNotUsable(CabSight sight) => sight switch
    {
        { Face: null } => "no_face",
        { Faces: > 1 } => "two_faces",
        { Face: var face } when face.WidthPx < limits.LeastWidthPx => "too_far",
        { Face: var face } when !(float.IsFinite(face.Relief) && float.IsFinite(face.LidGap) && float.IsFinite(face.YawDegrees)
            && float.IsFinite(face.EyesOpen) && face.Live is >= 0 and <= 1 && face.Embedding.Length == Dimension) => "no_face",
        _ => "",
    };

    /// <summary>A look without a usable face: before it began it is waited, afterwards it is borne for a moment.</summary>
    private void Miss(CabSight sight, string why)
    {
        if (Phase == JudgePhase.Waiting)
            Code = why;
        else if (why == "two_faces" && sight.MonoMs - lastMs > limits.LongestTwoMs)
            Fail(why);
        else if (sight.MonoMs - lastMs > limits.LongestGapMs)
            Fail("face_lost");
    }

    private void Follow(long now, CabPerson face)
    {
        if (Phase == JudgePhase.Waiting)
        {
            seen = true;
            (phaseMs, lastMs, lastMiddle, Phase, Code) = (now, now, face.Middle, JudgePhase.Quiet, "");
            return;
        }
        if (now - lastMs > limits.LongestGapMs)
        {
            Fail("face_lost");
            return;
        }
        if (Vector2.Distance(face.Middle, lastMiddle) > limits.LongestJump * face.Width)
        {
            Fail("face_jumped");
            return;
        }
        (lastMs, lastMiddle) = (now, face.Middle);
        float turn = face.Relief - baseline.Relief;
        bool shut = baseline.Looks > 0 && Steps != challenge.Turns && baseline.Openness - face.Openness >= limits.ShutDrop;
        bool front = baseline.Looks == 0 || (MathF.Abs(turn) <= limits.QuietRelief && !shut);
        if (!IsSame(face, front))
        {
            Fail("face_changed");
            return;
        }
        FollowLids(now, shut, turn);
        switch (Phase)
        {
            case JudgePhase.Quiet:
                BeQuiet(now, face, turn, front);
                break;
            case JudgePhase.Asked:
                Await(now, turn);
                break;
            default:
                Return(now, face, front);
                break;
        }
    }

    private void BeQuiet(long now, CabPerson face, float turn, bool front)
    {
        bool first = step == 0;
        // What nobody asked for: a recording does not wait. A blink of itself is short, and is none of this.
        if (!first && (MathF.Abs(turn) >= limits.TurnRelief || HasClosed()))
        {
            Fail("wrong_act");
            return;
        }
        if (front && face.Comparable)
            Keep(face, toBaseline: first);
        bool known = baseline.Looks >= LeastLooks;
        if (now - phaseMs < Steps[step].QuietMs || !known || !front)
        {
            if (now - phaseMs > limits.LongestStepMs)
                Fail(known ? "too_slow" : "too_far");
            return;
        }
        if (first && baseline.Openness < limits.LeastOpenness)
            Steps = challenge.Turns;
        (Phase, phaseMs) = (JudgePhase.Asked, now);
    }

    private void Await(long now, float turn)
    {
        // The officer's left is the picture's right: the camera is no mirror.
        LoginAct? done = turn >= limits.TurnRelief ? LoginAct.TurnLeft : -turn >= limits.TurnRelief ? LoginAct.TurnRight
            : HasClosed() ? LoginAct.CloseEyes : null;
        if (done is null)
        {
            if (now - phaseMs > limits.LongestStepMs)
                Fail("too_slow");
            return;
        }
        long began = done == LoginAct.CloseEyes ? shutMs : now;
        if (done != Steps[step].Act)
            Fail("wrong_act");
        else if (began - phaseMs < limits.SoonestMs)
            Fail("too_soon");
        else
            (Phase, phaseMs, restMs) = (JudgePhase.Return, now, -1);
    }

    private void Return(long now, CabPerson face, bool front)
    {
        // An eye that seems open for one look is still shut.
        restMs = !front || shutMs >= 0 || !face.Comparable ? -1 : restMs < 0 ? now : restMs;
        if (restMs < 0 || now - restMs < limits.RestMs)
        {
            if (now - phaseMs > limits.LongestStepMs)
                Fail("too_slow");
            return;
        }
        step++;
        if (step < Steps.Count)
            (Phase, phaseMs) = (JudgePhase.Quiet, now);
        else if (baseline.Live < limits.LeastLive)
            Fail("not_live");
        else
            (Phase, Code) = (JudgePhase.Passed, "");
    }

    private void Keep(CabPerson face, bool toBaseline)
    {
        TensorPrimitives.Add(sum, face.Embedding, sum);
        comparable++;
        baseline.Add(face, all: toBaseline);
    }

    private void FollowLids(long now, bool shut, float turn)
    {
        if (shut && MathF.Abs(turn) <= limits.ShutRelief)
        {
            shutMs = shutMs < 0 ? now : shutMs;
            lastShutMs = now;
        }
        else if (now - lastShutMs > limits.LongestSlipMs || MathF.Abs(turn) > limits.QuietRelief)
        {
            shutMs = -1;
        }
    }

    private bool HasClosed() => shutMs >= 0 && lastShutMs - shutMs >= limits.ClosedMs;

    private bool IsSame(CabPerson face, bool front)
    {
        if (comparable == 0)
            return true;
        float alike = TensorPrimitives.CosineSimilarity<float>(sum, face.Embedding);
        // Written so that what is no number is another face.
        return alike >= (front && face.Comparable ? limits.SameFront : limits.SameTurned);
    }

    private void Fail(string code) => (Phase, Code) = (JudgePhase.Failed, code);

    /// <summary>How the face is when it looks ahead.</summary>
    private sealed class Baseline
    {
        private readonly List<float> openness = [];
        private double relief, live;
        private int liveLooks;

        public int Looks => openness.Count;

        public float Relief => Looks > 0 ? (float)(relief / Looks) : 0;

        /// <summary>The middle one: a blink is among the first looks as often as not.</summary>
        public float Openness => openness[Looks / 2];

        public float Live => liveLooks > 0 ? (float)(live / liveLooks) : 0;

        public void Add(CabPerson face, bool all)
        {
            live += face.Live;
            liveLooks++;
            if (!all)
                return;
            relief += face.Relief;
            int at = openness.BinarySearch(face.Openness);
            openness.Insert(at < 0 ? ~at : at, face.Openness);
        }
    }
}
