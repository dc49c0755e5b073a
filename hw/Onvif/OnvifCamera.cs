using System.Xml.Linq;

namespace EdgeAgent.Hw.Onvif;

/// <summary>What a camera says of itself.</summary>
/// <param name="ClockOffset">Its clock minus ours.</param>
/// <param name="CanMove">It has a profile with a PTZ configuration.</param>
public sealed record OnvifCamera(
    string Manufacturer, string Model, string Firmware, string Serial, TimeSpan ClockOffset, bool CanMove, IReadOnlyList<OnvifProfile> Profiles)
{
    private const int MostProfiles = 16;

    /// <summary>The profile with the most pixels: evidence and reading. Null: the camera has none.</summary>
    public OnvifProfile? MainProfile => Profiles.MaxBy(p => p.Pixels);

    /// <summary>The largest of the others that is no wider than detection wants; else the smallest. Null: there is but one.</summary>
    /// <param name="widest">Pixels.</param>
    public OnvifProfile? SubProfile(int widest) =>
        Profiles.Where(p => p != MainProfile && p.Width <= widest).MaxBy(p => p.Pixels) ?? Profiles.Where(p => p != MainProfile).MinBy(p => p.Pixels);

    /// <summary>Asks for maker, profiles and each profile's stream.</summary>
    /// <exception cref="OnvifException">The camera refused or did not answer.</exception>
    public static async Task<OnvifCamera> ReadAsync(OnvifAccess access, TimeProvider time, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(time);
        using var device = await OnvifDevice.OpenAsync(access, time, stop);
        var told = await device.CallAsync(OnvifDevice.Device, new XElement(OnvifDevice.Device + "GetDeviceInformation"), stop);
        string Told(string name) => told.Element(OnvifDevice.Device + name)?.Value.Trim() ?? "";
        var listed = await device.CallAsync(OnvifDevice.Media, new XElement(OnvifDevice.Media + "GetProfiles"), stop);
        var profiles = new List<OnvifProfile>();
        bool canMove = false;
        foreach (var profile in listed.Elements(OnvifDevice.Media + "Profiles").Take(MostProfiles))
        {
            canMove |= device.Offers(OnvifDevice.Ptz) && profile.Element(OnvifDevice.Schema + "PTZConfiguration") is not null;
            if (profile.Attribute("token")?.Value is { Length: > 0 } token)
                profiles.Add(Describe(profile, token, await StreamOfAsync(device, token, stop)));
        }
        return new OnvifCamera(Told("Manufacturer"), Told("Model"), Told("FirmwareVersion"), Told("SerialNumber"), device.ClockOffset, canMove, profiles);
    }

    private static OnvifProfile Describe(XElement profile, string token, string stream)
    {
        var encoder = profile.Element(OnvifDevice.Schema + "VideoEncoderConfiguration");
        var size = encoder?.Element(OnvifDevice.Schema + "Resolution");
        int Side(string name) => (int)OnvifDevice.Number(size?.Element(OnvifDevice.Schema + name)?.Value);
        return new OnvifProfile(
            token, profile.Element(OnvifDevice.Schema + "Name")?.Value ?? "", encoder?.Element(OnvifDevice.Schema + "Encoding")?.Value ?? "",
            Side("Width"), Side("Height"), stream);
    }

    private static async Task<string> StreamOfAsync(OnvifDevice device, string token, CancellationToken stop)
    {
        var question = new XElement(
            OnvifDevice.Media + "GetStreamUri",
            new XElement(
                OnvifDevice.Media + "StreamSetup",
                new XElement(OnvifDevice.Schema + "Stream", "RTP-Unicast"),
                new XElement(OnvifDevice.Schema + "Transport", new XElement(OnvifDevice.Schema + "Protocol", "RTSP"))),
            new XElement(OnvifDevice.Media + "ProfileToken", token));
        string uri = (await device.CallAsync(OnvifDevice.Media, question, stop)).Descendants(OnvifDevice.Schema + "Uri").FirstOrDefault()?.Value.Trim() ?? "";
        // What a camera names is opened by FFmpeg, which would read a file or another protocol just as well.
        return Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.Scheme is "rtsp" or "rtsps"
            ? uri
            : throw new OnvifException($"GetStreamUri: profile {token} has no RTSP stream");
    }
}

/// <summary>One stream that a camera offers.</summary>
/// <param name="Encoding">As the camera says: H264, H265, JPEG.</param>
/// <param name="Width">Pixels; 0: not said.</param>
public sealed record OnvifProfile(string Token, string Name, string Encoding, int Width, int Height, string StreamUri)
{
    public long Pixels => (long)Width * Height;
}
