using System.Buffers;
using EdgeAgent.Hw.Cameras;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Ffmpeg;

/// <summary>When a fragmented MP4 starts a new fragment.</summary>
internal enum Fragmentation
{
    /// <summary>One fragment a frame, for live view: nothing waits for the next key frame.</summary>
    EveryFrame,

    /// <summary>One fragment a key frame, for clips.</summary>
    EveryKeyFrame,
}

/// <summary>
/// Encoded packets to a fragmented MP4 in memory, without re-encoding. Written by one thread, which takes <see cref="Output"/> away
/// after each write. Survives a reconnected camera whose stream is the same as before: times go on where the clock says.
/// </summary>
internal sealed unsafe class Mp4Muxer : IDisposable
{
    private readonly StreamFormat _format;
    private readonly MuxHandle _context;
    private readonly PacketHandle _packet = new();
    private StreamFormat? _connection;
    private long _startMonoMs;
    private long _shift;
    private long _lastDts = -1;
    private long _lastStep;

    /// <exception cref="FfmpegException">MP4 cannot hold this codec.</exception>
    public Mp4Muxer(StreamFormat format, Fragmentation fragmentation)
    {
        FfmpegLog.Silence();
        _format = format;
        _context = new MuxHandle();
        try
        {
            AVStream* stream = ffmpeg.avformat_new_stream(_context.Pointer, null);
            if (stream == null)
                throw new FfmpegException("no memory for a stream");
            format.Fill(stream->codecpar);
            stream->time_base = format.TimeBase;
            string when = fragmentation == Fragmentation.EveryFrame ? "frag_every_frame" : "frag_keyframe";
            using var options = new AvOptions(("movflags", $"{when}+empty_moov+default_base_moof"));
            AVDictionary* dictionary = options.Dictionary;
            int result = ffmpeg.avformat_write_header(_context.Pointer, &dictionary);
            options.Replace(dictionary);
            FfmpegException.Check(result, "write MP4 header");
            options.ThrowIfUnused("the MP4 writer");
            _context.Flush();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What was written since it was last taken; the header at first.</summary>
    public ArrayBufferWriter<byte> Output => _context.Output;

    /// <summary>Whether packets of this connection may follow.</summary>
    public bool Accepts(StreamFormat format) => ReferenceEquals(format, _connection) || format.SameAs(_format);

    /// <summary>Adds one packet. False: it was skipped, since a connection begins at a key frame.</summary>
    /// <exception cref="FfmpegException">The packet cannot be written.</exception>
    public bool Write(AVPacket* packet, StreamFormat connection, bool key, long capturedMonoMs)
    {
        if (!ReferenceEquals(connection, _connection))
        {
            if (!key)
                return false;
            Begin(packet, connection, capturedMonoMs);
        }
        var own = _packet.Pointer;
        FfmpegException.Check(ffmpeg.av_packet_ref(own, packet), "reference packet");
        if (own->dts == ffmpeg.AV_NOPTS_VALUE)
            own->dts = own->pts = _format.FromMilliseconds(capturedMonoMs - _startMonoMs) - _shift;
        own->dts += _shift;
        own->pts += _shift;
        if (own->dts <= _lastDts)
        {
            // Damaged or repeated timestamps; MP4's must grow.
            own->pts += _lastDts + 1 - own->dts;
            own->dts = _lastDts + 1;
        }
        // The next packet, that would tell how long this one lasts, is not here yet.
        _lastStep = _lastDts >= 0 ? own->dts - _lastDts : _format.FromMilliseconds(40);
        _lastDts = own->dts;
        own->duration = own->duration > 0 ? own->duration : _lastStep;
        own->stream_index = 0;
        ffmpeg.av_packet_rescale_ts(own, _format.TimeBase, _context.Pointer->streams[0]->time_base);
        int result = ffmpeg.av_write_frame(_context.Pointer, own);
        _packet.Unref();
        FfmpegException.Check(result, "write MP4");
        return true;
    }

    /// <summary>Closes the current fragment, so that <see cref="Output"/> ends with a whole one.</summary>
    public void EndFragment()
    {
        FfmpegException.Check(ffmpeg.av_write_frame(_context.Pointer, null), "end MP4 fragment");
        _context.Flush();
    }

    /// <summary>Writes the end of the file; nothing may follow.</summary>
    public void Finish()
    {
        FfmpegException.Check(ffmpeg.av_write_trailer(_context.Pointer), "end MP4");
        _context.Flush();
    }

    public void Dispose()
    {
        _packet.Dispose();
        _context.Dispose();
    }

    private void Begin(AVPacket* packet, StreamFormat connection, long capturedMonoMs)
    {
        if (_connection is null)
            _startMonoMs = capturedMonoMs;
        long at = Math.Max(_format.FromMilliseconds(capturedMonoMs - _startMonoMs), _lastDts + 1);
        _shift = packet->dts == ffmpeg.AV_NOPTS_VALUE ? 0 : at - packet->dts;
        _connection = connection;
    }
}

/// <summary>An AVFormatContext that writes MP4 into memory.</summary>
internal sealed unsafe class MuxHandle : AvHandle
{
    private const int BufferBytes = 64 * 1024;
    private readonly avio_alloc_context_write_packet _write;
    private AVIOContext* _io;

    public MuxHandle()
        : base(Allocate(), "MP4 writer")
    {
        // Kept in a field: native code holds its address for as long as the context lives.
        _write = Write;
        byte* buffer = (byte*)ffmpeg.av_malloc(BufferBytes);
        _io = ffmpeg.avio_alloc_context(buffer, BufferBytes, 1, null, default, _write, default);
        if (_io == null)
        {
            ffmpeg.av_freep(&buffer);
            Dispose();
            throw new FfmpegException("no memory for the MP4 writer");
        }
        Pointer->pb = _io;
        Pointer->flags |= ffmpeg.AVFMT_FLAG_CUSTOM_IO | ffmpeg.AVFMT_FLAG_FLUSH_PACKETS;
    }

    public AVFormatContext* Pointer => (AVFormatContext*)handle;

    public ArrayBufferWriter<byte> Output { get; } = new(BufferBytes);

    public void Flush() => ffmpeg.avio_flush(_io);

    protected override bool ReleaseHandle()
    {
        ffmpeg.avformat_free_context(Pointer);
        if (_io != null)
        {
            // The buffer may have been replaced by libav: free the one it holds now.
            ffmpeg.av_freep(&_io->buffer);
            var io = _io;
            ffmpeg.avio_context_free(&io);
            _io = null;
        }
        GC.KeepAlive(_write);
        return true;
    }

    private static nint Allocate()
    {
        AVFormatContext* context = null;
        return ffmpeg.avformat_alloc_output_context2(&context, null, "mp4", null) < 0 ? 0 : (nint)context;
    }

    private int Write(void* opaque, byte* buffer, int size)
    {
        try
        {
            Output.Write(new ReadOnlySpan<byte>(buffer, size));
            return size;
        }
        catch (Exception e) when (e is OutOfMemoryException or ArgumentException)
        {
            // An exception must not travel through native frames.
            const int ENOMEM = 12;
            return ffmpeg.AVERROR(ENOMEM);
        }
    }
}
