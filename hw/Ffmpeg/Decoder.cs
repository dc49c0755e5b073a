using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Ffmpeg;

/// <summary>
/// One video decoder. One thread inside libavcodec: more add latency (47 ms at one, 166 ms at four) and cost more CPU in total.
/// Not thread-safe.
/// </summary>
internal sealed unsafe class Decoder : IDisposable
{
    private readonly CodecHandle _context;
    private readonly PictureHandle _picture = new();

    /// <param name="parameters">Of the stream to decode.</param>
    /// <param name="timeBase">Unit of the packets' times, or default when they have none.</param>
    /// <exception cref="FfmpegException">No decoder for this codec, or it refused the parameters.</exception>
    public Decoder(AVCodecParameters* parameters, AVRational timeBase)
    {
        AVCodec* codec = ffmpeg.avcodec_find_decoder(parameters->codec_id);
        if (codec == null)
            throw new FfmpegException($"this FFmpeg has no decoder for codec {parameters->codec_id}");
        _context = new CodecHandle(codec);
        try
        {
            FfmpegException.Check(ffmpeg.avcodec_parameters_to_context(_context.Pointer, parameters), "decoder parameters");
            _context.Pointer->pkt_timebase = timeBase;
            using var options = new AvOptions(("threads", "1"));
            AVDictionary* dictionary = options.Dictionary;
            int result = ffmpeg.avcodec_open2(_context.Pointer, codec, &dictionary);
            options.Replace(dictionary);
            FfmpegException.Check(result, "open decoder");
            options.ThrowIfUnused("the decoder");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The last picture that <see cref="TryReceive"/> gave; valid until the next call.</summary>
    public AVFrame* Picture => _picture.Pointer;

    /// <summary>Hands over one packet, or null to drain. False: the packet was damaged and is skipped.</summary>
    public bool Send(AVPacket* packet)
    {
        int result = ffmpeg.avcodec_send_packet(_context.Pointer, packet);
        // Full of pictures that nobody took: they are older than what is wanted now.
        while (result == ffmpeg.AVERROR(ffmpeg.EAGAIN) && TryReceive())
            result = ffmpeg.avcodec_send_packet(_context.Pointer, packet);
        return result >= 0;
    }

    /// <summary>The next decoded picture in <see cref="Picture"/>; false when the decoder wants another packet first.</summary>
    public bool TryReceive()
    {
        _picture.Unref();
        return ffmpeg.avcodec_receive_frame(_context.Pointer, _picture.Pointer) >= 0;
    }

    /// <summary>Forgets all references: the next packet must be a key frame.</summary>
    public void Flush() => ffmpeg.avcodec_flush_buffers(_context.Pointer);

    public void Dispose()
    {
        _picture.Dispose();
        _context.Dispose();
    }
}
