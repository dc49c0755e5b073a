using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EdgeAgent.Edgectl.Support;

/// <summary>What the kernel says of the hardware that a car depends on, and of nothing else.</summary>
internal static partial class KernelLog
{
    /// <param name="file">A log of a kernel; null: this machine's own, by dmesg.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(string? file, CancellationToken stop)
    {
        string text = file is null ? await DmesgAsync(stop) : await File.ReadAllTextAsync(file, stop);
        return [.. text.Split('\n').Where(l => Ours().IsMatch(l))];
    }

    private static async Task<string> DmesgAsync(CancellationToken stop)
    {
        try
        {
            using Process dmesg = Process.Start(new ProcessStartInfo("dmesg", ["--time-format", "iso"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> error = dmesg.StandardError.ReadToEndAsync(stop);
            string output = await dmesg.StandardOutput.ReadToEndAsync(stop);
            await dmesg.WaitForExitAsync(stop);
            return dmesg.ExitCode == 0 ? output : throw new IOException((await error).Trim());
        }
        catch (Win32Exception e)
        {
            throw new IOException("There is no dmesg on this machine.", e);
        }
    }

    [GeneratedRegex(@"\b(usb|nvme|ata\d|sd[a-z]|mmc|EXT4-fs|thermal|tpm|oom|Out of memory|Killed process|qmi_wwan|cdc|wwan|eth\d|igb|e1000|i2c|watchdog|edge-agent)", RegexOptions.IgnoreCase)]
    private static partial Regex Ours();
}
