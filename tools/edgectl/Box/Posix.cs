using System.Runtime.InteropServices;

namespace EdgeAgent.Edgectl.Box;

internal static partial class Posix
{
    private const int SigTerm = 15;

    /// <summary>Asks a process to end.</summary>
    public static void Terminate(int pid) => _ = Signal(pid, SigTerm);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int pid, int signal);
}
