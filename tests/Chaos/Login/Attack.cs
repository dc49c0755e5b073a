using System.Numerics;
using EdgeAgent.Agent.Officers.Face;

namespace EdgeAgent.Chaos.Login;

/// <summary>What is held before the camera, and what its holder knows.</summary>
internal enum AttackKind
{
    /// <summary>A print, held still as well as a hand can.</summary>
    PrintStill,

    /// <summary>A print that is turned when a turn is asked for.</summary>
    PrintTilted,

    /// <summary>The same, bent round.</summary>
    PrintBent,

    /// <summary>A print with holes for the holder's own eyes, which close when that is asked for; tilted for turns.</summary>
    PrintEyeHoles,

    /// <summary>A still picture on a screen.</summary>
    ReplayStill,

    /// <summary>A clip of somebody who sits there.</summary>
    ReplayIdle,

    /// <summary>A clip of somebody who turns and closes the eyes, in an order of its own.</summary>
    ReplaySweep,

    /// <summary>Clips of every act of that very officer, and a hand quick enough to start the right one: no challenge can tell it.</summary>
    ReplayOnCue,
}

/// <summary>Something that stands before the camera for one attempt.</summary>
internal interface IPresentation
{
    /// <summary>What the camera sees at an instant.</summary>
    /// <param name="asked">What the screen asks for.</param>
    public Func<Vector2, Vector3> At(float ms, LoginAct? asked);
}

/// <summary>The officer in person.</summary>
internal sealed class Genuine(LiveScene scene, Performer performer) : IPresentation
{
    public Func<Vector2, Vector3> At(float ms, LoginAct? asked)
    {
        Pose pose = performer.At(ms, asked);
        return target => scene.At(target, pose);
    }
}

/// <summary>The officer's picture or clip in somebody's hand.</summary>
internal sealed class Attack : IPresentation
{
    private readonly AttackKind kind;
    private readonly LiveScene content;
    private readonly Medium medium;
    private readonly Performer hand, shown;
    private readonly Random random;
    private LoginAct? own;
    private float ownUntil;

    public Attack(AttackKind kind, SourceFace face, float faceWidth, Vector2 place, Random random)
    {
        (this.kind, this.random) = (kind, random);
        content = new LiveScene(face, faceWidth, place);
        medium = kind <= AttackKind.PrintEyeHoles
            ? new Print(random, place, faceWidth, kind == AttackKind.PrintBent ? 0.5f + 0.4f * random.NextSingle() : 0)
            : new Screen(random, place, faceWidth);
        hand = new Performer(random, unrest: 1.6f);
        shown = new Performer(random, slowerMs: 250);
    }

    public Func<Vector2, Vector3> At(float ms, LoginAct? asked)
    {
        Pose moved = hand.At(ms, kind is AttackKind.PrintTilted or AttackKind.PrintBent or AttackKind.PrintEyeHoles ? asked : null);
        var hold = new Hold(moved.Shift, moved.RollDegrees, 1.2f * moved.YawDegrees, moved.Scale);
        Pose pose = kind switch
        {
            AttackKind.PrintEyeHoles => Pose.Still with { Lids = moved.Lids },
            AttackKind.ReplayIdle => shown.At(ms, null),
            AttackKind.ReplaySweep => shown.At(ms, Own(ms)),
            AttackKind.ReplayOnCue => shown.At(ms, asked),
            _ => Pose.Still,
        };
        return target => medium.At(target, hold, ms / 1000, on => content.At(on, pose));
    }

    /// <summary>One act after the other, as somebody was once filmed.</summary>
    private LoginAct? Own(float ms)
    {
        if (ms > ownUntil)
        {
            own = own is null ? (LoginAct)random.Next(3) : null;
            ownUntil = ms + (own is null ? 700 + 1300 * random.NextSingle() : 400);
        }
        return own;
    }
}
