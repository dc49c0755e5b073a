using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>The program in a slot: become it, or start it and stay.</summary>
internal static partial class AppProgram
{
    private const int Terminate = 15; // SIGTERM

    /// <summary>This process is that program from here on; systemd sees one process, and no memory is spent on watching.</summary>
    /// <exception cref="IOException">It could not be started.</exception>
    public static void Become(string program, IReadOnlyList<string> arguments)
    {
        _ = Execute(program, [program, .. arguments, null]);
        throw new IOException($"{program} cannot be started (errno {Marshal.GetLastPInvokeError()}).");
    }

    /// <summary>For <see cref="Start"/> and <see cref="Become"/>: .NET keeps an environment of its own, which an exec does not see.</summary>
    public static void SetEnvironment(string name, string value)
    {
        Environment.SetEnvironmentVariable(name, value);
        _ = SetNative(name, value, 1);
    }

    /// <exception cref="IOException">It could not be started.</exception>
    public static Process Start(string program, IReadOnlyList<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException($"{program} cannot be started: {e.Message}.", e);
        }
    }

    /// <summary>Asks a child to end, and ends it when it does not.</summary>
    public static async Task EndAsync(Process child, TimeSpan patience, TimeProvider time)
    {
        if (!child.HasExited)
            _ = Signal(child.Id, Terminate);
        try
        {
            await child.WaitForExitAsync(CancellationToken.None).WaitAsync(patience, time);
        }
        catch (TimeoutException)
        {
            child.Kill(entireProcessTree: true);
            await child.WaitForExitAsync(CancellationToken.None);
        }
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}
