using EdgeAgent.Hw.Ffmpeg;

namespace EdgeAgent.Hw.Cameras;

/// <summary>One encoded picture as it came from the camera. Borrowed: a receiver that keeps it takes a reference of its own.</summary>
internal readonly record struct StreamPacket(
    PacketHandle Packet, StreamFormat Format, bool Key, long CapturedMonoMs, long CapturedUnixMs);

/// <summary>Where a stream's packets go. Called on the reader's own thread: must be quick, and throws nothing but bugs.</summary>
internal interface IPacketSink
{
    public void OnPacket(in StreamPacket packet);
}
