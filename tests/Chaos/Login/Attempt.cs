using EdgeAgent.Agent.Officers.Face;
using EdgeAgent.Eyes.Cab;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Chaos.Login;

/// <summary>How one attempt ended.</summary>
/// <param name="Code">"" when the face was taken for the officer's; else the judge's or the comparison's word.</param>
/// <param name="Lived">The judge took it for a live person; what is wrong then is whose face it is.</param>
/// <param name="At">Where the judge stood when it refused: its phase and the act of that step.</param>
/// <param name="Seen">Numbers of that phase, for whoever looks into why.</param>
internal sealed record AttemptEnd(string Code, string OfficerId, float Live, float Alike, bool Lived, string At, string Seen)
{
    public bool Is(string officer) => Code.Length == 0 && OfficerId == officer;
}

/// <summary>One attempt at the real judge, with the real networks, in time that does not pass. One thread.</summary>
internal sealed class Attempt(ModelStore models) : IDisposable
{
    private const int StepMs = 115;

    private readonly CabLook look = new(models);
    private readonly FramePool pool = new();
    private readonly FaceThresholds thresholds = FaceThresholds.Of(models);

    public AttemptEnd Play(IPresentation presentation, OfficerFaces officers, JudgeLimits limits, Random random)
    {
        using var lens = new CabLens(random);
        LoginChallenge challenge = LoginChallenge.Draw(random.Next);
        var judge = new LivenessJudge(challenge, limits);
        var trace = new AttemptTrace();
        for (long ms = StepMs; judge.Phase is not (JudgePhase.Passed or JudgePhase.Failed) && ms < 30_000; ms += StepMs)
        {
            using Frame frame = lens.Shoot(presentation.At(ms, judge.Asked), pool);
            CabFrame said = look.Judge(frame.View, "cab", ms);
            CabSight sight = CabSight.Of(said);
            trace.Take(judge, sight);
            judge.Take(sight);
        }
        if (judge.Phase != JudgePhase.Passed)
            return new AttemptEnd(judge.Code, "", judge.Live, 0, Lived: false, trace.At, trace.Seen);
        FaceFound found = officers.Find(judge.Embedding(), thresholds, limits);
        return new AttemptEnd(found.Code, found.Officer?.OfficerId ?? "", judge.Live, found.Alike, Lived: true, "", $"alike {found.Alike:0.00}, second {found.Second:0.00}");
    }

    public void Dispose()
    {
        look.Dispose();
        pool.Dispose();
    }
}
