using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Eyes.V1;
using Google.Protobuf;

namespace EdgeAgent.Agent.Officers.Face;

/// <summary>
/// The camera before the terminal: looked at only while an officer signs in by face, and otherwise, where the configuration says so, as a
/// mere number of faces.
/// </summary>
internal sealed class CabCamera
{
    private readonly EyesFacts eyes;
    private readonly Lock gate = new();
    private Action<CabFrame>? login;
    private bool counts;

    public CabCamera(CarOptions options, EyesFacts eyes)
    {
        this.eyes = eyes;
        Id = options.Cameras.FirstOrDefault(c => c.PreviewOnly)?.Id ?? "";
        eyes.CabSeen += Take;
    }

    /// <summary>"": this car has none.</summary>
    public string Id { get; }

    /// <summary>How many faces there were at a time, CLOCK_MONOTONIC.</summary>
    public event Action<int, long>? Counted;

    /// <summary>Every look goes there, which overwrites it with <see cref="Wipe"/>, until <see cref="End"/>.</summary>
    public void Begin(Action<CabFrame> taker)
    {
        lock (gate)
        {
            login = taker;
            Ask();
        }
    }

    public void End(Action<CabFrame> taker)
    {
        lock (gate)
        {
            if (login != taker)
                return;
            login = null;
            Ask();
        }
    }

    /// <summary>Whether faces are to be counted while nobody signs in.</summary>
    public void Count(bool wanted)
    {
        lock (gate)
        {
            if (counts == wanted)
                return;
            counts = wanted;
            Ask();
        }
    }

    /// <summary>Overwrites picture and embedding: the message's buffers belong to us alone once it was parsed.</summary>
    public static void Wipe(CabFrame frame)
    {
        Wipe(frame.Jpeg);
        if (frame.Face is { } face)
            Wipe(face.Embedding);
    }

    private static void Wipe(ByteString bytes) => CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(bytes.Memory).Span);

    private void Ask() => eyes.LookAtCab(new LookAtCab
    {
        CameraId = Id,
        Looking = login is not null ? CabLooking.Login : counts && Id.Length > 0 ? CabLooking.Count : CabLooking.Off,
    });

    private void Take(CabFrame frame)
    {
        Action<CabFrame>? taker;
        lock (gate)
            taker = login;
        if (taker is not null)
            taker(frame);
        else
            Wipe(frame);
        if (frame.Fault.Length == 0)
            Counted?.Invoke((int)frame.Faces, frame.CapturedMonoMs);
    }
}
