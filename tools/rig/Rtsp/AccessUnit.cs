namespace EdgeAgent.Rig.Rtsp;

internal enum VideoCodec
{
    H264,
    H265,
}

/// <summary>One coded picture.</summary>
/// <param name="Nals">NAL units without start codes, in stream order; parameter sets ride in front of key pictures.</param>
/// <param name="IsKey">A decoder can start here.</param>
internal sealed record AccessUnit(IReadOnlyList<ReadOnlyMemory<byte>> Nals, bool IsKey)
{
    public int SizeBytes { get; } = Nals.Sum(n => n.Length);
}
