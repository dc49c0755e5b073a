using EdgeAgent.Hw.Frames;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Ffmpeg;

/// <summary>How swscale trades speed for exactness.</summary>
internal enum ScaleQuality
{
    /// <summary>For live frames: 0.4 ms for 640x360.</summary>
    Fast,

    /// <summary>For stills that are compared: exact rounding, full chroma.</summary>
    Exact,
}

/// <summary>Converts decoded pictures of any pixel format to BGR frames of a wanted size. Keeps its context; not thread-safe.</summary>
internal sealed unsafe class Scaler(ScaleQuality quality) : IDisposable
{
    private readonly SwsContextSlot _context = new();
    // AutoGen's sws_scale takes arrays; they are kept, so that a frame allocates nothing.
    private readonly byte*[] _source = new byte*[4];
    private readonly int[] _sourceStride = new int[4];
    private readonly byte*[] _destination = new byte*[4];
    private readonly int[] _destinationStride = new int[4];

    /// <summary>Fills all of <paramref name="target"/> with all of <paramref name="picture"/>.</summary>
    public void Convert(AVFrame* picture, Frame target) => Convert(picture, 0, 0, picture->width, picture->height, target);

    /// <summary>Fills all of <paramref name="target"/> with a part of <paramref name="picture"/>; x and y must be even (chroma).</summary>
    /// <exception cref="FfmpegException">The pixel format cannot be cut or converted.</exception>
    public void Convert(AVFrame* picture, int x, int y, int width, int height, Frame target)
    {
        var format = (AVPixelFormat)picture->format;
        for (uint plane = 0; plane < 4; plane++)
        {
            _sourceStride[plane] = picture->linesize[plane];
            _source[plane] = picture->data[plane];
        }
        if (x != 0 || y != 0)
            MoveOrigin(format, x, y);
        _context.Use(width, height, format, target.Width, target.Height, quality);
        _destination[0] = (byte*)target.Address;
        _destinationStride[0] = target.StrideBytes;
        FfmpegException.Check(
            ffmpeg.sws_scale(_context.Pointer, _source, _sourceStride, 0, height, _destination, _destinationStride), "scale");
    }

    public void Dispose() => _context.Dispose();

    private void MoveOrigin(AVPixelFormat format, int x, int y)
    {
        switch (format)
        {
            case AVPixelFormat.AV_PIX_FMT_YUV420P or AVPixelFormat.AV_PIX_FMT_YUVJ420P:
                _source[0] += y * _sourceStride[0] + x;
                _source[1] += y / 2 * _sourceStride[1] + x / 2;
                _source[2] += y / 2 * _sourceStride[2] + x / 2;
                break;
            case AVPixelFormat.AV_PIX_FMT_NV12:
                _source[0] += y * _sourceStride[0] + x;
                _source[1] += y / 2 * _sourceStride[1] + x;
                break;
            default:
                throw new FfmpegException($"cannot cut a part out of pixel format {format}");
        }
    }
}

/// <summary>A swscale context that is replaced when the shape changes.</summary>
internal sealed unsafe class SwsContextSlot() : System.Runtime.InteropServices.SafeHandle(0, ownsHandle: true)
{
    public SwsContext* Pointer => (SwsContext*)handle;

    public override bool IsInvalid => handle == 0;

    public void Use(int sourceWidth, int sourceHeight, AVPixelFormat format, int width, int height, ScaleQuality quality)
    {
        int flags = quality == ScaleQuality.Fast
            ? ffmpeg.SWS_FAST_BILINEAR
            : ffmpeg.SWS_BICUBIC | ffmpeg.SWS_ACCURATE_RND | ffmpeg.SWS_FULL_CHR_H_INP;
        // Frees the old one itself, also when it then fails.
        SetHandle((nint)ffmpeg.sws_getCachedContext(
            Pointer, sourceWidth, sourceHeight, format, width, height, AVPixelFormat.AV_PIX_FMT_BGR24, flags, null, null, null));
        if (IsInvalid)
            throw new FfmpegException($"swscale cannot turn {sourceWidth}x{sourceHeight} {format} into {width}x{height} BGR");
    }

    protected override bool ReleaseHandle()
    {
        ffmpeg.sws_freeContext(Pointer);
        return true;
    }
}
