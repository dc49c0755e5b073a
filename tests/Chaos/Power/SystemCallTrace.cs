using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace EdgeAgent.Chaos.Power;

/// <summary>
/// Runs a program under strace and reads what it asked of its files. At the border to the kernel nothing of the program is
/// left out: SQLite, .NET's streams and our own calls of fsync all pass here, in a build like any other.
/// </summary>
internal static class SystemCallTrace
{
    private const string Calls =
        "write,pwrite64,pwritev,writev,lseek,ftruncate,fallocate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,openat,creat,copy_file_range,sendfile";

    private static readonly UTF8Encoding Utf8 = new(false, true);

    /// <param name="skipSync">Let fsync and fdatasync return at once without doing anything, as in a build that leaves them out.</param>
    /// <returns>The path of the trace.</returns>
    /// <exception cref="ScenarioException">strace is not there or may not trace.</exception>
    public static async Task RecordAsync(string trace, bool skipSync, string program, IEnumerable<string> arguments, CancellationToken stop)
    {
        var info = new ProcessStartInfo("strace") { RedirectStandardError = true };
        foreach (string argument in (string[])["-f", "-y", "-xx", "-s", "16777216", "--signal=none", "-qq", "-e", $"trace={Calls}", "-o", trace])
            info.ArgumentList.Add(argument);
        if (skipSync)
        {
            info.ArgumentList.Add("-e");
            info.ArgumentList.Add("inject=fsync,fdatasync:retval=0");
        }
        info.ArgumentList.Add(program);
        foreach (string argument in arguments)
            info.ArgumentList.Add(argument);
        using Process process = Start(info);
        string said = await process.StandardError.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        if (!File.Exists(trace) || (process.ExitCode != 0 && process.ExitCode != 128 + 9))
            throw new ScenarioException($"strace ended with {process.ExitCode}: {said.Trim()}");
    }

    private static Process Start(ProcessStartInfo info)
    {
        try
        {
            return Process.Start(info) ?? throw new ScenarioException("strace did not start.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ScenarioException($"strace is needed to record power cuts ({e.Message}): apt-get install strace.");
        }
    }

    /// <summary>What was asked of files below a folder, calls that failed left out.</summary>
    public static IEnumerable<DiskOperation> Read(string trace, string folder)
    {
        var begun = new Dictionary<string, string>();
        foreach (string line in File.ReadLines(trace))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            string thread = line[..space];
            string call = line[space..].TrimStart();
            const string unfinished = " <unfinished ...>";
            if (call.EndsWith(unfinished, StringComparison.Ordinal))
            {
                begun[thread] = call[..^unfinished.Length];
                continue;
            }
            if (call.StartsWith("<... ", StringComparison.Ordinal))
                call = begun.Remove(thread, out string? first) ? first + call[(call.IndexOf("resumed>", StringComparison.Ordinal) + 8)..] : "";
            if (Parse(call) is not { } operation || (operation.Path != folder && !operation.Path.StartsWith(folder + "/", StringComparison.Ordinal)))
                continue;
            // What is not modelled would make every image of the disk wrong.
            yield return operation is Unknown unknown ? throw new ScenarioException($"The program called {unknown.Call} on {unknown.Path}, which the power-cut disk does not know.") : operation;
        }
    }

    private static DiskOperation? Parse(string call)
    {
        int open = call.IndexOf('(', StringComparison.Ordinal);
        int close = call.LastIndexOf(") ", StringComparison.Ordinal);
        int equals = close < 0 ? -1 : call.IndexOf('=', close);
        if (open < 0 || equals < 0)
            return null;
        string result = call[(equals + 1)..].Trim();
        if (result.StartsWith('-') || result.StartsWith('?'))
            return null;
        bool injected = result.EndsWith("(INJECTED)", StringComparison.Ordinal);
        List<string> arguments = Split(call[(open + 1)..close]);
        return call[..open] switch
        {
            "openat" => new Opened(
                At(arguments, 0), Number(result), arguments[2].Contains("O_CREAT", StringComparison.Ordinal), arguments[2].Contains("O_TRUNC", StringComparison.Ordinal)),
            "write" => new Written(Path(arguments[0]), Number(arguments[0]), null, Bytes(arguments[1])[..int.Parse(result, CultureInfo.InvariantCulture)]),
            "pwrite64" => new Written(Path(arguments[0]), Number(arguments[0]), long.Parse(arguments[3], CultureInfo.InvariantCulture), Bytes(arguments[1])[..int.Parse(result, CultureInfo.InvariantCulture)]),
            "lseek" => new Sought(Path(arguments[0]), Number(arguments[0]), long.Parse(result, CultureInfo.InvariantCulture)),
            "ftruncate" => new Resized(Path(arguments[0]), long.Parse(arguments[1], CultureInfo.InvariantCulture)),
            "fsync" or "fdatasync" => injected ? null : new Synced(Path(arguments[0])),
            "rename" => new Renamed(Text(arguments[0]), Text(arguments[1])),
            "renameat" or "renameat2" => new Renamed(At(arguments, 0), At(arguments, 2)),
            "link" => new Linked(Text(arguments[0]), Text(arguments[1])),
            "linkat" => new Linked(At(arguments, 0), At(arguments, 2)),
            "unlink" => new Unlinked(Text(arguments[0])),
            "unlinkat" => new Unlinked(At(arguments, 0)),
            "mkdir" => new FolderMade(Text(arguments[0])),
            "mkdirat" => new FolderMade(At(arguments, 0)),
            // Blocks beyond the end hold nothing that a power cut could take.
            "fallocate" when arguments[1] == "FALLOC_FL_KEEP_SIZE" => null,
            "fallocate" when arguments[1] == "0" => new Allocated(Path(arguments[0]), long.Parse(arguments[2], CultureInfo.InvariantCulture) + long.Parse(arguments[3], CultureInfo.InvariantCulture)),
            // Blocks behind the end of the file: nobody sees them.
            "fallocate" when arguments[1] == "FALLOC_FL_KEEP_SIZE" => null,
            _ => new Unknown(arguments.Select(Path).LastOrDefault(p => p.Length > 0) ?? "", call[..open]),
        };
    }

    /// <summary>Arguments at commas outside of strings.</summary>
    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        bool quoted = false;
        int from = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == '"')
                quoted = !quoted;
            else if (text[at] == ',' && !quoted)
            {
                parts.Add(text[from..at].Trim());
                from = at + 1;
            }
        }
        parts.Add(text[from..].Trim());
        return parts;
    }

    private static int Number(string descriptor) => int.Parse(descriptor[..descriptor.IndexOf('<', StringComparison.Ordinal)], CultureInfo.InvariantCulture);

    private static string Path(string descriptor)
    {
        int from = descriptor.IndexOf('<', StringComparison.Ordinal);
        int to = descriptor.LastIndexOf('>');
        return from < 0 || to < from ? "" : Utf8.GetString(Unescape(descriptor.AsSpan(from + 1, to - from - 1)));
    }

    private static string At(List<string> arguments, int at)
    {
        string path = Text(arguments[at + 1]);
        return path.StartsWith('/') ? path : Path(arguments[at]) + "/" + path;
    }

    private static string Text(string quoted) => Utf8.GetString(Bytes(quoted));

    private static byte[] Bytes(string quoted)
    {
        if (quoted.EndsWith("...", StringComparison.Ordinal))
            throw new ScenarioException("A write was too long for the recording.");
        return Unescape(quoted.AsSpan(1, quoted.Length - 2));
    }

    private static byte[] Unescape(ReadOnlySpan<char> text)
    {
        var bytes = new List<byte>(text.Length / 4);
        for (int at = 0; at < text.Length;)
        {
            if (text[at] == '\\' && text[at + 1] == 'x')
            {
                bytes.Add(byte.Parse(text.Slice(at + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                at += 4;
            }
            else
                bytes.Add((byte)text[at++]);
        }
        return [.. bytes];
    }
}
