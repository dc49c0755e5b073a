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

    public PixelBuffer(int sizeBytes)
        : base(0, ownsHandle: true)
    {
        SizeBytes = sizeBytes;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)(sizeBytes + TailBytes), Alignment));
    }

    public int SizeBytes { get; }

    public nint Address => handle;

    public override bool IsInvalid => handle == 0;

    /// <summary>Overwrites the picture: what was seen does not stay in memory that nobody uses.</summary>
    public void Clear() => NativeMemory.Clear((void*)handle, (nuint)(SizeBytes + TailBytes));

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
