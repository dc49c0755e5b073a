using System.ComponentModel;
using System.Diagnostics;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Exhibits;

/// <summary>
/// Video is decoded and encoded by the ffmpeg program, in a process of its own: what a car sent is never parsed in this one, which holds the
/// keys. Content goes through pipes, so that no picture lies on the disk in clear.
/// </summary>
internal static class FfmpegProgram
{
    private static readonly string[] Always = ["-v", "error", "-nostdin", "-protocol_whitelist", "pipe"];

    /// <summary>Runs it on bytes and gives what it writes.</summary>
    /// <exception cref="CentreException">It is not installed, it could not read the content, or it took too long.</exception>
    public static async Task<byte[]> RunAsync(ReadOnlyMemory<byte> content, IReadOnlyList<string> arguments, int mostBytes, CancellationToken stop)
    {
        using var process = Start("ffmpeg", [.. Always, .. arguments]);
        using var output = new MemoryStream();
        await using var ending = stop.Register(() => End(process));
        var feeding = FeedAsync(process, content, stop);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var buffer = new byte[64 << 10];
        for (int read; (read = await process.StandardOutput.BaseStream.ReadAsync(buffer, stop)) > 0;)
        {
            if (output.Length + read > mostBytes)
            {
                End(process);
                throw new CentreException("The video gives more than it may.");
            }
            output.Write(buffer, 0, read);
        }
        await feeding;
        _ = await errors;
        await process.WaitForExitAsync(stop);
        return process.ExitCode == 0 ? output.ToArray() : throw new CentreException("The video cannot be read.");
    }

    /// <summary>Starts it; the caller feeds, reads, ends and disposes it.</summary>
    /// <exception cref="CentreException">It is not installed.</exception>
    public static Process Start(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start) ?? throw new CentreException($"{program} did not start.");
        }
        catch (Win32Exception e)
        {
            throw new CentreException($"{program} is not installed.", e);
        }
    }

    /// <summary>Writes all of it; a program that has read enough and hung up is no fault.</summary>
    public static async Task FeedAsync(Process process, ReadOnlyMemory<byte> content, CancellationToken stop)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(content, stop);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It hung up: its exit code tells whether that was right.
        }
    }

    public static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }
}
