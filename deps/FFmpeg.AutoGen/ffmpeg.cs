// SPDX-License-Identifier: Apache-2.0
using System.Reflection;
using System.Runtime.InteropServices;

namespace FFmpeg.AutoGen;

/// <summary>The part of libav* that hw uses: constants and how the libraries are found. Functions lie in a file per library.</summary>
public static unsafe partial class ffmpeg
{
    public const int EAGAIN = 11;
    public const int AVERROR_EOF = -541478725;
    public const int AVERROR_EXIT = -1414092869;
    public const long AV_NOPTS_VALUE = long.MinValue;
    public const int AV_PKT_FLAG_KEY = 0x1;
    public const int AVFMT_FLAG_CUSTOM_IO = 0x80;
    public const int AVFMT_FLAG_FLUSH_PACKETS = 0x200;
    public const int AV_DICT_IGNORE_SUFFIX = 2;
    public const int AV_LOG_QUIET = -8;
    public const int AV_LOG_ERROR = 16;
    public const int SWS_FAST_BILINEAR = 1;
    public const int SWS_BICUBIC = 4;
    public const int SWS_AREA = 0x20;
    public const int SWS_FULL_CHR_H_INP = 0x4000;
    public const int SWS_ACCURATE_RND = 0x40000;

    private const string AvFormat = "avformat";
    private const string AvCodec = "avcodec";
    private const string AvUtil = "avutil";
    private const string SwScale = "swscale";

    static ffmpeg() => NativeLibrary.SetDllImportResolver(typeof(ffmpeg).Assembly, Resolve);

    /// <summary>Folder of the shared libraries; empty: the system's own search.</summary>
    public static string RootPath { get; set; } = "";

    public static int AVERROR(int error) => -error;

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        // Oldest first: a box with several majors then uses one whose four libraries belong together.
        ReadOnlySpan<int> majors = name switch
        {
            AvFormat or AvCodec => [59, 60, 61],
            AvUtil => [57, 58, 59],
            SwScale => [6, 7, 8],
            _ => [],
        };
        foreach (int major in majors)
        {
            string file = $"lib{name}.so.{major}";
            if (NativeLibrary.TryLoad(RootPath.Length > 0 ? Path.Combine(RootPath, file) : file, out nint library))
                return library;
        }
        return 0;
    }
}
