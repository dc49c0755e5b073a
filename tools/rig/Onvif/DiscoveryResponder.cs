using System.Net;
using System.Net.Sockets;
using System.Security;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace EdgeAgent.Rig.Onvif;

/// <summary>A camera as WS-Discovery tells of it.</summary>
/// <param name="Id">Its endpoint reference.</param>
internal sealed record DiscoverableCamera(Guid Id, Uri DeviceService, string Name, string Hardware);

/// <summary>The bench's cameras answer a WS-Discovery probe, each on its own, to the group and to this very machine. On loopback alone.</summary>
internal sealed class DiscoveryResponder : IAsyncDisposable
{
    public const int Port = 3702;
    private const int MaxProbeBytes = 8 * 1024;
    private static readonly IPAddress Group = new([239, 255, 255, 250]);

    private readonly IReadOnlyList<DiscoverableCamera> cameras;
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task answering;

    /// <exception cref="SocketException">The port is somebody's who does not share it.</exception>
    public DiscoveryResponder(IReadOnlyList<DiscoverableCamera> cameras)
    {
        this.cameras = cameras;
        try
        {
            // Several benches, and a tool that listens itself, share the port as several cameras share the group.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Any, Port));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(Group, IPAddress.Loopback));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        answering = Task.Run(AnswerAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await answering;
        socket.Dispose();
        stopping.Dispose();
    }

    private async Task AnswerAsync()
    {
        byte[] probe = new byte[MaxProbeBytes];
        try
        {
            while (true)
            {
                SocketReceiveFromResult from = await socket.ReceiveFromAsync(probe, new IPEndPoint(IPAddress.Any, 0), stopping.Token);
                var asker = (IPEndPoint)from.RemoteEndPoint;
                if (!IPAddress.IsLoopback(asker.Address) || MessageOf(probe.AsSpan(0, from.ReceivedBytes)) is not { } message)
                    continue;
                foreach (DiscoverableCamera camera in cameras)
                    await socket.SendToAsync(Match(camera, message), asker, stopping.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // Stopping, or the asker is gone: the next one asks again.
        }
    }

    /// <summary>The id of a probe for network cameras; null when it is none.</summary>
    private static string? MessageOf(ReadOnlySpan<byte> datagram)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(datagram.ToArray()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            XDocument probe = XDocument.Load(reader);
            string? Named(string name) => probe.Descendants().FirstOrDefault(e => e.Name.LocalName == name)?.Value.Trim();
            bool asked = Named("Probe") is not null && (Named("Types") is null or "" || Named("Types")!.Contains("NetworkVideoTransmitter", StringComparison.Ordinal));
            return asked ? Named("MessageID") : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static byte[] Match(DiscoverableCamera camera, string message) => Encoding.UTF8.GetBytes($"""
        <?xml version="1.0" encoding="UTF-8"?>
        <s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
         xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>
        <a:MessageID>urn:uuid:{Guid.NewGuid()}</a:MessageID><a:RelatesTo>{SecurityElement.Escape(message)}</a:RelatesTo>
        <a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>
        <a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>
        <a:EndpointReference><a:Address>urn:uuid:{camera.Id}</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types>
        <d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/{Uri.EscapeDataString(camera.Name)} onvif://www.onvif.org/hardware/{Uri.EscapeDataString(camera.Hardware)}</d:Scopes>
        <d:XAddrs>{SecurityElement.Escape(camera.DeviceService.ToString())}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>
        </d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>
        """);
}
