using System.Diagnostics;

namespace EdgeAgent.Tests.Support;

/// <summary>Small clips, made on the spot by the real ffmpeg command.</summary>
internal static class Clips
{
    public static string Ffmpeg(params string[] arguments) => Run("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments]);

    /// <summary>
    /// A clip whose picture n shows n as twelve black or white blocks along its top, so that a test knows which picture it holds.
    /// </summary>
    public static string Numbered(string folder, string name, int width, int height, int frames, params string[] encoder)
    {
        string raw = Path.Combine(folder, Path.GetRandomFileName());
        using (var file = File.Create(raw))
        {
            var picture = new byte[width * height * 3 / 2];
            for (int n = 0; n < frames; n++)
            {
                picture.AsSpan(0, width * height).Fill((byte)(90 + n * 7 % 64));
                picture.AsSpan(width * height).Fill(128);
                for (int bit = 0; bit < NumberBits; bit++)
                    for (int y = 0; y < BlockSide; y++)
                        picture.AsSpan(y * width + bit * BlockSide, BlockSide).Fill((n >> bit & 1) != 0 ? (byte)235 : (byte)16);
                file.Write(picture);
            }
        }
        string path = Path.Combine(folder, name);
        Ffmpeg(["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", $"{width}x{height}", "-r", "25", "-i", raw, .. encoder, path]);
        File.Delete(raw);
        return path;
    }

    public const int NumberBits = 12;
    public const int BlockSide = 16;
    public static readonly string[] H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-pix_fmt", "yuv420p"];
    public static readonly string[] H264WithReordering = ["-c:v", "libx264", "-preset", "fast", "-bf", "3", "-b_strategy", "0", "-g", "25"];
    public static readonly string[] H265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "keyint=25:bframes=0:log-level=none", "-pix_fmt", "yuv420p"];

    public static string Run(string command, string[] arguments)
    {
        var start = new ProcessStartInfo(command) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command} {string.Join(' ', arguments)}: {errors.GetAwaiter().GetResult()}");
        return output;
    }
}
