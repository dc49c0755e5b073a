using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeAgent.Eyes.V1;
using Google.Protobuf;

namespace EdgeAgent.Agent.Hosting;

/// <summary>What eyes saw of one visit. Whoever takes it from the queue forgets it when nothing came of it.</summary>
internal abstract class Visit(string visitId, string cameraId, long capturedMonoMs, long settledMonoMs, byte[] cropJpeg)
{
    public string VisitId { get; } = visitId;

    public string CameraId { get; } = cameraId;

    public long CapturedMonoMs { get; } = capturedMonoMs;

    /// <summary>Capture time of the frame after which there was enough to tell.</summary>
    public long SettledMonoMs { get; } = Math.Max(capturedMonoMs, settledMonoMs);

    public byte[] CropJpeg { get; } = cropJpeg;

    /// <summary>Overwrites what identifies anybody. After this the visit is worth nothing.</summary>
    public virtual void Forget() => CryptographicOperations.ZeroMemory(CropJpeg);

    // The message's own buffers belong to us alone once it was parsed.
    protected static void Wipe(ByteString bytes) => CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(bytes.Memory).Span);
}

internal sealed class PlateSighting : Visit
{
    public PlateSighting(PlateVisit visit)
        : base(visit.VisitId, visit.CameraId, visit.CapturedMonoMs, visit.SettledMonoMs, visit.CropJpeg.ToByteArray())
    {
        Text = visit.Text;
        Confidence = [.. visit.CharacterConfidence];
        Rivals = [.. visit.Rivals.Select(r => (r.Text, r.Confidence))];
        Colour = visit.Colour;
        TwoRow = visit.TwoRow;
        Votes = visit.Votes;
        TextConfidence = visit.Confidence;
        Wipe(visit.CropJpeg);
    }

    public string Text { get; private set; }

    public float[] Confidence { get; }

    public IReadOnlyList<(string Text, float Confidence)> Rivals { get; private set; }

    public string Colour { get; }

    public bool TwoRow { get; }

    public uint Votes { get; }

    /// <summary>Calibrated: how often a whole text read like this is right, 0 … 1.</summary>
    public float TextConfidence { get; }

    public override void Forget()
    {
        base.Forget();
        Text = "";
        Rivals = [];
        Array.Clear(Confidence);
    }
}

internal sealed class FaceSighting : Visit
{
    public const int Dimension = 512;

    public FaceSighting(FaceVisit visit)
        : base(visit.VisitId, visit.CameraId, visit.CapturedMonoMs, visit.SettledMonoMs, visit.CropJpeg.ToByteArray())
    {
        Embedding = MemoryMarshal.Cast<byte, float>(visit.Embedding.Span).ToArray();
        WidthPx = (int)visit.WidthPx;
        Wipe(visit.Embedding);
        Wipe(visit.CropJpeg);
    }

    public float[] Embedding { get; }

    public int WidthPx { get; }

    public override void Forget()
    {
        base.Forget();
        Array.Clear(Embedding);
    }
}
