using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace EdgeAgent.Hw.Programs;

/// <summary>What a program said, or why it said nothing.</summary>
/// <param name="Fault">"" when it ended by itself, whatever its exit code; else not_installed, timed_out or too_long.</param>
/// <param name="ExitCode">Its exit code; -1 with a fault.</param>
/// <param name="Output">Standard output, UTF-8.</param>
/// <param name="FirstError">First line of standard error, at most 200 characters.</param>
public sealed record ProgramAnswer(string Fault, int ExitCode, string Output, string FirstError)
{
    /// <summary>Whether it ended by itself with 0.</summary>
    public bool IsGood => Fault.Length == 0 && ExitCode == 0;
}

/// <summary>Runs a small program of the system within bounds of time and output. Arguments go as a list, never through a shell.</summary>
public static class SystemProgram
{
    private const int MostOutputBytes = 256 << 10, MostErrorBytes = 4 << 10, MostErrorCharacters = 200;

    /// <summary>Runs it to its end; whatever it started is killed with it when it takes longer than <paramref name="patience"/> or says too much.</summary>
    public static async Task<ProgramAnswer> RunAsync(
        string program, IReadOnlyList<string> arguments, TimeSpan patience, TimeProvider time, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // What is read of it must not be translated.
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        Process? process = null;
        try
        {
            process = Process.Start(start) ?? throw new Win32Exception();
            process.StandardInput.Close();
            var errors = ReadAsync(process.StandardError.BaseStream, MostErrorBytes, either.Token);
            var output = await ReadAsync(process.StandardOutput.BaseStream, MostOutputBytes, either.Token);
            if (output is null)
                return Faulty("too_long");
            var said = await errors;
            await process.WaitForExitAsync(either.Token);
            return new ProgramAnswer("", process.ExitCode, Encoding.UTF8.GetString(output), FirstLine(said ?? []));
        }
        catch (Win32Exception)
        {
            return Faulty("not_installed");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Faulty("timed_out");
        }
        finally
        {
            End(process);
        }
    }

    private static ProgramAnswer Faulty(string fault) => new(fault, -1, "", "");

    /// <returns>Null when there is more than that.</returns>
    private static async Task<byte[]?> ReadAsync(Stream from, int most, CancellationToken stop)
    {
        using var kept = new MemoryStream();
        byte[] buffer = new byte[4096];
        for (int read; (read = await from.ReadAsync(buffer, stop)) > 0;)
        {
            if (kept.Length + read > most)
                return null;
            kept.Write(buffer, 0, read);
        }
        return kept.ToArray();
    }

    private static string FirstLine(byte[] said)
    {
        string line = Encoding.UTF8.GetString(said).Split('\n', 2)[0].Trim();
        return line.Length > MostErrorCharacters ? line[..MostErrorCharacters] : line;
    }

    private static void End(Process? process)
    {
        if (process is null)
            return;
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
