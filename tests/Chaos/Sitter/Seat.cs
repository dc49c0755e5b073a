using System.Numerics;
using EdgeAgent.Agent.Officers.Face;
using EdgeAgent.Chaos.Login;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Chaos.Sitter;

/// <summary>
/// The seat before the cab camera, and whoever sits in it: drawn from one picture, moved by what they read on the screen. One thread draws;
/// any thread says what is read and who leaves.
/// </summary>
internal sealed class Seat : IDisposable
{
    private const float FaceWidth = 116;
    private const int EnrolQuality = 92;

    private static readonly (float Width, Pose Pose)[] Enrolment =
    [
        (140, Pose.Still), (112, Pose.Still with { YawDegrees = 16, RollDegrees = -4 }), (126, Pose.Still with { YawDegrees = -16, RollDegrees = 5 }),
        (90, Pose.Still with { YawDegrees = 7, RollDegrees = 9, Lids = 0.35f }),
    ];

    private static readonly Vector2 Place = new(CabLens.Width / 2f, CabLens.Height / 2f + 6);

    private readonly SourceFace face;
    private readonly LiveScene scene;
    private readonly Performer performer;
    private readonly CabLens lens;
    private readonly FramePool pool = new();
    private readonly Lock gate = new();
    private LoginAct? asked;
    private bool taken = true;

    public Seat(SourceFace face, int seed)
    {
        this.face = face;
        var random = new Random(seed);
        scene = new LiveScene(face, FaceWidth, Place);
        performer = new Performer(random);
        lens = new CabLens(random);
    }

    /// <exception cref="ScenarioException">There is nobody in the picture who could sit there.</exception>
    public static SourceFace Open(string picture)
    {
        if (!File.Exists(picture))
            throw new ScenarioException($"{picture} does not exist: name a picture of one person with --picture (rig pictures --cache .cache/rig fetches free ones).");
        using var reader = new SourceFace.Reader(ModelStore.Open());
        try
        {
            return reader.Read(picture, Path.GetFileNameWithoutExtension(picture))
                ?? throw new ScenarioException($"{picture}: no face in the middle that looks ahead and stands alone; name another picture.");
        }
        catch (InvalidDataException e)
        {
            throw new ScenarioException(e.Message);
        }
    }

    /// <summary>What stands on the screen; null: nothing is asked for.</summary>
    public void Read(LoginAct? act)
    {
        lock (gate)
            asked = act;
    }

    public void Sit(bool isThere)
    {
        lock (gate)
            (taken, asked) = (isThere, null);
    }

    /// <summary>What the camera sees now; the caller owns the frame.</summary>
    /// <param name="ms">Since the camera began; rises.</param>
    public Frame Shoot(float ms)
    {
        (LoginAct? read, bool isThere) = Now();
        Pose pose = performer.At(ms, read);
        return isThere ? lens.Shoot(target => scene.At(target, pose), pool) : lens.Shoot(scene.Empty, pool);
    }

    /// <summary>Pictures for enrolment as somebody takes them on purpose: near, each anew, the head turned and tilted a little.</summary>
    public IReadOnlyList<byte[]> EnrolmentPictures(int seed)
    {
        using var codec = new JpegCodec();
        var random = new Random(seed);
        var pictures = new List<byte[]>();
        // Less different than this, the centre takes two for one picture sent twice.
        foreach ((float width, Pose pose) in Enrolment)
        {
            using var camera = new CabLens(random);
            var near = new LiveScene(face, width, Place);
            using Frame frame = camera.Shoot(target => near.At(target, pose), pool);
            pictures.Add(codec.Encode(frame.View, EnrolQuality));
        }
        return pictures;
    }

    public void Dispose()
    {
        lens.Dispose();
        pool.Dispose();
    }

    private (LoginAct? Asked, bool IsThere) Now()
    {
        lock (gate)
            return (asked, taken);
    }
}
