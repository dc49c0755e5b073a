using System.Net.Sockets;
using Grpc.Net.Client;

namespace EdgeAgent.Eyes.Link;

/// <summary>gRPC over the Unix socket that the host listens on. Its file mode (0600) is the authentication.</summary>
internal static class HostSocket
{
    /// <summary>A fragment of live video or a piece of a clip, with room to spare.</summary>
    private const int MaxMessageBytes = 16 << 20;

    /// <summary>The host starts its socket and this process at the same time: so long may it be the later one.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10), s_again = TimeSpan.FromMilliseconds(20);

    /// <param name="socketPath">Where the host listens, or soon will.</param>
    /// <param name="time">The clock.</param>
    public static GrpcChannel Open(string socketPath, TimeProvider time)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = (_, stop) => ConnectAsync(new UnixDomainSocketEndPoint(socketPath), time, stop),
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
    private static async ValueTask<Stream> ConnectAsync(UnixDomainSocketEndPoint host, TimeProvider time, CancellationToken stop)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(host, stop);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e)
            {
                socket.Dispose();
                if (e is not SocketException || time.GetElapsedTime(began) > s_patience)
                    throw;
            }
            await Task.Delay(s_again, time, stop);
        }
    }
}
