using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace EdgeAgent.Rig.Clips;

/// <summary>The bench cannot be set up, for a reason that its user can read.</summary>
internal sealed class RigException(string message) : Exception(message);

/// <summary>Runs the ffmpeg program: pictures in, glyphs in, video out.</summary>
internal static class Ffmpeg
{
    /// <summary>Runs to the end and returns what it wrote to standard output.</summary>
    /// <exception cref="RigException">It ended with an error; the message holds its last words.</exception>
    public static Task<byte[]> RunAsync(IEnumerable<string> arguments, CancellationToken stop) => RunAsync(arguments, null, stop);

    /// <param name="feed">Writes what ffmpeg reads from standard input.</param>
    public static async Task<byte[]> RunAsync(IEnumerable<string> arguments, Func<Stream, Task>? feed, CancellationToken stop)
    {
        var info = new ProcessStartInfo("ffmpeg") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (IEnumerable<string>)["-hide_banner", "-loglevel", "error", "-nostats", "-y", .. arguments])
            info.ArgumentList.Add(argument);
        using Process process = Start(info);
        try
        {
            Task<byte[]> output = ReadAllAsync(process.StandardOutput.BaseStream, stop);
            Task<string> complaints = process.StandardError.ReadToEndAsync(stop);
            await FeedAsync(process, feed, stop);
            await process.WaitForExitAsync(stop);
            if (process.ExitCode != 0)
                throw new RigException($"ffmpeg ended with {process.ExitCode}: {LastLines(await complaints)}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Decodes the first picture of any file that ffmpeg reads, no side longer than <paramref name="maxSide"/> pixels.</summary>
    public static async Task<Raster> LoadPictureAsync(string path, int maxSide, CancellationToken stop)
    {
        byte[] ppm = await RunAsync(
            ["-i", path, "-frames:v", "1", "-vf", $"scale=w='min({maxSide},iw)':h='min({maxSide},ih)':force_original_aspect_ratio=decrease", "-pix_fmt", "rgb24", "-f", "image2pipe", "-c:v", "ppm", "-"], stop);
        return ParsePpm(ppm);
    }

    private static Raster ParsePpm(byte[] ppm)
    {
        // "P6\n640 480\n255\n" and then the pixels.
        int end = 0;
        for (int lines = 0; lines < 3; end++)
            lines += ppm[end] == '\n' ? 1 : 0;
        string[] words = Encoding.ASCII.GetString(ppm, 0, end).Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries);
        var picture = new Raster(int.Parse(words[1], CultureInfo.InvariantCulture), int.Parse(words[2], CultureInfo.InvariantCulture));
        for (int i = 0; i < picture.Width * picture.Height; i++)
        {
            ReadOnlySpan<byte> rgb = ppm.AsSpan(end + i * 3, 3);
            Span<byte> bgra = picture.Pixels.AsSpan(i * 4, 4);
            (bgra[0], bgra[1], bgra[2], bgra[3]) = (rgb[2], rgb[1], rgb[0], 255);
        }
        return picture;
    }

    /// <exception cref="RigException">It is not installed.</exception>
    public static Process Start(ProcessStartInfo info)
    {
        try
        {
            return Process.Start(info)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new RigException("The program ffmpeg is missing: install the Debian package ffmpeg.");
        }
    }

    private static async Task FeedAsync(Process process, Func<Stream, Task>? feed, CancellationToken stop)
    {
        try
        {
            if (feed is not null)
                await feed(process.StandardInput.BaseStream);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It stopped reading: its exit code and last words say why.
            await process.WaitForExitAsync(stop);
        }
    }

    private static async Task<byte[]> ReadAllAsync(Stream stream, CancellationToken stop)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, stop);
        return all.ToArray();
    }

    private static string LastLines(string text) => string.Join(" | ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(4));
}
