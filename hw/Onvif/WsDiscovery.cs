using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace EdgeAgent.Hw.Onvif;

/// <summary>A camera that answered.</summary>
/// <param name="Id">Its endpoint reference: the same on all its addresses.</param>
/// <param name="Name">Of its scopes; "" when it says none.</param>
public sealed record FoundCamera(string Id, Uri DeviceService, string Name, string Hardware);

/// <summary>How cameras are asked.</summary>
/// <param name="Wait">How long answers are taken.</param>
public sealed record DiscoveryOptions(TimeSpan Wait)
{
    public const int Port = 3702;

    /// <summary>Of this machine's interfaces that are asked through; empty: each one that is up.</summary>
    public IReadOnlyList<IPAddress> From { get; init; } = [];

    /// <summary>Asked one by one besides: cameras behind a router that passes no multicast.</summary>
    public IReadOnlyList<IPEndPoint> Also { get; init; } = [];
}

/// <summary>
/// Finds ONVIF cameras by WS-Discovery 1.0 (April 2005, as ONVIF Core 7.3 has it): a Probe by multicast, answers by unicast. Whoever is on
/// the network may answer, so that answers are bounded, parsed without DTDs, and taken for a place to ask, not for a camera.
/// </summary>
public static class WsDiscovery
{
    private const int MostCameras = 64, MaxAnswerBytes = 32 * 1024;
    private static readonly IPAddress s_group = new([239, 255, 255, 250]);
    private static readonly XNamespace s_envelope = "http://www.w3.org/2003/05/soap-envelope";
    private static readonly XNamespace s_addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
    private static readonly XNamespace s_discovery = "http://schemas.xmlsoap.org/ws/2005/04/discovery";
    private static readonly XNamespace s_network = "http://www.onvif.org/ver10/network/wsdl";

    /// <summary>Those that answered in time, each once, in order of their addresses.</summary>
    /// <exception cref="SocketException">This machine has no interface to ask through.</exception>
    public static async Task<IReadOnlyList<FoundCamera>> FindAsync(DiscoveryOptions options, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(options);
        var from = options.From.Count > 0 ? options.From : Interfaces();
        string message = $"urn:uuid:{Guid.NewGuid()}";
        byte[] probe = Probe(message);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(options.Wait);
        var found = new Dictionary<string, FoundCamera>();
        await Task.WhenAll(from.Select(address => AskAsync(address, options.Also, probe, message, found, limit.Token)));
        stop.ThrowIfCancellationRequested();
        return [.. found.Values.OrderBy(c => c.DeviceService.Host, StringComparer.Ordinal).ThenBy(c => c.DeviceService.Port)];
    }

    private static async Task AskAsync(
        IPAddress from, IReadOnlyList<IPEndPoint> also, byte[] probe, string message, Dictionary<string, FoundCamera> found, CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(from, 0));
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, from.GetAddressBytes());
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 1);
        foreach (var to in also.Prepend(new IPEndPoint(s_group, DiscoveryOptions.Port)))
        {
            try
            {
                await socket.SendToAsync(probe, to, stop);
            }
            catch (SocketException)
            {
                // An interface without a way there: another one has it.
            }
        }
        byte[] answer = new byte[MaxAnswerBytes];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveFromAsync(answer, new IPEndPoint(IPAddress.Any, 0), stop);
                foreach (var camera in Read(answer.AsSpan(0, received.ReceivedBytes), message))
                    lock (found)
                        if (found.Count < MostCameras)
                            found.TryAdd(camera.Id, camera);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // Time is up, or the interface went away: what answered, answered.
        }
    }

    /// <summary>The cameras that one answer names; none when it is no answer to this probe.</summary>
    internal static IReadOnlyList<FoundCamera> Read(ReadOnlySpan<byte> answer, string message)
    {
        try
        {
            var root = CameraXml.Read(answer.ToArray());
            if (root?.Element(s_envelope + "Header")?.Element(s_addressing + "RelatesTo")?.Value.Trim() != message)
                return [];
            return [.. root.Element(s_envelope + "Body")?.Element(s_discovery + "ProbeMatches")?.Elements(s_discovery + "ProbeMatch").Select(Match).OfType<FoundCamera>() ?? []];
        }
        catch (XmlException)
        {
            return [];
        }
    }

    private static FoundCamera? Match(XElement match)
    {
        string id = match.Element(s_addressing + "EndpointReference")?.Element(s_addressing + "Address")?.Value.Trim() ?? "";
        // Several addresses of one camera stand side by side; an IPv6 one is often only good on its own link.
        var service = Words(match, "XAddrs").Select(a => Uri.TryCreate(a, UriKind.Absolute, out var uri) ? uri : null)
            .OfType<Uri>().Where(u => u.Scheme is "http" or "https").OrderBy(u => u.HostNameType == UriHostNameType.IPv6).FirstOrDefault();
        return id.Length == 0 || service is null ? null : new FoundCamera(id, service, Scope(match, "name"), Scope(match, "hardware"));
    }

    private static string[] Words(XElement match, string element) =>
        match.Element(s_discovery + element)?.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string Scope(XElement match, string kind)
    {
        string start = $"onvif://www.onvif.org/{kind}/";
        return Uri.UnescapeDataString(Words(match, "Scopes").FirstOrDefault(s => s.StartsWith(start, StringComparison.OrdinalIgnoreCase))?[start.Length..] ?? "");
    }

    private static byte[] Probe(string message) => Encoding.UTF8.GetBytes(new XElement(
        s_envelope + "Envelope",
        new XAttribute(XNamespace.Xmlns + "s", s_envelope.NamespaceName),
        new XAttribute(XNamespace.Xmlns + "a", s_addressing.NamespaceName),
        new XAttribute(XNamespace.Xmlns + "d", s_discovery.NamespaceName),
        new XAttribute(XNamespace.Xmlns + "dn", s_network.NamespaceName),
        new XElement(
            s_envelope + "Header",
            new XElement(s_addressing + "Action", "http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe"),
            new XElement(s_addressing + "MessageID", message),
            new XElement(s_addressing + "ReplyTo", new XElement(s_addressing + "Address", "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous")),
            new XElement(s_addressing + "To", "urn:schemas-xmlsoap-org:ws:2005:04:discovery")),
        new XElement(s_envelope + "Body", new XElement(s_discovery + "Probe", new XElement(s_discovery + "Types", "dn:NetworkVideoTransmitter"))))
        .ToString(SaveOptions.DisableFormatting));

    private static IPAddress[] Interfaces() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces().Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address).Where(a => a.AddressFamily == AddressFamily.InterNetwork),
    ];
}
