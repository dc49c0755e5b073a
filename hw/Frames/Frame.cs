using System.Runtime.CompilerServices;

namespace EdgeAgent.Hw.Frames;

/// <summary>
/// A picture rented from a <see cref="FramePool"/>. It has one owner at a time: handing it over ends the giver's right to it,
/// the last owner disposes. Using it after <see cref="Dispose"/> throws rather than showing somebody else's picture.
/// </summary>
public sealed class Frame : IDisposable
{
    private readonly FramePool _pool;
    private PixelBuffer? _buffer;

    internal Frame(FramePool pool, PixelBuffer buffer, int width, int height, int strideBytes)
    {
        _pool = pool;
        _buffer = buffer;
        Width = width;
        Height = height;
        StrideBytes = strideBytes;
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Bytes from one row to the next; a multiple of 64, so that rows are aligned for vector code.</summary>
    public int StrideBytes { get; }

    /// <summary>The pixels, <see cref="StrideBytes"/> × <see cref="Height"/> bytes, blue first.</summary>
    /// <exception cref="ObjectDisposedException">The frame was already given back.</exception>
    public unsafe Span<byte> Bgr => new((void*)Buffer.Address, StrideBytes * Height);

    public BgrView View => new(Bgr, Width, Height, StrideBytes);

    /// <summary>Which camera saw it; empty for pictures from files.</summary>
    public string CameraId { get; set; } = "";

    /// <summary>Counts a camera's frames within one run of the process.</summary>
    public long Sequence { get; set; }

    /// <summary>When it was captured, CLOCK_MONOTONIC in milliseconds: for ages and latencies.</summary>
    public long CapturedMonoMs { get; set; }

    /// <summary>When it was captured, milliseconds since 1970: for people.</summary>
    public long CapturedUnixMs { get; set; }

    internal nint Address => Buffer.Address;

    private PixelBuffer Buffer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ObjectDisposedException.ThrowIf(_buffer is null, this);
            return _buffer;
        }
    }

    /// <summary>Gives the pixels back to the pool; a second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            _pool.Return(buffer);
    }
}
