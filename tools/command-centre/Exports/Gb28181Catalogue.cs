using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Exports;

/// <summary>What GB/T 28181 (annex A.2) asks about devices, answered for our cars: each camera a channel, each car what it hangs on.</summary>
internal sealed class Gb28181Catalogue(Gb28181Options options, UnitTable units, SessionRegistry sessions, Fleet fleet)
{
    /// <summary>Channels in one message: UDP carries no more than a datagram.</summary>
    private const int ChannelsAtOnce = 4;

    /// <summary>The bodies that answer a query; none for one that is no query of ours.</summary>
    public IReadOnlyList<string> Answer(string body)
    {
        if (Parse(body) is not { } query || query.Name.LocalName != "Query" || (string?)query.Element("DeviceID") != options.OwnId)
            return [];
        var (command, sn) = ((string?)query.Element("CmdType") ?? "", (string?)query.Element("SN") ?? "0");
        return command switch
        {
            "Catalog" => Catalogue(sn),
            "DeviceInfo" => [Response("DeviceInfo", sn, new XElement("Result", "OK"), new XElement("DeviceName", "EdgeAgent"), new XElement("Manufacturer", "EdgeAgent"),
                new XElement("Channel", Channels().Count))],
            "DeviceStatus" => [Response("DeviceStatus", sn, new XElement("Result", "OK"), new XElement("Online", "ONLINE"), new XElement("Status", "OK"))],
            _ => [],
        };
    }

    public string Keepalive(int sn) => Document(new XElement(
        "Notify", new XElement("CmdType", "Keepalive"), new XElement("SN", sn), new XElement("DeviceID", options.OwnId), new XElement("Status", "OK")));

    private List<string> Catalogue(string sn)
    {
        var channels = Channels();
        return [.. channels.Chunk(ChannelsAtOnce).DefaultIfEmpty([]).Select(some => Response(
            "Catalog", sn, new XElement("SumNum", channels.Count), new XElement("DeviceList", new XAttribute("Num", some.Length), some)))];
    }

    private List<XElement> Channels()
    {
        var items = new List<XElement>();
        foreach (var unit in units.All().Where(unit => unit is { RevokedAt: null, EnrolledAt: not null }))
        {
            foreach (var camera in unit.CameraIds.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                items.Add(Channel(unit, camera, items.Count + 1));
        }
        return items;
    }

    private XElement Channel(UnitRow unit, string camera, int serial)
    {
        var online = sessions.IsOnline(unit.UnitId);
        var position = fleet.Find(unit.UnitId)?.Position is { } at && Fleet.HasFix(at) ? at : null;
        return new XElement(
            "Item",
            new XElement("DeviceID", options.CameraPrefix + serial.ToString("000000", CultureInfo.InvariantCulture)),
            new XElement("Name", $"{unit.Label} {camera}"),
            new XElement("Manufacturer", "EdgeAgent"),
            new XElement("Model", camera),
            new XElement("Owner", unit.UnitId),
            new XElement("CivilCode", options.CameraPrefix[..6]),
            new XElement("Address", unit.District),
            new XElement("Parental", 0),
            new XElement("ParentID", options.OwnId),
            new XElement("SafetyWay", 0),
            new XElement("RegisterWay", 1),
            new XElement("Secrecy", 1),
            new XElement("Status", online ? "ON" : "OFF"),
            position is null ? null : new XElement("Longitude", Degrees(position.LongitudeDegrees)),
            position is null ? null : new XElement("Latitude", Degrees(position.LatitudeDegrees)));
    }

    private string Response(string command, string sn, params object?[] content) =>
        Document(new XElement("Response", [new XElement("CmdType", command), new XElement("SN", sn), new XElement("DeviceID", options.OwnId), .. content]));

    private static string Document(XElement root) => $"<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n{root}\r\n";

    private static string Degrees(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    private static XElement? Parse(string body)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(body), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, MaxCharactersInDocument = 64 << 10 });
            return XElement.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
