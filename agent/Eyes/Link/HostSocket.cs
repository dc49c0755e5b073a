using System.Net.Sockets;
using Grpc.Net.Client;

namespace EdgeAgent.Eyes.Link;

/// <summary>gRPC over the Unix socket that the host listens on. Its file mode (0600) is the authentication.</summary>
internal static class HostSocket
{
    /// <summary>A fragment of live video or a piece of a clip, with room to spare.</summary>
    private const int MaxMessageBytes = 16 << 20;

    public static GrpcChannel Open(string socketPath)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, stop) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), stop);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        // The name is never resolved: the callback above makes every connection.
        return GrpcChannel.ForAddress("http://host", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
        });
    }
}
