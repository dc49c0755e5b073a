// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace FFmpeg.AutoGen;

/// <summary>libavformat.</summary>
public static unsafe partial class ffmpeg
{
    [LibraryImport(AvFormat)]
    public static partial uint avformat_version();

    [LibraryImport(AvFormat)]
    public static partial AVFormatContext* avformat_alloc_context();

    [LibraryImport(AvFormat)]
    public static partial void avformat_free_context(AVFormatContext* s);

    [LibraryImport(AvFormat, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int avformat_open_input(AVFormatContext** ps, string url, AVInputFormat* fmt, AVDictionary** options);

    [LibraryImport(AvFormat)]
    public static partial int avformat_find_stream_info(AVFormatContext* ic, AVDictionary** options);

    [LibraryImport(AvFormat)]
    public static partial int av_find_best_stream(
        AVFormatContext* ic, AVMediaType type, int wanted, int related, AVCodec** decoder_ret, int flags);

    [LibraryImport(AvFormat)]
    public static partial int av_read_frame(AVFormatContext* s, AVPacket* pkt);

    [LibraryImport(AvFormat)]
    public static partial void avformat_close_input(AVFormatContext** s);

    [LibraryImport(AvFormat, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int avformat_alloc_output_context2(
        AVFormatContext** ctx, AVOutputFormat* oformat, string? format_name, string? filename);

    [LibraryImport(AvFormat)]
    public static partial AVStream* avformat_new_stream(AVFormatContext* s, AVCodec* c);

    [LibraryImport(AvFormat)]
    public static partial int avformat_write_header(AVFormatContext* s, AVDictionary** options);

    [LibraryImport(AvFormat)]
    public static partial int av_write_frame(AVFormatContext* s, AVPacket* pkt);

    [LibraryImport(AvFormat)]
    public static partial int av_write_trailer(AVFormatContext* s);

    [LibraryImport(AvFormat)]
    public static partial AVIOContext* avio_alloc_context(
        byte* buffer, int buffer_size, int write_flag, void* opaque, avio_alloc_context_read_packet_func read_packet,
        avio_alloc_context_write_packet_func write_packet, avio_alloc_context_seek_func seek);

    [LibraryImport(AvFormat)]
    public static partial void avio_context_free(AVIOContext** s);

    [LibraryImport(AvFormat)]
    public static partial void avio_flush(AVIOContext* s);
}
