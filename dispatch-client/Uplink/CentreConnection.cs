using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// Two TCP connections to the centre for the time of one session: events on the one, whatever is large on the other, so that a
/// clip or a list never stands before a decision in a send buffer. Made anew for every attempt: a channel kept across failures
/// would wait by a back-off of its own.
/// </summary>
internal sealed class CentreConnection : IDisposable
{
    private const int MaxMessageBytes = 4 << 20;

    /// <summary>
    /// Bytes that the kernel takes before they are sent. Its own limit grows to megabytes, which on a link that narrowed is half a
    /// minute of pictures that nobody can take back.
    /// </summary>
    private const int UnsentBytes = 32 * 1024;
    private const int TcpLevel = 6, NotSentLowWater = 25;

    public CentreConnection(LinkOptions options, CentreTrust trust, X509Certificate2? client)
    {
        Trust = trust;
        Events = Dial(options, trust, client);
        Bulk = Dial(options, trust, client);
    }

    public CentreTrust Trust { get; }

    public GrpcChannel Events { get; }

    public GrpcChannel Bulk { get; }

    /// <param name="options">Pings and time-outs.</param>
    /// <param name="trust">Whom to believe.</param>
    /// <param name="client">The unit's certificate, null before it has one.</param>
    public static GrpcChannel Dial(LinkOptions options, CentreTrust trust, X509Certificate2? client) =>
        Dial(options, trust.ToSslOptions(client));

    /// <summary>Without belief in the other end: only for asking an enrolment's roots, which are then held against the code.</summary>
    public static GrpcChannel DialAnyone(LinkOptions options) => Dial(options, new SslClientAuthenticationOptions
    {
        TargetHost = options.Centre.Host,
#pragma warning disable CA5359 // The fingerprint in the enrolment code is what is verified, see Enrolment.
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
    });

    private static GrpcChannel Dial(LinkOptions options, SslClientAuthenticationOptions ssl) =>
        GrpcChannel.ForAddress(options.Centre, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = ssl,
                ConnectCallback = ConnectAsync,
                ConnectTimeout = options.ConnectTimeout,
                // Without pings a dead path shows only after many minutes.
                KeepAlivePingDelay = options.PingDelay,
                KeepAlivePingTimeout = options.PingTimeout,
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                EnableMultipleHttp2Connections = false,
                UseProxy = false,
            },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
        });

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetRawSocketOption(TcpLevel, NotSentLowWater, BitConverter.GetBytes(UnsentBytes));
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Events.Dispose();
        Bulk.Dispose();
    }
}
