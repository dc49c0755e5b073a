using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeAgent.Rig.Network;

/// <summary>A network device whose cable ends in this process: what is sent through it is read here, what is written arrives on it.</summary>
internal sealed partial class TunDevice : IDisposable
{
    private const int ReadWriteNonBlocking = 2 | 0x800;
    private const nuint SetInterface = 0x400454ca;
    private const short TunWithoutHeader = 0x0001 | 0x1000;
    private const int NameBytes = 16, RequestBytes = 40;
    private const short Readable = 1;

    private readonly SafeFileHandle handle;

    /// <summary>Makes one in the calling thread's network namespace.</summary>
    /// <exception cref="Win32Exception">No right to, or no TUN here.</exception>
    public TunDevice(string name)
    {
        handle = Open("/dev/net/tun", ReadWriteNonBlocking);
        if (handle.IsInvalid)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "/dev/net/tun: " + Marshal.GetLastPInvokeErrorMessage());
        // struct ifreq: the name, then a union that begins with the flags.
        var request = new byte[RequestBytes];
        _ = Encoding.ASCII.GetBytes(name, request.AsSpan(0, NameBytes - 1));
        BitConverter.TryWriteBytes(request.AsSpan(NameBytes), TunWithoutHeader);
        if (Control(handle, SetInterface, request) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            throw new Win32Exception(error, $"TUNSETIFF {name}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        Name = name;
    }

    public string Name { get; }

    /// <summary>The next packet; 0 bytes: none waits.</summary>
    public int Receive(Span<byte> into) => (int)Math.Max(0, Read(handle, into, (nuint)into.Length));

    /// <summary>False: the device is down and took nothing.</summary>
    public bool Send(ReadOnlySpan<byte> packet) => Write(handle, packet, (nuint)packet.Length) == packet.Length;

    /// <summary>Waits until a packet can be read, at most so long.</summary>
    /// <returns>False: the device is gone.</returns>
    public bool WaitReadable(TimeSpan limit)
    {
        var poll = new PollEntry { Descriptor = (int)handle.DangerousGetHandle(), Events = Readable };
        var time = new TimeSpec { Seconds = limit.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = limit.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick };
        int ready = Poll(ref poll, 1, time, 0);
        // A signal cuts the wait short, which is no fault.
        return ready <= 0 || (poll.ReturnedEvents & Readable) != 0;
    }

    public void Dispose() => handle.Dispose();

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events, ReturnedEvents;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle handle, nuint request, [In, Out] byte[] argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle handle, Span<byte> into, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle handle, ReadOnlySpan<byte> from, nuint count);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    private static partial int Poll(ref PollEntry entry, nuint count, in TimeSpec time, nint signals);
}
