using System.Net.Sockets;
using System.Text;

namespace EdgeAgent.Agent.Hosting;

/// <summary>sd_notify(3): one datagram. Without NOTIFY_SOCKET nothing is sent.</summary>
/// <param name="path">Of the socket, as the environment names it.</param>
internal sealed class Systemd(string? path)
{
    public static Systemd OfEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    public void Ready() => Send("READY=1");

    public void Stopping() => Send("STOPPING=1");

    private void Send(string state)
    {
        if (string.IsNullOrEmpty(path))
            return;
        // '@' stands for the NUL that starts a name in the abstract namespace.
        var address = new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            _ = socket.SendTo(Encoding.UTF8.GetBytes(state), address);
        }
        catch (SocketException)
        {
            // A supervisor that does not listen is its own fault; the car drives on.
        }
    }
}
