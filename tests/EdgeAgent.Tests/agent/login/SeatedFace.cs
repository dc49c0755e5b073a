using System.Runtime.InteropServices;
using EdgeAgent.Agent.Officers.Face;
using EdgeAgent.Eyes.V1;
using Google.Protobuf;

namespace EdgeAgent.Tests.Agent.Login;

/// <summary>What eyes would say of somebody before the cab camera, look by look, a tenth of a second apart.</summary>
internal sealed class SeatedFace(float[] embedding, byte[] model)
{
    public const int StepMs = 100;

    public long MonoMs { get; set; } = 1_000;

    /// <summary>The nose's place in eye distances: above 0 turned to the officer's left.</summary>
    public float Turn { get; set; }

    public bool EyesShut { get; set; }

    /// <summary>What the network says of these eyes while they are open, log odds.</summary>
    public float OpenEyes { get; set; } = 4;

    public float Live { get; set; } = 0.9f;

    public uint Faces { get; set; } = 1;

    public float[] Embedding { get; set; } = embedding;

    public float Left { get; set; } = 0.4f;

    /// <summary>Does at once whatever is asked, one look after it was asked, and stops when it is asked no more.</summary>
    public void Obey(LoginAct? asked)
    {
        Turn = asked switch { LoginAct.TurnLeft => 0.2f, LoginAct.TurnRight => -0.2f, _ => 0 };
        EyesShut = asked == LoginAct.CloseEyes;
    }

    public CabFrame Look()
    {
        MonoMs += StepMs;
        var frame = new CabFrame { CameraId = "cab", CapturedMonoMs = MonoMs, Faces = Faces, Jpeg = ByteString.CopyFrom(FakeEyes.Jpeg) };
        if (Faces == 0)
            return frame;
        frame.Face = new CabFace
        {
            X = Left,
            Y = 0.3f,
            Width = 0.2f,
            Height = 0.4f,
            WidthPx = 128,
            YawDegrees = 100 * Turn,
            EyesOpen = EyesShut ? -5 : OpenEyes,
            LidGap = EyesShut ? 0.15f : 0.3f,
            Live = Live,
            Comparable = true,
            Embedding = ByteString.CopyFrom(MemoryMarshal.AsBytes(Embedding.AsSpan())),
            ModelSha256 = ByteString.CopyFrom(model),
        };
        frame.Face.Points.AddRange([0.4f, 0.4f, 0.6f, 0.4f, 0.5f + 0.2f * Turn, 0.5f, 0.43f, 0.6f, 0.57f, 0.6f]);
        return frame;
    }

    public CabSight Sight() => CabSight.Of(Look());

    /// <summary>A face of length one that is like no other of another number.</summary>
    public static float[] Someone(int who, float like = 0, int whom = 0)
    {
        var face = new float[512];
        face[who] = MathF.Sqrt(1 - like * like);
        if (like > 0)
            face[whom] += like;
        return face;
    }
}
