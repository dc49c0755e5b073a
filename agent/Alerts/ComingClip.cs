using EdgeAgent.Eyes.V1;
using Google.Protobuf;

namespace EdgeAgent.Agent.Alerts;

/// <summary>A clip that eyes holds, and, once it is wanted, sends.</summary>
internal sealed class ComingClip(string cameraId)
{
    private readonly Lock gate = new();
    private readonly List<ByteString> pieces = [];
    private long bytes;
    private bool wanted;

    public string CameraId => cameraId;

    public long Since { get; private set; }

    public bool IsOver { get; private set; }

    public string Reason { get; private set; } = "";

    public long FirstMonoMs { get; private set; }

    public long LastMonoMs { get; private set; }

    public void Want(long timestamp)
    {
        lock (gate)
            (wanted, Since) = (true, timestamp);
    }

    /// <summary>A piece of it; what nobody wants yet, or any more, is not kept.</summary>
    public void Take(ClipChunk chunk)
    {
        lock (gate)
        {
            if (!wanted || IsOver)
                return;
            bytes += chunk.Data.Length;
            if (chunk.Error.Length > 0 || (chunk.Last && bytes == 0))
                End("no_video");
            else if (bytes > ClipKeeper.MaxClipBytes)
                End("too_large");
            else if (chunk.Data.Length > 0)
                pieces.Add(chunk.Data);
            if (chunk.Last)
                (IsOver, FirstMonoMs, LastMonoMs) = (true, chunk.FirstMonoMs, chunk.LastMonoMs);
        }
    }

    /// <summary>It will not come; one that is here already stays.</summary>
    public void GiveUp(string reason)
    {
        lock (gate)
        {
            if (!IsOver)
                End(reason);
        }
    }

    /// <summary>It came and could not be kept.</summary>
    public void Lose(string reason)
    {
        lock (gate)
            End(reason);
    }

    public byte[] Content()
    {
        lock (gate)
        {
            byte[] whole = new byte[bytes];
            int at = 0;
            foreach (ByteString piece in pieces)
            {
                piece.CopyTo(whole, at);
                at += piece.Length;
            }
            return whole;
        }
    }

    private void End(string reason)
    {
        pieces.Clear();
        (IsOver, Reason) = (true, reason);
    }
}
