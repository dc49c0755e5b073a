using System.ComponentModel;
using System.Diagnostics;
using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Edgectl.Flash;

/// <summary>Programs of Debian's that know disks better than we do.</summary>
internal static class Tool
{
    /// <summary>Its standard output.</summary>
    /// <exception cref="ReleaseException">tool_missing, or the code given where it fails, with its last words.</exception>
    public static async Task<string> RunAsync(string program, string[] arguments, CancellationToken stop, string input = "", string failure = FlashCodes.ToolFailed)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception e)
        {
            throw new ReleaseException(FlashCodes.ToolMissing, $"{program} is not here: apt-get install rauc squashfs-tools fdisk dosfstools mtools e2fsprogs openssl.", e);
        }
        using (process)
        {
            var error = process.StandardError.ReadToEndAsync(stop);
            var output = process.StandardOutput.ReadToEndAsync(stop);
            try
            {
                await process.StandardInput.WriteAsync(input);
                process.StandardInput.Close();
                await process.WaitForExitAsync(stop);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
            return process.ExitCode == 0 ? await output
                : throw new ReleaseException(failure, $"{program} says: {(await error).Trim().Split('\n')[^1]}");
        }
    }
}
