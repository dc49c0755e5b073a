// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace FFmpeg.AutoGen;

/// <summary>libavutil.</summary>
public static unsafe partial class ffmpeg
{
    [LibraryImport(AvUtil)]
    public static partial AVFrame* av_frame_alloc();

    [LibraryImport(AvUtil)]
    public static partial void av_frame_free(AVFrame** frame);

    [LibraryImport(AvUtil)]
    public static partial void av_frame_unref(AVFrame* frame);

    [LibraryImport(AvUtil)]
    public static partial int av_frame_ref(AVFrame* dst, AVFrame* src);

    [LibraryImport(AvUtil, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int av_dict_set(AVDictionary** pm, string key, string? value, int flags);

    [LibraryImport(AvUtil)]
    public static partial void av_dict_free(AVDictionary** m);

    [LibraryImport(AvUtil)]
    public static partial int av_strerror(int errnum, byte* errbuf, ulong errbuf_size);

    [LibraryImport(AvUtil)]
    public static partial void av_log_set_level(int level);

    [LibraryImport(AvUtil)]
    public static partial long av_rescale_q(long a, AVRational bq, AVRational cq);

    [LibraryImport(AvUtil)]
    public static partial void* av_malloc(ulong size);

    [LibraryImport(AvUtil)]
    public static partial void av_freep(void* ptr);

    [LibraryImport(AvUtil, StringMarshalling = StringMarshalling.Utf8)]
    public static partial AVDictionaryEntry* av_dict_get(AVDictionary* m, string key, AVDictionaryEntry* prev, int flags);
}
