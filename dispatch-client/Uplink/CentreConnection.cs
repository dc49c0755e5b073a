using System.Net;
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
    private readonly LinkOptions options;
    private readonly StaggeredDial dial;
    private volatile Socket? eventsSocket;
    private volatile Socket? bulkSocket;

    public CentreConnection(LinkOptions options, CentreTrust trust, X509Certificate2? client, TimeProvider time)
    {
        Trust = trust;
        this.options = options;
        dial = new StaggeredDial(time);
        Events = Dial(options, trust.ToSslOptions(client), dial, socket => eventsSocket = socket);
        Bulk = Dial(options, trust.ToSslOptions(client), dial, socket => bulkSocket = socket);
    }

    /// <summary>The TCP connection of events, null before there is one: there was no way to the centre at all.</summary>
    public Socket? EventsSocket => eventsSocket;

    /// <summary>The TCP connection of what is large, null before there is one.</summary>
    public Socket? BulkSocket => bulkSocket;

    /// <summary>Another TCP connection to the same place, only to see whether it is answered.</summary>
    public Task<Socket> ProbeAsync(CancellationToken stop) => dial.ConnectAsync(new DnsEndPoint(options.Centre.Host, options.Centre.Port), stop);

    public CentreTrust Trust { get; }

    public GrpcChannel Events { get; }

    public GrpcChannel Bulk { get; }

    /// <param name="options">Pings and time-outs.</param>
    /// <param name="trust">Whom to believe.</param>
    /// <param name="client">The unit's certificate, null before it has one.</param>
    public static GrpcChannel Dial(LinkOptions options, CentreTrust trust, X509Certificate2? client) =>
        Dial(options, trust.ToSslOptions(client), new StaggeredDial(TimeProvider.System), _ => { });

    /// <summary>Without belief in the other end: only for asking an enrolment's roots, which are then held against the code.</summary>
    public static GrpcChannel DialAnyone(LinkOptions options) => Dial(options, new SslClientAuthenticationOptions
    {
        TargetHost = options.Centre.Host,
#pragma warning disable CA5359 // The fingerprint in the enrolment code is what is verified, see Enrolment.
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
    }, new StaggeredDial(TimeProvider.System), _ => { });

    private static GrpcChannel Dial(LinkOptions options, SslClientAuthenticationOptions ssl, StaggeredDial dial, Action<Socket> connected) =>
        GrpcChannel.ForAddress(options.Centre, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (context, stop) =>
                {
                    var socket = await dial.ConnectAsync(context.DnsEndPoint, stop);
                    TcpWishes.Ask(socket, options.CongestionControl);
                    connected(socket);
                    return new NetworkStream(socket, ownsSocket: true);
                },
                SslOptions = ssl,
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

    public void Dispose()
    {
        Events.Dispose();
        Bulk.Dispose();
    }
}
