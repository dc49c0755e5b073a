using System.Runtime.InteropServices;

namespace EdgeAgent.Hw.Frames;

/// <summary>
/// Native memory for one picture. Native, not an array, because swscale writes into it from a thread that must not pin, and
/// because a megabyte per frame does not belong on the garbage-collected heap.
/// </summary>
internal sealed unsafe class PixelBuffer : SafeHandle
{
    /// <summary>Vector kernels of swscale may write this far past the last pixel of the last row.</summary>
    private const int TailBytes = 128;
    private const int Alignment = 64;

    private int _lease;

    public PixelBuffer(FramePool pool, int sizeBytes)
        : base(0, ownsHandle: true)
    {
        Pool = pool;
        SizeBytes = sizeBytes;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)(sizeBytes + TailBytes), Alignment));
    }

    public FramePool Pool { get; }

    public int SizeBytes { get; }

    /// <summary>Counts how often it was given back: a frame knows by it whether this is still its picture.</summary>
    public int Lease => Volatile.Read(ref _lease);

    public int Width { get; private set; }

    public int Height { get; private set; }

    public int StrideBytes { get; private set; }

    public FrameStamp Stamp { get; set; }

    public nint Address => handle;

    public override bool IsInvalid => handle == 0;

    /// <summary>Begins a lease as a picture of this shape, which must fit its bytes.</summary>
    public Frame Begin(int width, int height, int strideBytes)
    {
        (Width, Height, StrideBytes) = (width, height, strideBytes);
        Stamp = new FrameStamp("", 0, 0, 0);
        return new Frame(this);
    }

    /// <summary>True for the first to end this lease, false for a frame that was given back before.</summary>
    public bool TryEndLease(int lease) => Interlocked.CompareExchange(ref _lease, unchecked(lease + 1), lease) == lease;

    /// <summary>Overwrites the picture: what was seen does not stay in memory that nobody uses.</summary>
    public void Clear() => NativeMemory.Clear((void*)handle, (nuint)(SizeBytes + TailBytes));

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
