using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// What the kernel is asked for on a connection and need not grant. Not by <see cref="Socket.SetRawSocketOption"/>: a refused option
/// would leave the socket marked as not connected, and a car with another kernel without a centre.
/// </summary>
internal static partial class TcpWishes
{
    /// <summary>
    /// Bytes that the kernel takes before they are sent. Its own limit grows to megabytes, which on a link that narrowed is half a
    /// minute of pictures that nobody can take back.
    /// </summary>
    private const int UnsentBytes = 32 * 1024;
    private const int TcpLevel = 6, Congestion = 13, NotSentLowWater = 25;

    /// <param name="socket">Connected.</param>
    /// <param name="congestionControl">
    /// A radio loses packets without being full. CUBIC, the system's habit, takes every loss for a full link and slows down; BBR measures.
    /// </param>
    public static void Ask(Socket socket, string congestionControl)
    {
        var name = Encoding.ASCII.GetBytes(congestionControl);
        _ = SetOption(socket.SafeHandle, TcpLevel, Congestion, name, name.Length);
        _ = SetOption(socket.SafeHandle, TcpLevel, NotSentLowWater, BitConverter.GetBytes(UnsentBytes), sizeof(int));
    }

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(SafeHandle socket, int level, int option, ReadOnlySpan<byte> value, int bytes);
}
