namespace EdgeAgent.Rig.Rtsp;

/// <summary>The few facts of a NAL unit's header that packetising and splitting need (H.264 §7.3.1, H.265 §7.3.1.2).</summary>
internal static class NalUnit
{
    public static int Type(ReadOnlySpan<byte> nal, VideoCodec codec) =>
        codec == VideoCodec.H264 ? nal[0] & 0x1F : (nal[0] >> 1) & 0x3F;

    public static int HeaderBytes(VideoCodec codec) => codec == VideoCodec.H264 ? 1 : 2;

    /// <summary>Holds a slice of a picture.</summary>
    public static bool IsSlice(ReadOnlySpan<byte> nal, VideoCodec codec)
    {
        int type = Type(nal, codec);
        return codec == VideoCodec.H264 ? type is >= 1 and <= 5 : type < 32;
    }

    public static bool IsKeySlice(ReadOnlySpan<byte> nal, VideoCodec codec)
    {
        int type = Type(nal, codec);
        return codec == VideoCodec.H264 ? type == 5 : type is >= 16 and <= 21;
    }

    /// <summary>H.264: first_mb_in_slice is ue(v) and 0 is coded as one set bit; H.265: first_slice_segment_in_pic_flag.</summary>
    public static bool IsFirstSlice(ReadOnlySpan<byte> nal, VideoCodec codec) =>
        nal.Length > HeaderBytes(codec) && (nal[HeaderBytes(codec)] & 0x80) != 0;

    /// <summary>Video, sequence or picture parameter set.</summary>
    public static bool IsParameterSet(ReadOnlySpan<byte> nal, VideoCodec codec)
    {
        int type = Type(nal, codec);
        return codec == VideoCodec.H264 ? type is 7 or 8 : type is >= 32 and <= 34;
    }
}
