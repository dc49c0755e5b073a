using System.Runtime.InteropServices;

namespace EdgeAgent.Agent.Hosting;

/// <summary>The few calls of libc that .NET does not offer.</summary>
internal static partial class Posix
{
    private const int RlimitCore = 4, PrSetDumpable = 4, SigTerm = 15;
    private const int SolSocket = 1, SoPeerCred = 17;
    private const int ClockBoottime = 7;

    /// <summary>No core dumps, no memory to be read by a debugger of the same user: memory here holds keys and faces.</summary>
    public static void KeepMemoryToItself()
    {
        var none = default(RLimit);
        if (setrlimit(RlimitCore, in none) != 0 || prctl(PrSetDumpable, 0, 0, 0, 0) != 0)
            throw new InvalidOperationException($"Core dumps could not be switched off (errno {Marshal.GetLastPInvokeError()}).");
    }

    /// <summary>Process, user and group at the other end of a Unix socket, as the kernel saw them connect.</summary>
    public static (int Pid, uint Uid) PeerOf(System.Net.Sockets.Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        _ = socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return (MemoryMarshal.Read<int>(credentials), MemoryMarshal.Read<uint>(credentials[4..]));
    }

    public static uint UserId => geteuid();

    public static int ParentId => getppid();

    /// <summary>Asks a process to end.</summary>
    public static void Terminate(int pid) => _ = kill(pid, SigTerm);

    /// <summary>Milliseconds since the machine was started, sleep included; the wall clock does not touch it.</summary>
    public static long MsSinceBoot()
    {
        if (clock_gettime(ClockBoottime, out TimeSpec at) != 0)
            throw new InvalidOperationException($"CLOCK_BOOTTIME cannot be read (errno {Marshal.GetLastPInvokeError()}).");
        return at.Seconds * 1000 + at.Nanoseconds / 1_000_000;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setrlimit(int resource, in RLimit limit);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, out TimeSpec at);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial int getppid();

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct RLimit
    {
        public readonly nuint Current;
        public readonly nuint Maximum;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
