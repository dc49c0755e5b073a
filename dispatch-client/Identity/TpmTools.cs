using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace EdgeAgent.DispatchClient.Identity;

/// <summary>One job of tpm2-tools. Its folder holds public halves and what only this TPM can open, and goes with the job.</summary>
internal sealed class TpmTools(string tcti) : IDisposable
{
    private const int LargestOutputBytes = 16 * 1024;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);

    private readonly string folder = Directory.CreateTempSubdirectory("edge-tpm-").FullName;

    public string At(string name) => Path.Combine(folder, name);

    /// <summary>Runs a tool that must do what it is asked.</summary>
    /// <returns>Its standard output.</returns>
    /// <exception cref="IdentityException">tpm_unavailable: not installed, no TPM, or refused by it.</exception>
    public byte[] Need(string tool, ReadOnlySpan<byte> input, params ReadOnlySpan<string> arguments)
    {
        var (output, fault) = Run(tool, input, arguments);
        return fault.Length == 0
            ? output
            : throw new IdentityException(
                "tpm_unavailable",
                $"{tool} had nothing from the TPM at {tcti} ({fault}): switch the TPM on in the firmware and put this user into its group (tss), or do without it (edgectl provision --key file).");
    }

    /// <summary>Runs a tool that the TPM may refuse.</summary>
    /// <returns>Its standard output, and what went wrong, "" if nothing did.</returns>
    /// <exception cref="IdentityException">tpm_unavailable: not installed.</exception>
    public (byte[] Output, string Fault) Run(string tool, ReadOnlySpan<byte> input, params ReadOnlySpan<string> arguments)
    {
        using var process = Start(tool, arguments);
        Give(process, input);
        if (!process.WaitForExit(TimeLimit))
        {
            process.Kill(entireProcessTree: true);
            return ([], $"no answer within {TimeLimit.TotalSeconds:0} s");
        }
        var output = Take(process.StandardOutput.BaseStream);
        return process.ExitCode == 0 ? (output, "") : ([], Sentence(process.StandardError.ReadToEnd()));
    }

    private Process Start(string tool, ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo(tool) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["TPM2TOOLS_TCTI"] = tcti;
        // The library's own log says each fault again, in its sources' words.
        start.Environment["TSS2_LOG"] = "all+none";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new IdentityException("tpm_unavailable", $"{tool} cannot be started ({e.Message}): a key in the TPM needs it (apt-get install tpm2-tools).", e);
        }
    }

    private static void Give(Process process, ReadOnlySpan<byte> input)
    {
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says why.
        }
    }

    // No growing buffer: what leaves the TPM here would lie in each of its copies.
    private static byte[] Take(Stream stream)
    {
        var buffer = new byte[LargestOutputBytes];
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        var output = buffer[..length];
        CryptographicOperations.ZeroMemory(buffer);
        return output;
    }

    private static string Sentence(string error) =>
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } lines
            ? string.Join("; ", lines.Take(3).Select(line => line.Replace("ERROR: ", "", StringComparison.Ordinal)))
            : "without a reason";

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
