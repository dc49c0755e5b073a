using System.Globalization;
using System.Xml.Linq;

namespace EdgeAgent.Hw.Onvif;

/// <summary>One opened ONVIF camera: its clock, and where its services are. Calls are made one at a _time by its owner.</summary>
internal sealed class OnvifDevice : IDisposable
{
    public static readonly XNamespace Device = "http://www.onvif.org/ver10/device/wsdl";
    public static readonly XNamespace Media = "http://www.onvif.org/ver10/media/wsdl";
    public static readonly XNamespace Ptz = "http://www.onvif.org/ver20/ptz/wsdl";
    public static readonly XNamespace Schema = "http://www.onvif.org/ver10/schema";

    private readonly OnvifAccess _access;
    private readonly TimeProvider _time;
    private readonly SoapClient _soap;
    private readonly Dictionary<string, Uri> _services = [];

    private OnvifDevice(OnvifAccess access, TimeProvider time)
    {
        (_access, _time) = (access, time);
        _soap = new SoapClient(access, time);
    }

    /// <summary>The camera's clock minus ours. Cameras run on wrong clocks, and refuse digests that are minutes off them.</summary>
    public TimeSpan ClockOffset => _soap.ClockOffset;

    /// <summary>Asks for clock and services.</summary>
    /// <exception cref="OnvifException">The camera refused or did not answer.</exception>
    public static async Task<OnvifDevice> OpenAsync(OnvifAccess access, TimeProvider time, CancellationToken stop)
    {
        var device = new OnvifDevice(access, time);
        try
        {
            device._soap.ClockOffset = await device.ReadClockOffsetAsync(stop);
            var question = new XElement(Device + "GetServices", new XElement(Device + "IncludeCapability", "false"));
            foreach (var service in (await device._soap.CallAsync(access.DeviceService, question, signed: true, stop)).Elements(Device + "Service"))
                if (Uri.TryCreate(service.Element(Device + "XAddr")?.Value, UriKind.Absolute, out var uri))
                    device._services[service.Element(Device + "Namespace")?.Value ?? ""] = device.ByOurWay(uri);
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    public bool Offers(XNamespace contract) => _services.ContainsKey(contract.NamespaceName);

    /// <summary>The answer's first element below the body.</summary>
    /// <exception cref="OnvifException">The camera refused, did not answer, or has no such service.</exception>
    public Task<XElement> CallAsync(XNamespace contract, XElement request, CancellationToken stop)
    {
        var service = contract == Device ? _access.DeviceService : _services.GetValueOrDefault(contract.NamespaceName)
            ?? throw new OnvifException($"the camera offers no service {contract.NamespaceName}");
        return _soap.CallAsync(service, request, signed: true, stop);
    }

    public void Dispose() => _soap.Dispose();

    public static double Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : 0;

    /// <summary>Behind a router the camera names an address of its own: host and port stay those that reached it.</summary>
    private Uri ByOurWay(Uri service) => new UriBuilder(_access.DeviceService) { Path = service.AbsolutePath, Query = service.Query }.Uri;

    private async Task<TimeSpan> ReadClockOffsetAsync(CancellationToken stop)
    {
        var answer = await _soap.CallAsync(_access.DeviceService, new XElement(Device + "GetSystemDateAndTime"), signed: false, stop);
        if (answer.Descendants(Schema + "UTCDateTime").FirstOrDefault() is not { } utc)
            return TimeSpan.Zero;
        int Part(string group, string name) => (int)Number(utc.Element(Schema + group)?.Element(Schema + name)?.Value);
        try
        {
            var clock = new DateTimeOffset(
                Part("Date", "Year"), Part("Date", "Month"), Part("Date", "Day"), Part("Time", "Hour"), Part("Time", "Minute"),
                Math.Min(59, Part("Time", "Second")), TimeSpan.Zero);
            return clock - _time.GetUtcNow();
        }
        catch (ArgumentOutOfRangeException)
        {
            return TimeSpan.Zero;
        }
    }
}
