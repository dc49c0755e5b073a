using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Ffmpeg;

/// <summary>libav writes its own log to standard error; it may hold camera URLs with passwords, and a damaged stream floods it.</summary>
internal static class FfmpegLog
{
    private static int s_silenced;

    /// <summary>Errors reach us as return codes: the library itself stays silent in this process.</summary>
    public static void Silence()
    {
        if (Interlocked.Exchange(ref s_silenced, 1) == 0)
            ffmpeg.av_log_set_level(ffmpeg.AV_LOG_QUIET);
    }
}
