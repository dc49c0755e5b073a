using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Ffmpeg;

/// <summary>How to open an input.</summary>
/// <param name="Rtsp">Options of a live RTSP camera: TCP, no start-up buffering.</param>
/// <param name="StillFormats">Comma-separated names of the only demuxers allowed, for one still picture; null: a video.</param>
internal sealed record DemuxerOptions(bool Rtsp = false, string? StillFormats = null);

/// <summary>
/// An opened input with one video stream. Blocking calls end when <see cref="Interrupt"/> says so. Used by one thread, except
/// that the interrupt callback may be asked from libav's own waits on that same thread.
/// </summary>
internal sealed unsafe class Demuxer : IDisposable
{
    private readonly FormatInputHandle _context;
    private readonly AVStream* _stream;
    private readonly int _streamIndex;

    /// <param name="url">What FFmpeg takes: rtsp://…, file:/path.</param>
    /// <param name="options">How to open it.</param>
    /// <param name="interrupt">Asked often during every wait; true ends the call with AVERROR_EXIT. Must not throw.</param>
    /// <exception cref="FfmpegException">It cannot be opened, or has no video.</exception>
    public Demuxer(string url, DemuxerOptions options, Func<bool>? interrupt = null)
    {
        FfmpegLog.Silence();
        _context = new FormatInputHandle(interrupt);
        try
        {
            Open(url, options);
            FfmpegException.Check(ffmpeg.avformat_find_stream_info(_context.Pointer, null), "find stream information");
            _streamIndex = FfmpegException.Check(
                ffmpeg.av_find_best_stream(_context.Pointer, AVMediaType.AVMEDIA_TYPE_VIDEO, -1, -1, null, 0), "find a video stream");
            _stream = _context.Pointer->streams[_streamIndex];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public AVCodecParameters* Parameters => _stream->codecpar;

    public AVRational TimeBase => _stream->time_base;

    public AVRational FrameRate => _stream->avg_frame_rate;

    /// <summary>Reads the next packet of the video stream; packets of other streams are skipped. Negative: an AVERROR.</summary>
    public int Read(PacketHandle packet)
    {
        while (true)
        {
            packet.Unref();
            int result = ffmpeg.av_read_frame(_context.Pointer, packet.Pointer);
            if (result < 0 || packet.Pointer->stream_index == _streamIndex)
                return result;
        }
    }

    public void Dispose() => _context.Dispose();

    private void Open(string url, DemuxerOptions options)
    {
        using var given = new AvOptions();
        if (options.StillFormats is { } formats)
        {
            given.Set("format_whitelist", formats);
            // A %d in a picture's name is part of the name. Only one of the demuxers knows the option.
            given.Set("pattern_type", "none");
        }
        if (options.Rtsp)
        {
            given.Set("rtsp_transport", "tcp");
            // Without it, start-up delivers about a second of stale frames.
            given.Set("fflags", "nobuffer");
            // The SDP names the codec and its parameter sets: there is nothing to analyse for long.
            given.Set("analyzeduration", "300000");
            given.Set("fpsprobesize", "2");
            // Microseconds. FFmpeg 5 renamed it from stimeout, which it now ignores without a word.
            given.Set("timeout", "3000000");
        }
        AVDictionary* dictionary = given.Dictionary;
        int result = _context.Open(url, &dictionary);
        given.Replace(dictionary);
        FfmpegException.Check(result, "open");
        if (options.StillFormats is null)
            given.ThrowIfUnused("the input");
    }
}

/// <summary>An AVFormatContext that reads, with its interrupt callback.</summary>
internal sealed unsafe class FormatInputHandle : AvHandle
{
    // Kept in a field: native code holds its address for as long as the context lives.
    private readonly AVIOInterruptCB_callback? _callback;

    public FormatInputHandle(Func<bool>? interrupt)
        : base((nint)ffmpeg.avformat_alloc_context(), "input")
    {
        if (interrupt is null)
            return;
        _callback = _ => interrupt() ? 1 : 0;
        Pointer->interrupt_callback.callback = _callback;
    }

    public AVFormatContext* Pointer => (AVFormatContext*)handle;

    public int Open(string url, AVDictionary** options)
    {
        var context = Pointer;
        int result = ffmpeg.avformat_open_input(&context, url, null, options);
        // On failure libav has freed the context and set it to null.
        SetHandle((nint)context);
        return result;
    }

    protected override bool ReleaseHandle()
    {
        var context = Pointer;
        ffmpeg.avformat_close_input(&context);
        GC.KeepAlive(_callback);
        return true;
    }
}
