// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace FFmpeg.AutoGen;

/// <summary>libavcodec.</summary>
public static unsafe partial class ffmpeg
{
    [LibraryImport(AvCodec)]
    public static partial AVCodec* avcodec_find_decoder(AVCodecID id);

    [LibraryImport(AvCodec)]
    public static partial AVCodecContext* avcodec_alloc_context3(AVCodec* codec);

    [LibraryImport(AvCodec)]
    public static partial void avcodec_free_context(AVCodecContext** ctx);

    [LibraryImport(AvCodec)]
    public static partial AVCodecParameters* avcodec_parameters_alloc();

    [LibraryImport(AvCodec)]
    public static partial void avcodec_parameters_free(AVCodecParameters** par);

    [LibraryImport(AvCodec)]
    public static partial int avcodec_parameters_copy(AVCodecParameters* dst, AVCodecParameters* src);

    [LibraryImport(AvCodec)]
    public static partial int avcodec_parameters_to_context(AVCodecContext* codec, AVCodecParameters* par);

    [LibraryImport(AvCodec)]
    public static partial int avcodec_open2(AVCodecContext* avctx, AVCodec* codec, AVDictionary** options);

    [LibraryImport(AvCodec)]
    public static partial int avcodec_send_packet(AVCodecContext* avctx, AVPacket* avpkt);

    [LibraryImport(AvCodec)]
    public static partial int avcodec_receive_frame(AVCodecContext* avctx, AVFrame* frame);

    [LibraryImport(AvCodec)]
    public static partial void avcodec_flush_buffers(AVCodecContext* avctx);

    [LibraryImport(AvCodec)]
    public static partial AVPacket* av_packet_alloc();

    [LibraryImport(AvCodec)]
    public static partial void av_packet_free(AVPacket** pkt);

    [LibraryImport(AvCodec)]
    public static partial void av_packet_unref(AVPacket* pkt);

    [LibraryImport(AvCodec)]
    public static partial int av_packet_ref(AVPacket* dst, AVPacket* src);

    [LibraryImport(AvCodec)]
    public static partial void av_packet_rescale_ts(AVPacket* pkt, AVRational tb_src, AVRational tb_dst);
}
