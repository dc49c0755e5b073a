using EdgeAgent.Hw.Ffmpeg;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// What one connection's video stream is. A plain immutable fact instead of libav's own object, so that the ring, the decoder and
/// every viewer can hold it without owning anything. A new connection makes a new one, also when nothing changed.
/// </summary>
internal sealed class StreamFormat
{
    /// <summary>libav reads past the end of parameter sets by this much.</summary>
    private const int PaddingBytes = 64;
    private static readonly uint s_hvc1 = Tag("hvc1");

    public required AVCodecID CodecId { get; init; }

    /// <summary>Parameter sets, Annex B from RTSP, avcC or hvcC from files.</summary>
    public required byte[] ExtraData { get; init; }

    public required int PixelFormat { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required AVRational TimeBase { get; init; }

    /// <summary>h264, hevc, or libav's number of anything else.</summary>
    public string CodecName => CodecId switch
    {
        AVCodecID.AV_CODEC_ID_H264 => "h264",
        AVCodecID.AV_CODEC_ID_HEVC => "hevc",
        AVCodecID.AV_CODEC_ID_MJPEG => "mjpeg",
        _ => $"codec {(int)CodecId}",
    };

    public static unsafe StreamFormat Of(Demuxer input)
    {
        var parameters = input.Parameters;
        return new StreamFormat
        {
            CodecId = parameters->codec_id,
            ExtraData = new ReadOnlySpan<byte>(parameters->extradata, parameters->extradata_size).ToArray(),
            PixelFormat = parameters->format,
            Width = parameters->width,
            Height = parameters->height,
            TimeBase = input.TimeBase,
        };
    }

    /// <summary>Whether packets of both can stand in one file behind each other.</summary>
    public bool SameAs(StreamFormat other) =>
        CodecId == other.CodecId && Width == other.Width && Height == other.Height && TimeBase.num == other.TimeBase.num
        && TimeBase.den == other.TimeBase.den && ExtraData.AsSpan().SequenceEqual(other.ExtraData);

    public double ToMilliseconds(long timestamp) => timestamp * 1000.0 * TimeBase.num / TimeBase.den;

    public long FromMilliseconds(double milliseconds) => (long)Math.Round(milliseconds * TimeBase.den / (1000.0 * TimeBase.num));

    public unsafe Decoder OpenDecoder()
    {
        using var parameters = new CodecParametersHandle();
        Fill(parameters.Pointer);
        return new Decoder(parameters.Pointer, TimeBase);
    }

    /// <summary>Writes itself over <paramref name="target"/>, ready for an MP4.</summary>
    public unsafe void Fill(AVCodecParameters* target)
    {
        target->codec_type = AVMediaType.AVMEDIA_TYPE_VIDEO;
        target->codec_id = CodecId;
        // hev1, libav's own choice, is refused by Apple's players.
        target->codec_tag = CodecId == AVCodecID.AV_CODEC_ID_HEVC ? s_hvc1 : 0;
        target->format = PixelFormat;
        target->width = Width;
        target->height = Height;
        if (ExtraData.Length == 0)
            return;
        byte* copy = (byte*)ffmpeg.av_malloc((ulong)(ExtraData.Length + PaddingBytes));
        if (copy == null)
            throw new FfmpegException("no memory for parameter sets");
        ExtraData.CopyTo(new Span<byte>(copy, ExtraData.Length));
        new Span<byte>(copy + ExtraData.Length, PaddingBytes).Clear();
        target->extradata = copy;
        target->extradata_size = ExtraData.Length;
    }

    /// <summary>For a browser's <c>addSourceBuffer</c>; null when no browser here plays it (HEVC).</summary>
    public string? MimeType
    {
        get
        {
            if (CodecId != AVCodecID.AV_CODEC_ID_H264 || FindSps() is not { Length: >= 4 } sps)
                return null;
            return $"video/mp4; codecs=\"avc1.{sps[1]:X2}{sps[2]:X2}{sps[3]:X2}\"";
        }
    }

    /// <summary>The sequence parameter set with its NAL header, from either form of extradata.</summary>
    private ReadOnlySpan<byte> FindSps()
    {
        var data = ExtraData.AsSpan();
        const int AvccHeaderBytes = 8;
        if (data.Length > AvccHeaderBytes && data[0] == 1)
            return data[AvccHeaderBytes..];
        for (int i = 0; i + 4 < data.Length; i++)
            if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1 && (data[i + 3] & 0x1F) == 7)
                return data[(i + 3)..];
        return [];
    }

    private static uint Tag(string text) => (uint)(text[0] | text[1] << 8 | text[2] << 16 | text[3] << 24);
}
