using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeAgent.Rig.Gnss;

/// <summary>A serial line that ends in this process: what is written here, a program reads from <see cref="DevicePath"/>.</summary>
internal sealed partial class PseudoTerminal : IDisposable
{
    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;
    private const int NonBlocking = 0x800;
    // struct termios is 60 bytes on Linux; passed through, never read.
    private const int TermiosBytes = 64;

    private readonly SafeFileHandle master;

    /// <exception cref="Win32Exception">The system gives no pseudo-terminal.</exception>
    public PseudoTerminal()
    {
        master = Open(ReadWrite | NoControllingTerminal | NonBlocking);
        if (master.IsInvalid)
            throw new Win32Exception();
        Check(Grant(master));
        Check(Unlock(master));

        // Raw, or the line would echo what it is sent and swallow control characters.
        var termios = new byte[TermiosBytes];
        Check(GetAttributes(master, termios));
        MakeRaw(termios);
        Check(SetAttributes(master, 0, termios));

        var name = new byte[128];
        int error = Name(master, name, (nuint)name.Length);
        if (error != 0)
            throw new Win32Exception(error);
        DevicePath = Encoding.ASCII.GetString(name.AsSpan(0, name.AsSpan().IndexOf((byte)0)));
        // gpsd gives up root right after its start and must still be able to open it.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(DevicePath, (UnixFileMode)0b110_110_110);
    }

    public string DevicePath { get; }

    /// <summary>False: nobody reads at the other end and the line is full. What did not fit is lost, as on a wire.</summary>
    public bool TryWrite(string text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        return Write(master, bytes, (nuint)bytes.Length) == bytes.Length;
    }

    public void Dispose() => master.Dispose();

    private static void Check(int result)
    {
        if (result != 0)
            throw new Win32Exception();
    }

    [LibraryImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    private static partial SafeFileHandle Open(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    private static partial int Grant(SafeFileHandle master);

    [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    private static partial int Unlock(SafeFileHandle master);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle master, [In] byte[] bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "ptsname_r")]
    private static partial int Name(SafeFileHandle master, [Out] byte[] name, nuint length);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int GetAttributes(SafeFileHandle terminal, [Out] byte[] termios);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw([In, Out] byte[] termios);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int SetAttributes(SafeFileHandle terminal, int actions, [In] byte[] termios);
}
