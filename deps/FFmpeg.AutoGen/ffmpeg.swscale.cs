// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace FFmpeg.AutoGen;

/// <summary>libswscale.</summary>
public static unsafe partial class ffmpeg
{
    [LibraryImport(SwScale)]
    public static partial SwsContext* sws_getCachedContext(
        SwsContext* context, int srcW, int srcH, AVPixelFormat srcFormat, int dstW, int dstH, AVPixelFormat dstFormat, int flags,
        SwsFilter* srcFilter, SwsFilter* dstFilter, double* param);

    [LibraryImport(SwScale)]
    public static partial void sws_freeContext(SwsContext* swsContext);

    public static int sws_scale(
        SwsContext* c, byte*[] srcSlice, int[] srcStride, int srcSliceY, int srcSliceH, byte*[] dst, int[] dstStride)
    {
        fixed (byte** source = srcSlice, destination = dst)
        fixed (int* sourceStride = srcStride, destinationStride = dstStride)
            return sws_scale_native(c, source, sourceStride, srcSliceY, srcSliceH, destination, destinationStride);
    }

    [LibraryImport(SwScale, EntryPoint = "sws_scale")]
    private static partial int sws_scale_native(
        SwsContext* c, byte** srcSlice, int* srcStride, int srcSliceY, int srcSliceH, byte** dst, int* dstStride);
}
