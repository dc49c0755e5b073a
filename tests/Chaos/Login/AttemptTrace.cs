using EdgeAgent.Agent.Officers.Face;

namespace EdgeAgent.Chaos.Login;

/// <summary>Follows the judge from look to look, to say where it stood when it refused and what it saw there.</summary>
internal sealed class AttemptTrace
{
    private JudgePhase phase;
    private int step = -1, looks, faces, comparable, quietLooks;
    private double quietLive;
    private readonly List<float> quietOpen = [];
    private float leastTurn, mostTurn, leastOpen, quietRelief;

    /// <summary>Phase and act: "asked turn_left".</summary>
    public string At { get; private set; } = "";

    public string Seen =>
        $"{looks} looks, {faces} with a face, {comparable} comparable; turn {leastTurn:0.00} … {mostTurn:0.00}; openness {leastOpen:0.0} after {(quietOpen.Count > 0 ? quietOpen.Order().ElementAt(quietOpen.Count / 2) : 0):0.0}; live {(quietLooks > 0 ? quietLive / quietLooks : 0):0.0000}";

    /// <summary>Before the judge takes it.</summary>
    public void Take(LivenessJudge judge, CabSight sight)
    {
        if (judge.Phase != phase || judge.StepsDone != step)
        {
            (phase, step) = (judge.Phase, judge.StepsDone);
            (looks, faces, comparable, leastTurn, mostTurn, leastOpen) = (0, 0, 0, 0, 0, float.MaxValue);
            string act = phase is JudgePhase.Asked or JudgePhase.Return ? " " + judge.Steps[step].Act : "";
            At = phase + act;
        }
        looks++;
        if (sight.Face is not { } face)
            return;
        faces++;
        comparable += face.Comparable ? 1 : 0;
        if (phase == JudgePhase.Quiet && step == 0)
        {
            (quietRelief, quietLive, quietLooks) = (quietRelief + face.Relief, quietLive + face.Live, quietLooks + 1);
            quietOpen.Add(face.Openness);
        }
        float turn = face.Relief - quietRelief / Math.Max(1, quietLooks);
        (leastTurn, mostTurn) = (Math.Min(leastTurn, turn), Math.Max(mostTurn, turn));
        leastOpen = Math.Min(leastOpen, face.Openness);
    }
}
