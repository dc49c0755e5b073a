// SPDX-License-Identifier: Apache-2.0
// Native code keeps the address of a delegate: whoever assigns one must keep the delegate in a field for as long.
using System.Runtime.InteropServices;

namespace FFmpeg.AutoGen;

public unsafe delegate int AVIOInterruptCB_callback(void* p0);

public unsafe delegate int avio_alloc_context_write_packet(void* opaque, byte* buf, int buf_size);

public unsafe struct AVIOInterruptCB
{
    public AVIOInterruptCB_callback_func callback;
    public void* opaque;
}

public struct AVIOInterruptCB_callback_func
{
    public IntPtr Pointer;

    public static implicit operator AVIOInterruptCB_callback_func(AVIOInterruptCB_callback callback) =>
        new() { Pointer = Marshal.GetFunctionPointerForDelegate(callback) };
}

public struct avio_alloc_context_read_packet_func
{
    public IntPtr Pointer;
}

public struct avio_alloc_context_seek_func
{
    public IntPtr Pointer;
}

public struct avio_alloc_context_write_packet_func
{
    public IntPtr Pointer;

    public static implicit operator avio_alloc_context_write_packet_func(avio_alloc_context_write_packet callback) =>
        new() { Pointer = Marshal.GetFunctionPointerForDelegate(callback) };
}
