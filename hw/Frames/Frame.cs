using System.Runtime.CompilerServices;

namespace EdgeAgent.Hw.Frames;

/// <summary>
/// A picture rented from a <see cref="FramePool"/>. It has one owner at a time: handing it over ends the giver's right to it,
/// the last owner disposes. A value, so that renting allocates nothing: the buffer counts its leases, and a frame of an earlier lease
/// throws rather than showing somebody else's picture, and gives nothing back a second time.
/// </summary>
public readonly struct Frame : IDisposable
{
    private readonly PixelBuffer? _buffer;
    private readonly int _lease;

    internal Frame(PixelBuffer buffer)
    {
        _buffer = buffer;
        _lease = buffer.Lease;
    }

    public int Width => Buffer.Width;

    public int Height => Buffer.Height;

    /// <summary>Bytes from one row to the next; a multiple of 64, so that rows are aligned for vector code.</summary>
    public int StrideBytes => Buffer.StrideBytes;

    /// <summary>The pixels, <see cref="StrideBytes"/> × <see cref="Height"/> bytes, blue first.</summary>
    /// <exception cref="ObjectDisposedException">The frame was already given back.</exception>
    public unsafe Span<byte> Bgr
    {
        get
        {
            var buffer = Buffer;
            return new Span<byte>((void*)buffer.Address, buffer.StrideBytes * buffer.Height);
        }
    }

    public BgrView View => new(Bgr, Width, Height, StrideBytes);

    /// <summary>Which camera saw it; empty for pictures from files.</summary>
    public string CameraId => Buffer.Stamp.CameraId;

    /// <summary>Counts a camera's frames within one run of the process.</summary>
    public long Sequence => Buffer.Stamp.Sequence;

    /// <summary>When it was captured, CLOCK_MONOTONIC in milliseconds: for ages and latencies.</summary>
    public long CapturedMonoMs => Buffer.Stamp.CapturedMonoMs;

    /// <summary>When it was captured, milliseconds since 1970: for people.</summary>
    public long CapturedUnixMs => Buffer.Stamp.CapturedUnixMs;

    internal nint Address => Buffer.Address;

    private PixelBuffer Buffer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ObjectDisposedException.ThrowIf(_buffer is null || _buffer.Lease != _lease, typeof(Frame));
            return _buffer;
        }
    }

    /// <summary>Says where and when it was captured; by the one who fills it, before it is handed over.</summary>
    public void Mark(in FrameStamp stamp) => Buffer.Stamp = stamp;

    /// <summary>Gives the pixels back to the pool; a second call does nothing.</summary>
    public void Dispose()
    {
        if (_buffer is not null && _buffer.TryEndLease(_lease))
            _buffer.Pool.Return(_buffer);
    }
}

/// <summary>Where and when a frame was captured.</summary>
/// <param name="CameraId">Which camera saw it; empty for pictures from files.</param>
/// <param name="Sequence">Counts a camera's frames within one run of the process.</param>
/// <param name="CapturedMonoMs">CLOCK_MONOTONIC, milliseconds.</param>
/// <param name="CapturedUnixMs">Milliseconds since 1970.</param>
public readonly record struct FrameStamp(string CameraId, long Sequence, long CapturedMonoMs, long CapturedUnixMs);
