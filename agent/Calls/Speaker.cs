using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Calls;

/// <summary>
/// Speaks a sentence as a WAV file with Debian's espeak-ng, for browsers without a voice of the language. The text goes in by standard
/// input only; one sentence at a time, within bounds of length, time and size.
/// </summary>
internal sealed class Speaker(CarOptions options, TimeProvider time)
{
    public const int MaxCharacters = 400;

    private const int MaxBytes = 8 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private int speaking;

    /// <returns>The sound, or why there is none: no_voice (none installed, or it failed), bad_text, busy.</returns>
    public async Task<(string Code, byte[] Wav)> SayAsync(string text, string language, CancellationToken stop)
    {
        if (options.Calls.Speaker.Length == 0)
            return ("no_voice", []);
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaxCharacters || text.Any(c => char.IsControl(c)))
            return ("bad_text", []);
        if (Interlocked.Exchange(ref speaking, 1) != 0)
            return ("busy", []);
        try
        {
            using var limit = new CancellationTokenSource(Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            return await RunAsync(text, language == "en" ? "en" : "cmn", either.Token);
        }
        catch (Exception error) when (error is Win32Exception or IOException or OperationCanceledException && !stop.IsCancellationRequested)
        {
            return ("no_voice", []);
        }
        finally
        {
            Volatile.Write(ref speaking, 0);
        }
    }

    private async Task<(string Code, byte[] Wav)> RunAsync(string text, string voice, CancellationToken stop)
    {
        // Argument lists, never a shell; nothing of the text is in them.
        var start = new ProcessStartInfo(options.Calls.Speaker, ["-v", voice, "-s", "155", "--stdin", "--stdout"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        using Process process = Process.Start(start) ?? throw new IOException("not started");
        try
        {
            Task drained = process.StandardError.BaseStream.CopyToAsync(Stream.Null, stop);
            await process.StandardInput.WriteAsync(text.AsMemory(), stop);
            process.StandardInput.Close();
            using var sound = new MemoryStream();
            byte[] buffer = new byte[64 << 10];
            for (int read; (read = await process.StandardOutput.BaseStream.ReadAsync(buffer, stop)) > 0;)
            {
                if (sound.Length + read > MaxBytes)
                    return ("no_voice", []);
                sound.Write(buffer, 0, read);
            }
            await process.WaitForExitAsync(stop);
            await drained;
            return process.ExitCode == 0 && sound.Length > 44 ? ("", sound.ToArray()) : ("no_voice", []);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
