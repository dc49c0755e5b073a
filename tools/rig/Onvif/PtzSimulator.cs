using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace EdgeAgent.Rig.Onvif;

/// <summary>A stream that a camera offers as a profile of its own.</summary>
/// <param name="Encoding">H264 or H265.</param>
internal sealed record OfferedStream(string Token, string Encoding, int Width, int Height, string Url);

/// <summary>What a head does wrong.</summary>
internal enum HeadFault
{
    None,

    /// <summary>It says that it turns, and the picture stays: a belt that slips.</summary>
    Stuck,

    /// <summary>It does not turn, and says so: a motor without power.</summary>
    Dead,

    /// <summary>It turns the other way: built in upside down.</summary>
    Reversed,

    /// <summary>Its services answer nothing that is of use.</summary>
    Silent,
}

/// <summary>
/// An ONVIF camera's control side: device and media services over SOAP 1.2, password digest; for one that moves, a PTZ service with moves
/// that take time and presets. The pictures come from elsewhere: GetStreamUri says where.
/// </summary>
/// <param name="clockOffset">How wrong the camera's clock is: it holds the digests that it is sent against its own.</param>
internal sealed class PtzSimulator(string user, string password, Func<IReadOnlyList<OfferedStream>> streams, TimeProvider time, bool moves = true, TimeSpan clockOffset = default)
{
    private const int MaxPresets = 64;

    /// <summary>As real cameras have it: a token of another time is somebody's old one.</summary>
    private static readonly TimeSpan OldestToken = TimeSpan.FromMinutes(1);

    private readonly PtzMotion motion = new(time);
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, (string Name, PtzVector At)> presets = new(StringComparer.Ordinal);

    public PtzVector Position => motion.Status.Position;

    public string Serial { get; set; } = "1";

    public HeadFault Fault { get; set; }

    /// <summary>How wrong the camera's clock is.</summary>
    public TimeSpan ClockOffset { get; set; } = clockOffset;

    /// <summary>Where its picture looks, −1 to 1 of its pan axis.</summary>
    public double PictureAt => Fault switch { HeadFault.Stuck => 0, HeadFault.Reversed => -Position.Pan, _ => Position.Pan };

    /// <summary>Answers POST /onvif/device_service, /onvif/media_service and /onvif/ptz_service, or the same below another root.</summary>
    public void Map(IEndpointRouteBuilder routes, string root = "onvif") =>
        routes.MapPost($"/{root}/{{service}}", async (HttpRequest request, CancellationToken stop) =>
        {
            SoapRequest? soap = await SoapRequest.ReadAsync(request.Body, stop);
            if (Fault == HeadFault.Silent)
                return Results.StatusCode((int)HttpStatusCode.ServiceUnavailable);
            SoapAnswer answer = soap is null
                ? SoapAnswer.Fault("WellFormed", "Not a SOAP envelope", HttpStatusCode.BadRequest)
                : Answer(soap, $"{request.Scheme}://{request.Host}/{root}/");
            return Results.Text(answer.Envelope, "application/soap+xml; charset=utf-8", null, (int)answer.Status);
        });

    internal SoapAnswer Answer(SoapRequest request, string services)
    {
        // Clients ask for the camera's clock first: they need it to make a token.
        if (request.Operation == "GetSystemDateAndTime")
            return SystemDateAndTime();
        if (!IsAllowed(request.Token))
            return SoapAnswer.Fault("NotAuthorized", "Sender not Authorized", HttpStatusCode.Unauthorized);
        return Device(request, services) ?? Media(request) ?? (moves ? Ptz(request) : null)
            ?? SoapAnswer.Fault("ActionNotSupported", $"{request.Operation} is not supported", HttpStatusCode.InternalServerError);
    }

    private bool IsAllowed(UsernameToken? token)
    {
        if (token is null || token.User != user)
            return false;
        var nonce = new byte[token.Nonce.Length];
        if (!Convert.TryFromBase64String(token.Nonce, nonce, out int nonceBytes))
            return false;
        if (!DateTimeOffset.TryParse(token.Created, CultureInfo.InvariantCulture, out DateTimeOffset created) || (created - Now).Duration() > OldestToken)
            return false;
#pragma warning disable CA5350 // The UsernameToken profile prescribes SHA-1.
        byte[] digest = SHA1.HashData([.. nonce.AsSpan(0, nonceBytes), .. Encoding.UTF8.GetBytes(token.Created + password)]);
#pragma warning restore CA5350
        return token.Password == Convert.ToBase64String(digest);
    }

    private DateTimeOffset Now => time.GetUtcNow() + ClockOffset;

    private SoapAnswer SystemDateAndTime()
    {
        DateTimeOffset now = Now;
        return new SoapAnswer($"""
            <tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>
            <tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>
            <tt:UTCDateTime><tt:Time><tt:Hour>{now.Hour}</tt:Hour><tt:Minute>{now.Minute}</tt:Minute><tt:Second>{now.Second}</tt:Second></tt:Time>
            <tt:Date><tt:Year>{now.Year}</tt:Year><tt:Month>{now.Month}</tt:Month><tt:Day>{now.Day}</tt:Day></tt:Date></tt:UTCDateTime>
            </tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>
            """);
    }

    private SoapAnswer? Device(SoapRequest request, string services)
    {
        static string Service(string services, string name, string version) =>
            $"<tds:Service><tds:Namespace>http://www.onvif.org/{version}/{name}/wsdl</tds:Namespace><tds:XAddr>{services}{name}_service</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>42</tt:Minor></tds:Version></tds:Service>";
        return request.Operation switch
        {
            "GetServices" => new SoapAnswer($"<tds:GetServicesResponse>{Service(services, "device", "ver10")}{Service(services, "media", "ver10")}{(moves ? Service(services, "ptz", "ver20") : "")}</tds:GetServicesResponse>"),
            "GetCapabilities" => new SoapAnswer($"""
                <tds:GetCapabilitiesResponse><tds:Capabilities>
                <tt:Device><tt:XAddr>{services}device_service</tt:XAddr></tt:Device>
                <tt:Media><tt:XAddr>{services}media_service</tt:XAddr></tt:Media>
                {(moves ? $"<tt:PTZ><tt:XAddr>{services}ptz_service</tt:XAddr></tt:PTZ>" : "")}
                </tds:Capabilities></tds:GetCapabilitiesResponse>
                """),
            "GetDeviceInformation" => new SoapAnswer($"""
                <tds:GetDeviceInformationResponse><tds:Manufacturer>EdgeAgent bench</tds:Manufacturer><tds:Model>{(moves ? "PTZ-360" : "FIX-1")}</tds:Model>
                <tds:FirmwareVersion>1</tds:FirmwareVersion><tds:SerialNumber>{WebUtility.HtmlEncode(Serial)}</tds:SerialNumber><tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>
                """),
            _ => null,
        };
    }

    private SoapAnswer? Media(SoapRequest request)
    {
        OfferedStream? named = streams().FirstOrDefault(s => s.Token == request["ProfileToken"]);
        return request.Operation switch
        {
            "GetVideoSources" => new SoapAnswer("""
                <trt:GetVideoSourcesResponse><trt:VideoSources token="source"><tt:Framerate>25</tt:Framerate>
                <tt:Resolution><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height></tt:Resolution></trt:VideoSources></trt:GetVideoSourcesResponse>
                """),
            "GetProfiles" => new SoapAnswer($"<trt:GetProfilesResponse>{string.Concat(streams().Select(s => Profile("trt:Profiles", s)))}</trt:GetProfilesResponse>"),
            "GetProfile" or "GetStreamUri" when named is null => SoapAnswer.Fault("NoProfile", "No such profile", HttpStatusCode.BadRequest),
            "GetProfile" => new SoapAnswer($"<trt:GetProfileResponse>{Profile("trt:Profile", named!)}</trt:GetProfileResponse>"),
            "GetStreamUri" => new SoapAnswer($"""
                <trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{WebUtility.HtmlEncode(named!.Url)}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>
                <tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>
                """),
            _ => null,
        };
    }

    private string Profile(string element, OfferedStream stream) => $"""
        <{element} token="{stream.Token}" fixed="true"><tt:Name>{stream.Token}</tt:Name>
        <tt:VideoSourceConfiguration token="source-config"><tt:Name>source</tt:Name><tt:UseCount>1</tt:UseCount><tt:SourceToken>source</tt:SourceToken><tt:Bounds x="0" y="0" width="1920" height="1080"/></tt:VideoSourceConfiguration>
        <tt:VideoEncoderConfiguration token="encoder-{stream.Token}"><tt:Name>encoder</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{stream.Encoding}</tt:Encoding><tt:Resolution><tt:Width>{stream.Width}</tt:Width><tt:Height>{stream.Height}</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration>
        {(moves ? """<tt:PTZConfiguration token="ptz-config"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>node</tt:NodeToken></tt:PTZConfiguration>""" : "")}</{element}>
        """;

    private SoapAnswer? Ptz(SoapRequest request)
    {
        switch (request.Operation)
        {
            case "ContinuousMove" or "AbsoluteMove" or "RelativeMove" or "GotoPreset" when Fault == HeadFault.Dead:
                return SoapAnswer.Done(request.Operation);
            case "GetStatus":
                return Status();
            case "ContinuousMove":
                motion.Move(request.PanTilt("Velocity"), request.Zoom("Velocity"), request.Duration("Timeout"));
                return SoapAnswer.Done("ContinuousMove");
            case "AbsoluteMove":
                motion.GoTo(request.PanTilt("Position"), request.Zoom("Position"));
                return SoapAnswer.Done("AbsoluteMove");
            case "RelativeMove":
                motion.GoBy(request.PanTilt("Translation"), request.Zoom("Translation"));
                return SoapAnswer.Done("RelativeMove");
            case "Stop":
                motion.Stop(request.IsTrueUnlessSaid("PanTilt"), request.IsTrueUnlessSaid("Zoom"));
                return SoapAnswer.Done("Stop");
            default:
                return Presets(request);
        }
    }

    private SoapAnswer? Presets(SoapRequest request)
    {
        lock (gate)
        {
            string token = request["PresetToken"];
            switch (request.Operation)
            {
                case "SetPreset":
                    if (token.Length == 0)
                        token = $"preset-{presets.Count + 1}";
                    if (presets.Count >= MaxPresets && !presets.ContainsKey(token))
                        return SoapAnswer.Fault("TooManyPresets", $"At most {MaxPresets} presets", HttpStatusCode.BadRequest);
                    presets[token] = (request["PresetName"], motion.Status.Position);
                    return new SoapAnswer($"<tptz:SetPresetResponse><tptz:PresetToken>{WebUtility.HtmlEncode(token)}</tptz:PresetToken></tptz:SetPresetResponse>");
                case "GetPresets":
                    return new SoapAnswer($"<tptz:GetPresetsResponse>{string.Concat(presets.Select(p => Preset(p.Key, p.Value.Name, p.Value.At)))}</tptz:GetPresetsResponse>");
                case "GotoPreset" or "RemovePreset" when !presets.ContainsKey(token):
                    return SoapAnswer.Fault("NoToken", "No such preset", HttpStatusCode.BadRequest);
                case "GotoPreset":
                    PtzVector at = presets[token].At;
                    motion.GoTo((at.Pan, at.Tilt), at.Zoom);
                    return SoapAnswer.Done("GotoPreset");
                case "RemovePreset":
                    presets.Remove(token);
                    return SoapAnswer.Done("RemovePreset");
                default:
                    return null;
            }
        }
    }

    private static string Preset(string token, string name, PtzVector at) =>
        $"<tptz:Preset token=\"{WebUtility.HtmlEncode(token)}\"><tt:Name>{WebUtility.HtmlEncode(name)}</tt:Name>{Vector("tt:PTZPosition", at)}</tptz:Preset>";

    private SoapAnswer Status()
    {
        (PtzVector position, bool panTiltMoving, bool zoomMoving) = motion.Status;
        return new SoapAnswer($"""
            <tptz:GetStatusResponse><tptz:PTZStatus>{Vector("tt:Position", position)}
            <tt:MoveStatus><tt:PanTilt>{(panTiltMoving ? "MOVING" : "IDLE")}</tt:PanTilt><tt:Zoom>{(zoomMoving ? "MOVING" : "IDLE")}</tt:Zoom></tt:MoveStatus>
            <tt:UtcTime>{time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>
            """);
    }

    private static string Vector(string element, PtzVector at) =>
        string.Create(CultureInfo.InvariantCulture, $"<{element}><tt:PanTilt x=\"{at.Pan:F4}\" y=\"{at.Tilt:F4}\"/><tt:Zoom x=\"{at.Zoom:F4}\"/></{element}>");
}
