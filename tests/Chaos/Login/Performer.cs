using System.Numerics;
using EdgeAgent.Agent.Officers.Face;

namespace EdgeAgent.Chaos.Login;

/// <summary>How somebody moves who is asked for things: after a moment, at their own pace, and never quite still.</summary>
internal sealed class Performer
{
    private const float BlinkMs = 160;

    private readonly float reactionMs, turnMs, holdMs, angle, shutMs, unrest;
    private readonly float[] phases = new float[6];
    private readonly float blinkEveryMs;
    private LoginAct? doing;
    private float began = float.MinValue, level, lastMs;

    /// <param name="random">Whose habits these are.</param>
    /// <param name="slowerMs">Later than somebody who reads the screen themselves.</param>
    /// <param name="unrest">1: a person in a seat.</param>
    public Performer(Random random, float slowerMs = 0, float unrest = 1)
    {
        reactionMs = 400 + 600 * random.NextSingle() + slowerMs;
        turnMs = 320 + 350 * random.NextSingle();
        holdMs = 250 + 450 * random.NextSingle();
        angle = 22 + 12 * random.NextSingle();
        shutMs = 750 + 550 * random.NextSingle();
        blinkEveryMs = 2600 + 3400 * random.NextSingle();
        this.unrest = unrest;
        for (int i = 0; i < phases.Length; i++)
            phases[i] = random.NextSingle() * 100;
    }

    /// <summary>
    /// The pose at an instant; asked one after the other. Whoever turned and sees that the screen still asks stays there and turns a little
    /// further; eyes that are shut see no screen, and are shut again if it still asks afterwards.
    /// </summary>
    public Pose At(float ms, LoginAct? asked)
    {
        if (doing is null && asked is not null)
            (doing, began) = (asked, ms + reactionMs);
        float since = ms - began, lids = Blink(ms);
        bool turning = doing is LoginAct.TurnLeft or LoginAct.TurnRight;
        bool onward = turning && since >= 0 && since < 4000 && (since < turnMs + holdMs || asked == doing);
        level = Math.Clamp(level + (onward ? 1 : -1) * (ms - lastMs) / turnMs, 0, 1);
        lastMs = ms;
        if (doing == LoginAct.CloseEyes)
            lids = Math.Max(lids, Swing(since, 120, shutMs));
        float yaw = !turning ? 0 : (doing == LoginAct.TurnLeft ? 1 : -1) * Math.Min(40, angle + Math.Max(0, since - turnMs) / 150) * Smooth(level);
        if (doing is not null && (turning ? since > 0 && !onward && level == 0 : since > shutMs + 500))
            doing = null;
        return new Pose(
            yaw + 1.6f * unrest * Wave(ms, 0, 3100), lids, unrest * new Vector2(4 * Wave(ms, 1, 2700), 2.5f * Wave(ms, 2, 1900)),
            1.2f * unrest * Wave(ms, 3, 3700), 1 + 0.012f * unrest * Wave(ms, 4, 4300));
    }

    private float Blink(float ms)
    {
        float since = (ms + 1000 * phases[5]) % blinkEveryMs;
        return since < BlinkMs ? MathF.Sin(MathF.PI * since / BlinkMs) : 0;
    }

    /// <summary>Up, held, and down again, 0 … 1.</summary>
    public static float Swing(float since, float rise, float hold) =>
        since <= 0 ? 0 : since < rise ? Smooth(since / rise) : since < rise + hold ? 1 : since < 2 * rise + hold ? Smooth((2 * rise + hold - since) / rise) : 0;

    private static float Smooth(float x) => x * x * (3 - 2 * x);

    private float Wave(float ms, int which, float period) =>
        0.6f * MathF.Sin(ms / period * 2 * MathF.PI + phases[which]) + 0.4f * MathF.Sin(ms / period * 5.1f + 2 * phases[which]);
}
