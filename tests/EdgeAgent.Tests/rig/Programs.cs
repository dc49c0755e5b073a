using System.Diagnostics;

namespace EdgeAgent.Tests.Rig;

/// <summary>Runs the real programs that look at the bench from outside.</summary>
internal static class Programs
{
    public static Task<(int ExitCode, string Output, string Error)> FfprobeAsync(string url, params string[] arguments) =>
        RunAsync("ffprobe", ["-v", "error", "-rtsp_transport", "tcp", "-timeout", "5000000", .. arguments, url]);

    /// <summary>Decodes so many pictures of a stream; what ffmpeg complains of is in Error.</summary>
    public static Task<(int ExitCode, string Output, string Error)> DecodeAsync(string url, int frames, params string[] output) =>
        RunAsync("ffmpeg", ["-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-timeout", "5000000", "-i", url, "-frames:v", $"{frames}", .. output, "-f", "null", "-"]);

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
