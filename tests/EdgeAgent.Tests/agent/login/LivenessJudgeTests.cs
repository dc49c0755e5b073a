using EdgeAgent.Agent.Officers.Face;

namespace EdgeAgent.Tests.Agent.Login;

public sealed class LivenessJudgeTests
{
    private static readonly LoginChallenge Challenge = new(
        [new(LoginAct.TurnLeft, 600), new(LoginAct.CloseEyes, 700), new(LoginAct.TurnRight, 500)],
        [new(LoginAct.TurnRight, 600), new(LoginAct.TurnRight, 700), new(LoginAct.TurnLeft, 500), new(LoginAct.TurnRight, 500)]);

    private readonly SeatedFace face = new(SeatedFace.Someone(3), new byte[32]);
    private readonly LivenessJudge judge = new(Challenge, JudgeLimits.Standard);

    [Fact]
    public void Somebody_who_does_what_is_asked_when_it_is_asked_passes_with_their_own_face()
    {
        Play();
        Assert.Equal((JudgePhase.Passed, ""), (judge.Phase, judge.Code));
        Assert.Equal(3, judge.StepsDone);
        Assert.Equal(1, judge.Embedding()[3], 0.001);
    }

    [Fact]
    public void A_picture_that_is_held_still_does_nothing_and_fails()
    {
        Play(obeys: _ => null);
        Assert.Equal((JudgePhase.Failed, "too_slow"), (judge.Phase, judge.Code));
        Assert.True(judge.WasAttempt);
        Assert.Throws<InvalidOperationException>(() => judge.Embedding());
    }

    [Fact]
    public void Turning_the_wrong_way_or_shutting_the_eyes_instead_fails()
    {
        Play(obeys: act => act is LoginAct.TurnLeft ? LoginAct.TurnRight : act);
        Assert.Equal("wrong_act", judge.Code);
        var other = new LivenessJudge(Challenge, JudgeLimits.Standard);
        Play(other, act => act is LoginAct.TurnLeft ? LoginAct.CloseEyes : act);
        Assert.Equal("wrong_act", other.Code);
    }

    [Fact]
    public void What_was_done_before_it_could_be_read_fails()
    {
        Until(JudgePhase.Asked);
        face.Obey(LoginAct.TurnLeft);
        judge.Take(face.Sight());
        Assert.Equal((JudgePhase.Failed, "too_soon"), (judge.Phase, judge.Code));
    }

    [Fact]
    public void A_recording_that_goes_on_by_itself_fails_while_nothing_is_asked()
    {
        Until(JudgePhase.Return);
        face.Obey(null);
        Until(JudgePhase.Quiet);
        face.Turn = 0.2f;
        judge.Take(face.Sight());
        Assert.Equal((JudgePhase.Failed, "wrong_act"), (judge.Phase, judge.Code));
    }

    [Fact]
    public void A_blink_of_itself_is_nothing_that_was_done()
    {
        Until(JudgePhase.Return);
        Until(JudgePhase.Quiet);
        for (int look = 0; look < 3; look++)
        {
            face.EyesShut = look < 2;
            judge.Take(face.Sight());
        }
        Assert.Equal(JudgePhase.Quiet, judge.Phase);
        Play();
        Assert.Equal(JudgePhase.Passed, judge.Phase);
    }

    [Fact]
    public void Eyes_that_the_network_calls_shut_while_they_are_open_are_measured_by_themselves()
    {
        face.OpenEyes = -1.5f;
        Play();
        Assert.Equal((JudgePhase.Passed, "", 3), (judge.Phase, judge.Code, judge.StepsDone));
        var other = new LivenessJudge(Challenge, JudgeLimits.Standard);
        Play(other, act => act is LoginAct.CloseEyes ? null : act);
        Assert.Equal("too_slow", other.Code);
    }

    [Fact]
    public void Whose_eyes_tell_nothing_is_asked_for_turns_alone_and_one_more_of_them()
    {
        face.OpenEyes = -4;
        Play(act => act is LoginAct.CloseEyes ? throw new InvalidOperationException("asked to close them") : act);
        Assert.Equal((JudgePhase.Passed, "", 4), (judge.Phase, judge.Code, judge.StepsDone));
        var other = new LivenessJudge(Challenge, JudgeLimits.Standard);
        Play(other, _ => LoginAct.TurnRight);
        Assert.Equal(("wrong_act", 2), (other.Code, other.StepsDone));
    }

    [Fact]
    public void A_look_in_which_shut_eyes_seem_open_neither_breaks_the_closing_nor_ends_it()
    {
        Until(JudgePhase.Return);
        Until(JudgePhase.Asked);
        for (int look = 0; look < 16; look++)
        {
            // Three looks to read it; then shut, but for every third look.
            face.EyesShut = look > 3 && look % 3 != 0;
            judge.Take(face.Sight());
        }
        Assert.Equal((JudgePhase.Return, 1), (judge.Phase, judge.StepsDone));
        Play();
        Assert.Equal(JudgePhase.Passed, judge.Phase);
    }

    [Fact]
    public void A_look_in_which_a_turned_head_seems_to_look_ahead_ends_no_turn()
    {
        Until(JudgePhase.Return);
        foreach (float turn in (float[])[0.2f, 0, 0.2f, 0.2f, 0])
        {
            face.Turn = turn;
            judge.Take(face.Sight());
        }
        Assert.Equal((JudgePhase.Return, 0), (judge.Phase, judge.StepsDone));
        Play();
        Assert.Equal(JudgePhase.Passed, judge.Phase);
    }

    [Fact]
    public void Eyes_that_seem_shut_on_a_head_half_turned_were_not_closed()
    {
        Until(JudgePhase.Return);
        Until(JudgePhase.Quiet);
        for (int look = 0; look < 12; look++)
        {
            (face.Turn, face.EyesShut) = (0.06f, true);
            judge.Take(face.Sight());
        }
        Assert.Equal(JudgePhase.Quiet, judge.Phase);
    }

    [Theory]
    [InlineData("Quiet")]
    [InlineData("Asked")]
    [InlineData("Return")]
    public void Another_face_half_way_fails_also_while_it_is_turned(string when)
    {
        Until(JudgePhase.Return);
        Until(Enum.Parse<JudgePhase>(when));
        face.Embedding = SeatedFace.Someone(9);
        judge.Take(face.Sight());
        Assert.Equal((JudgePhase.Failed, "face_changed"), (judge.Phase, judge.Code));
    }

    [Fact]
    public void A_second_face_waits_at_first_and_fails_afterwards()
    {
        face.Faces = 2;
        judge.Take(face.Sight());
        Assert.Equal((JudgePhase.Waiting, "two_faces"), (judge.Phase, judge.Code));
        face.Faces = 1;
        Until(JudgePhase.Asked);
        face.Faces = 2;
        judge.Take(face.Sight());
        Assert.Equal(JudgePhase.Asked, judge.Phase);
        for (int look = 0; look < JudgeLimits.Standard.LongestTwoMs / SeatedFace.StepMs; look++)
            judge.Take(face.Sight());
        Assert.Equal((JudgePhase.Failed, "two_faces"), (judge.Phase, judge.Code));
    }

    [Fact]
    public void A_face_that_goes_away_for_long_or_jumps_fails()
    {
        Until(JudgePhase.Asked);
        face.MonoMs += JudgeLimits.Standard.LongestGapMs;
        judge.Take(face.Sight());
        Assert.Equal("face_lost", judge.Code);
        var other = new LivenessJudge(Challenge, JudgeLimits.Standard);
        other.Take(face.Sight());
        face.Left += 0.2f;
        other.Take(face.Sight());
        Assert.Equal("face_jumped", other.Code);
    }

    [Fact]
    public void What_the_liveness_network_takes_for_a_picture_fails_although_all_was_done()
    {
        face.Live = 0.0001f;
        Play();
        Assert.Equal((JudgePhase.Failed, "not_live"), (judge.Phase, judge.Code));
    }

    [Fact]
    public void An_empty_seat_is_no_attempt_and_numbers_that_are_none_are_no_face()
    {
        face.Faces = 0;
        Play();
        Assert.Equal((JudgePhase.Failed, "no_face"), (judge.Phase, judge.Code));
        Assert.False(judge.WasAttempt);
        var other = new LivenessJudge(Challenge, JudgeLimits.Standard);
        (face.Faces, face.Live) = (1, float.NaN);
        other.Take(face.Sight());
        Assert.Equal((JudgePhase.Waiting, "no_face"), (other.Phase, other.Code));
        (face.Live, face.Turn) = (0.9f, float.NaN);
        other.Take(face.Sight());
        Assert.Equal(JudgePhase.Waiting, other.Phase);
    }

    [Fact]
    public void A_flat_picture_keeps_its_relief_however_it_is_turned_and_a_head_does_not()
    {
        float[] points = [0.4f, 0.4f, 0.6f, 0.4f, 0.52f, 0.5f, 0.43f, 0.6f, 0.57f, 0.6f];
        float flat = CabPerson.ReliefOf(points);
        // Any slanted grid: narrower, sheared, moved.
        float[] tilted = [.. points.Chunk(2).SelectMany(p => new[] { 0.6f * p[0] + 0.2f * p[1] + 0.1f, 0.1f * p[0] + 0.9f * p[1] })];
        Assert.Equal(flat, CabPerson.ReliefOf(tilted), 0.0001);
        points[4] += 0.04f;
        Assert.Equal(flat + 0.2f, CabPerson.ReliefOf(points), 0.0001);
        Assert.Equal(0, CabPerson.ReliefOf(new float[10]));
    }

    [Fact]
    public void A_challenge_asks_nothing_twice_running_and_always_for_a_turn()
    {
        var random = new Random(5);
        LoginChallenge[] drawn = [.. Enumerable.Range(0, 500).Select(_ => LoginChallenge.Draw(random.Next))];
        Assert.All(drawn, c => Assert.Contains(c.Steps, s => s.Act != LoginAct.CloseEyes));
        Assert.All(drawn, c => Assert.All(c.Steps.Zip(c.Steps.Skip(1)), pair => Assert.NotEqual(pair.First.Act, pair.Second.Act)));
        Assert.Equal(12, drawn.Select(c => string.Join(' ', c.Steps.Select(s => s.Act))).Distinct().Count());
        Assert.All(drawn, c => Assert.DoesNotContain(c.Turns, s => s.Act == LoginAct.CloseEyes));
        Assert.Equal(16, drawn.Select(c => string.Join(' ', c.Turns.Select(s => s.Act))).Distinct().Count());
        Assert.True(drawn.SelectMany(c => c.Steps).Select(s => s.QuietMs).Distinct().Count() > 300);
    }

    private void Play() => Play(judge, act => act);

    private void Play(Func<LoginAct?, LoginAct?> obeys) => Play(judge, obeys);

    private void Play(LivenessJudge to, Func<LoginAct?, LoginAct?> obeys)
    {
        int waited = 0;
        for (int look = 0; look < 400 && to.Phase is not (JudgePhase.Passed or JudgePhase.Failed); look++)
        {
            // It takes three looks to read a word.
            waited = to.Asked is null ? 0 : waited + 1;
            face.Obey(waited > 3 ? obeys(to.Asked) : null);
            to.Take(face.Sight());
        }
    }

    private void Until(JudgePhase phase)
    {
        int waited = 0;
        for (int look = 0; look < 200 && judge.Phase != phase; look++)
        {
            waited = judge.Asked is null ? 0 : waited + 1;
            face.Obey(waited > 3 ? judge.Asked : null);
            judge.Take(face.Sight());
        }
        Assert.Equal(phase, judge.Phase);
    }
}
