// SPDX-License-Identifier: Apache-2.0
// Laid out here are only the heads that did not move between FFmpeg 5.1 and 7.1 (offsetof against each version's headers);
// a field that did move is a ref property over an offset for the loaded major version (MovedFields.cs).
using System.Runtime.CompilerServices;

namespace FFmpeg.AutoGen;

/// <summary>Offsets 0 … 152 agree in 5.1, 6.0, 6.1, 7.0 and 7.1. best_effort_timestamp lies beyond, and moves.</summary>
public unsafe struct AVFrame
{
    public byte_ptrArray8 data;
    public int_array8 linesize;
    public byte** extended_data;
    public int width;
    public int height;
    public int nb_samples;
    public int format;
    public int key_frame;
    public int pict_type;
    public AVRational sample_aspect_ratio;
    public long pts;
    public long pkt_dts;
    public AVRational time_base;
}

/// <summary>The whole struct agrees in 5.1 … 7.1.</summary>
public unsafe struct AVPacket
{
    public AVBufferRef* buf;
    public long pts;
    public long dts;
    public byte* data;
    public int size;
    public int stream_index;
    public int flags;
    public void* side_data;
    public int side_data_elems;
    public long duration;
    public long pos;
    public void* opaque;
    public AVBufferRef* opaque_ref;
    public AVRational time_base;
}

/// <summary>The head agrees in 5.1 … 7.1.</summary>
public unsafe struct AVIOContext
{
    private void* av_class;
    public byte* buffer;
}

public unsafe struct AVFormatContext
{
    private void* av_class;
    public AVInputFormat* iformat;
    public AVOutputFormat* oformat;
    private void* priv_data;
    public AVIOContext* pb;
    public int ctx_flags;
    public uint nb_streams;
    public AVStream** streams;

    public ref int flags => ref *(int*)At(MovedFields.FormatFlags);

    public ref AVIOInterruptCB interrupt_callback => ref *(AVIOInterruptCB*)At(MovedFields.FormatInterruptCallback);

    private byte* At(int offset) => (byte*)Unsafe.AsPointer(ref this) + offset;
}

public unsafe struct AVStream
{
    public ref int index => ref *(int*)At(MovedFields.StreamIndex);

    public ref AVCodecParameters* codecpar => ref *(AVCodecParameters**)At(MovedFields.StreamCodecParameters);

    public ref AVRational time_base => ref *(AVRational*)At(MovedFields.StreamTimeBase);

    public ref AVRational avg_frame_rate => ref *(AVRational*)At(MovedFields.StreamAverageFrameRate);

    private byte* At(int offset) => (byte*)Unsafe.AsPointer(ref this) + offset;
}

public unsafe struct AVCodecParameters
{
    public AVMediaType codec_type;
    public AVCodecID codec_id;
    public uint codec_tag;
    public byte* extradata;
    public int extradata_size;

    public ref int format => ref *(int*)At(MovedFields.ParametersFormat);

    public ref int width => ref *(int*)At(MovedFields.ParametersWidth);

    public ref int height => ref *(int*)At(MovedFields.ParametersWidth + sizeof(int));

    private byte* At(int offset) => (byte*)Unsafe.AsPointer(ref this) + offset;
}

/// <summary>Everything else in here is set by AVOption name, because nearly every field moves.</summary>
public unsafe struct AVCodecContext
{
    public ref AVRational pkt_timebase => ref *(AVRational*)((byte*)Unsafe.AsPointer(ref this) + MovedFields.CodecPacketTimeBase);
}
