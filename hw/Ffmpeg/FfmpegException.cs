using System.Runtime.InteropServices;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Ffmpeg;

/// <summary>FFmpeg refused something: says what was tried and FFmpeg's own words.</summary>
public sealed class FfmpegException : IOException
{
    public FfmpegException(string message)
        : base(message)
    {
    }

    internal FfmpegException(string what, int error)
        : base($"{what}: {Describe(error)}") => ErrorCode = error;

    /// <summary>FFmpeg's AVERROR, or 0 when the refusal was ours.</summary>
    public int ErrorCode { get; }

    internal static int Check(int result, string what) => result < 0 ? throw new FfmpegException(what, result) : result;

    internal static unsafe string Describe(int error)
    {
        const int TextBytes = 256;
        byte* text = stackalloc byte[TextBytes];
        return ffmpeg.av_strerror(error, text, TextBytes) >= 0 || text[0] != 0
            ? $"{Marshal.PtrToStringUTF8((nint)text)} ({error})"
            : $"error {error}";
    }
}
