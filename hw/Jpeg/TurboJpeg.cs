using System.Runtime.InteropServices;

namespace EdgeAgent.Hw.Jpeg;

/// <summary>libturbojpeg's 2.x API, kept by 3.x. C's <c>unsigned long</c> is <c>nuint</c> on 64-bit Linux.</summary>
internal static unsafe partial class TurboJpeg
{
    public const int PixelFormatBgr = 1;
    public const int Subsampling420 = 2;
    public const int FlagNoRealloc = 1024;
    private const string Library = "libturbojpeg.so.0";

    [LibraryImport(Library, EntryPoint = "tjInitCompress")]
    public static partial nint InitCompress();

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    public static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    public static partial int Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "tjBufSize")]
    public static partial nuint BufferSize(int width, int height, int subsampling);

    [LibraryImport(Library, EntryPoint = "tjCompress2")]
    public static partial int Compress(
        nint handle, byte* source, int width, int pitch, int height, int pixelFormat, byte** jpeg, nuint* jpegSize, int subsampling,
        int quality, int flags);

    [LibraryImport(Library, EntryPoint = "tjDecompressHeader3")]
    public static partial int DecompressHeader(
        nint handle, byte* jpeg, nuint jpegSize, int* width, int* height, int* subsampling, int* colourSpace);

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    public static partial int Decompress(
        nint handle, byte* jpeg, nuint jpegSize, byte* destination, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Library, EntryPoint = "tjGetErrorStr2")]
    public static partial nint ErrorText(nint handle);
}

/// <summary>One compressor or decompressor of libturbojpeg.</summary>
internal sealed class TurboJpegHandle : SafeHandle
{
    private TurboJpegHandle(nint native)
        : base(0, ownsHandle: true)
    {
        SetHandle(native);
        if (native == 0)
            throw new InvalidOperationException("libturbojpeg could not be initialised");
    }

    public override bool IsInvalid => handle == 0;

    public nint Native => handle;

    public static TurboJpegHandle Compressor() => new(TurboJpeg.InitCompress());

    public static TurboJpegHandle Decompressor() => new(TurboJpeg.InitDecompress());

    public string LastError() => Marshal.PtrToStringUTF8(TurboJpeg.ErrorText(handle)) ?? "unknown error";

    protected override bool ReleaseHandle() => TurboJpeg.Destroy(handle) == 0;
}
