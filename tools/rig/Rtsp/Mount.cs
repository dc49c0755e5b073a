using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace EdgeAgent.Rig.Rtsp;

/// <summary>When a picture was taken, on the camera's media clock and on the wall clock.</summary>
internal readonly record struct MediaInstant(uint RtpTimestamp, DateTimeOffset CapturedAt);

/// <summary>
/// One stream under one path of the server. Pictures are pushed in by one thread; receivers come and go on others.
/// Unplugged, it drops its receivers and answers nobody, like a camera whose cable is out.
/// </summary>
internal sealed class Mount(string path, VideoCodec codec, IReadOnlyList<ReadOnlyMemory<byte>> parameterSets, double framesPerSecond)
{
    public const int ClockHz = 90_000;

    private ImmutableArray<MountReceiver> receivers = [];
    private volatile bool plugged = true;

    public string Path { get; } = path;

    public VideoCodec Codec { get; } = codec;

    public bool Plugged => plugged;

    public int Receivers => receivers.Length;

    public void Add(MountReceiver receiver)
    {
        ImmutableInterlocked.Update(ref receivers, (list, added) => list.Add(added), receiver);
        // Unplugged between the answer to PLAY and here.
        if (!plugged)
            receiver.Drop();
    }

    public void Remove(MountReceiver receiver) =>
        ImmutableInterlocked.Update(ref receivers, (list, removed) => list.Remove(removed), receiver);

    public void Plug() => plugged = true;

    public void Unplug()
    {
        plugged = false;
        foreach (MountReceiver receiver in receivers)
            receiver.Drop();
    }

    public void Push(AccessUnit unit, MediaInstant at)
    {
        foreach (MountReceiver receiver in receivers)
            receiver.Offer(unit, at);
    }

    public string Sdp()
    {
        string[] sets = [.. parameterSets.Select(s => Convert.ToBase64String(s.Span))];
        string format = Codec == VideoCodec.H264
            ? $"packetization-mode=1;profile-level-id={Convert.ToHexString(parameterSets[0].Span.Slice(1, 3))};sprop-parameter-sets={sets[0]},{sets[1]}"
            : $"sprop-vps={sets[0]};sprop-sps={sets[1]};sprop-pps={sets[2]}";
        return new StringBuilder()
            .Append("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=").Append(Path).Append("\r\nt=0 0\r\n")
            .Append("m=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\n")
            .Append("a=rtpmap:96 ").Append(Codec == VideoCodec.H264 ? "H264" : "H265").Append('/').Append(ClockHz).Append("\r\n")
            .Append("a=fmtp:96 ").Append(format).Append("\r\n")
            .Append("a=framerate:").Append(framesPerSecond).Append("\r\na=control:track0\r\n")
            .ToString();
    }
}

/// <summary>One client's end of a mount. Starts at a key picture; too slow a client is dropped.</summary>
internal sealed class MountReceiver(RtpSession session, OutboundQueue queue, Action drop)
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(5);

    private bool started;
    private DateTimeOffset reportedAt;

    public void Drop() => drop();

    public void Offer(AccessUnit unit, MediaInstant at)
    {
        if (!started && !unit.IsKey)
            return;
        bool report = !started || at.CapturedAt - reportedAt >= ReportInterval;
        started = true;

        byte[] buffer = ArrayPool<byte>.Shared.Rent(RtpSession.UpperBoundBytes(unit) + RtpSession.SenderReportBytes);
        int written = 0;
        if (report)
        {
            // In front of the first packet, so that a receiver knows the wall clock of the very first picture.
            written += session.WriteSenderReport(at.RtpTimestamp, at.CapturedAt, buffer);
            reportedAt = at.CapturedAt;
        }
        written += session.WriteUnit(unit, at.RtpTimestamp, buffer.AsSpan(written));
        if (!queue.TryWrite(buffer, written))
            drop();
    }
}
