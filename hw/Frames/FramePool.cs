namespace EdgeAgent.Hw.Frames;

/// <summary>
/// Lends pixel buffers and takes them back, within a fixed number of bytes. Thread-safe. When it is empty the answer is null:
/// the caller drops the picture and counts it, so a slow consumer can never grow the process.
/// </summary>
public sealed class FramePool : IDisposable
{
    public const long DefaultCapacityBytes = 128L << 20;

    /// <summary>Largest side of a picture, in pixels: a header that claims more is broken or hostile.</summary>
    public const int MaxSide = 16384;

    private const int StrideAlignment = 64;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Stack<PixelBuffer>> _idle = [];
    private long _idleBytes;
    private long _rentedBytes;
    private int _outstanding;
    private bool _disposed;

    /// <param name="capacityBytes">Most bytes that may be lent at one time; idle buffers count towards the same bound.</param>
    public FramePool(long capacityBytes = DefaultCapacityBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacityBytes);
        CapacityBytes = capacityBytes;
    }

    public long CapacityBytes { get; }

    /// <summary>Frames rented and not yet given back; zero once everything has stopped.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>A frame of this size with undefined pixels, or null when the pool's bytes are all lent.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is not within 1 … <see cref="MaxSide"/>.</exception>
    public Frame? TryRent(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, MaxSide);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, MaxSide);
        int stride = (3 * width + StrideAlignment - 1) / StrideAlignment * StrideAlignment;
        int size = stride * height;
        return TakeBuffer(size)?.Begin(width, height, stride);
    }

    /// <summary>Frees what is idle; frames still lent are freed when they come back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            FreeIdleUntil(0);
        }
    }

    internal void Return(PixelBuffer buffer)
    {
        // Pixels of people on no list must not wait in idle memory for the next picture (under 0.1 ms for 640x360).
        buffer.Clear();
        lock (_gate)
        {
            _outstanding--;
            _rentedBytes -= buffer.SizeBytes;
            if (_disposed || _rentedBytes + _idleBytes + buffer.SizeBytes > CapacityBytes)
            {
                buffer.Dispose();
                return;
            }
            if (!_idle.TryGetValue(buffer.SizeBytes, out var stack))
                _idle[buffer.SizeBytes] = stack = new Stack<PixelBuffer>();
            stack.Push(buffer);
            _idleBytes += buffer.SizeBytes;
        }
    }

    private PixelBuffer? TakeBuffer(int size)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_rentedBytes + size > CapacityBytes)
                return null;
            PixelBuffer? buffer = null;
            if (_idle.TryGetValue(size, out var stack) && stack.TryPop(out buffer))
                _idleBytes -= size;
            else
                FreeIdleUntil(CapacityBytes - _rentedBytes - size);
            buffer ??= new PixelBuffer(this, size);
            _rentedBytes += size;
            _outstanding++;
            return buffer;
        }
    }

    private void FreeIdleUntil(long bytes)
    {
        foreach (var (size, stack) in _idle)
        {
            while (_idleBytes > bytes && stack.TryPop(out var idle))
            {
                idle.Dispose();
                _idleBytes -= size;
            }
        }
        // Crops come in many sizes: keys of sizes that are no longer in use must not pile up.
        foreach (int size in _idle.Keys)
            if (_idle[size].Count == 0)
                _idle.Remove(size);
    }
}
