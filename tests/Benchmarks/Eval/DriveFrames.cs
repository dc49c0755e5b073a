using System.Diagnostics;
using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>Decodes a stream's pictures one after another, without a clock.</summary>
internal static class DriveFrames
{
    public delegate void Look(long clipMs, BgrView frame);

    public static async Task EachAsync(string file, int width, int height, int framesPerSecond, Look look, CancellationToken stop)
    {
        var info = new ProcessStartInfo("ffmpeg", ["-v", "error", "-i", file, "-fps_mode", "passthrough", "-pix_fmt", "bgr24", "-f", "rawvideo", "-"]) { RedirectStandardOutput = true };
        using Process process = Process.Start(info)!;
        Stream pictures = process.StandardOutput.BaseStream;
        byte[] bgr = new byte[width * height * 3];
        for (long frame = 0; await pictures.ReadAtLeastAsync(bgr, bgr.Length, throwOnEndOfStream: false, stop) == bgr.Length; frame++)
            look(frame * 1000 / framesPerSecond, new BgrView(bgr, width, height, width * 3));
        await process.WaitForExitAsync(stop);
    }
}
