using System.Net;

namespace EdgeAgent.Agent.Hosting;

/// <summary>What the car can run with and nobody should mean: unsafe or odd settings, a sentence each that begins with the key.</summary>
internal static class OptionsWarnings
{
    private const UnixFileMode ByOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    // Faces and plates were measured from these on (models/cards, README's figures).
    private const int MeasuredFacePx = 32, MeasuredWidth = 640;
    private const double ManyFalseAlerts = 10;

    private static readonly string[] Fleeting = ["/tmp/", "/run/", "/dev/shm/", "/var/tmp/"];

    // What cameras leave the factory with.
    private static readonly HashSet<string> FactoryPasswords = ["", "admin", "12345", "123456", "888888", "password", "pass", "root", "1234", "admin123"];

    /// <param name="file">Where they stand, for who may read it.</param>
    public static IEnumerable<string> Of(CarOptions options, string file) =>
        Places(options, file).Concat(Net(options)).Concat(options.Cameras.SelectMany(Camera)).Concat(Among(options)).Concat(Seeing(options));

    private static IEnumerable<string> Places(CarOptions options, string file)
    {
        if (Fleeting.FirstOrDefault(f => (options.DataDirectory + "/").StartsWith(f, StringComparison.Ordinal)) is { } fleeting)
            yield return $"DataDirectory is {options.DataDirectory}: what lies under {fleeting} is gone after a restart, undelivered events with it.";
        UnixFileMode mode = File.GetUnixFileMode(file) & ByOthers;
        bool secrets = options.Cameras.Any(c => c.PtzPassword.Length > 0 || UserOf(c.Main).Length > 0 || UserOf(c.Sub).Length > 0);
        if (secrets && (mode & UnixFileMode.OtherRead) != 0)
            yield return $"{file} holds passwords of cameras and every user of this box can read it: chmod 640, chgrp edge-agent, or keep them sealed: edgectl cameras login.";
        if ((mode & ~UnixFileMode.OtherRead) != 0)
            yield return $"{file} can be changed by others than its owner: chmod 640.";
        foreach ((string key, string path) in ((string, string)[])
            [("Terminal.MapFile", options.Terminal.MapFile), ("Power.IgnitionFile", options.Power.IgnitionFile), ("Sos.KeyDevice", options.Sos.KeyDevice)])
        {
            if (path.Length > 0 && !File.Exists(path))
                yield return $"{key} is {path}, which is not there.";
        }
    }

    private static IEnumerable<string> Net(CarOptions options)
    {
        if (!new Uri(options.Terminal.Url).IsLoopback)
            yield return $"Terminal.Url is {options.Terminal.Url}: whoever is in the car's network reaches the officer's page, unencrypted. Give http://127.0.0.1 unless the screen is a machine of its own.";
        if (new Uri(options.Centre).IsLoopback)
            yield return $"Centre is {options.Centre}: that is this box itself, as on a bench.";
        foreach (string again in options.CentreAlsoAt.Append(options.Centre).Select(c => new Uri(c)).GroupBy(c => c).Where(g => g.Count() > 1).Select(g => g.Key.ToString()))
            yield return $"CentreAlsoAt names {again} again: it stands in for nothing.";
        if (!options.Vision.Spawn)
            yield return "Vision.Spawn is false: any process of the agent's user may speak as the one that looks, as on a bench.";
    }

    private static IEnumerable<string> Camera(CameraOptions camera, int index)
    {
        string where = $"Cameras[{index}]";
        foreach ((string key, string address) in ((string, string)[])[("Main", camera.Main), ("Sub", camera.Sub)])
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || !uri.Scheme.StartsWith("rtsp", StringComparison.Ordinal))
            {
                if (address.StartsWith("rtsp", StringComparison.Ordinal))
                    yield return $"{where}.{key} cannot be read as an address: in a password write '@' as %40, '/' as %2F and '#' as %23.";
                else if (address.Length > 0)
                    yield return $"{where}.{key} is a file and no camera, as on a bench.";
                continue;
            }
            if (FactoryPasswords.Contains(Uri.UnescapeDataString(UserOf(address).Split(':', 2).ElementAtOrDefault(1) ?? "")))
                yield return $"{where}.{key} has no password, or one that cameras leave the factory with: set one of its own.";
            if (IPAddress.TryParse(uri.Host, out IPAddress? ip) && !IsPrivate(ip))
                yield return $"{where}.{key} is at {ip}, outside of the car's own network: its video would cross others' unencrypted.";
        }
        if (camera.Sub.Length == 0 && !camera.PreviewOnly)
            yield return $"{where}.Sub is empty: detection decodes the main stream, which costs several times as much.";
        if (camera.Sub.Length > 0 && camera.Sub == camera.Main)
            yield return $"{where}.Sub is the main stream again: leave it out, or give the camera's small one.";
        else if (HostOf(camera.Sub) is { } sub && HostOf(camera.Main) is { } main && sub != main)
            yield return $"{where}.Sub is of another camera ({sub}) than Main ({main}).";
        if (HostOf(camera.Ptz) is { } steered && HostOf(camera.Main) is { } seen && steered != seen)
            yield return $"{where}.Ptz steers another camera ({steered}) than the one that is seen ({seen}).";
        if (camera.Ptz.Length > 0 && camera.PtzUser.Length > 0 && FactoryPasswords.Contains(camera.PtzPassword))
            yield return $"{where}.PtzPassword is empty, or one that cameras leave the factory with: set one of its own.";
        if (camera.LabelZh.Length == 0 || camera.LabelEn.Length == 0)
            yield return $"{where} lacks LabelZh or LabelEn: officers then read its Id.";
    }

    private static IEnumerable<string> Among(CarOptions options)
    {
        foreach (var same in options.Cameras.Select((c, i) => (Stream: OptionsShown.WithoutSecrets(c.Main), i)).GroupBy(c => c.Stream).Where(g => g.Count() > 1))
            yield return $"Cameras {string.Join(" and ", same.Select(c => $"[{c.i}]"))} have the same Main, {same.Key}: one camera is seen twice and another not at all.";
        if (options.SignIn.WatchesCab && !options.Cameras.Any(c => c.PreviewOnly))
            yield return "SignIn.WatchesCab is true, and no camera is the cab's (PreviewOnly): the touch alone counts.";
        for (int i = 0; i < options.Privacy.Places.Count; i++)
        {
            if (options.Privacy.Places[i] is { AllowViews: true, NotMatched: "none", PanFromDegrees: null })
                yield return $"Privacy.Places[{i}] forbids nothing: views are allowed, everything is matched and no sector is barred.";
        }
    }

    private static IEnumerable<string> Seeing(CarOptions options)
    {
        if (options.Alerts.FaceMinWidthPx < MeasuredFacePx)
            yield return $"Alerts.FaceMinWidthPx is {options.Alerts.FaceMinWidthPx}: faces narrower than {MeasuredFacePx} pixels were not measured, and the wrong people would be stopped.";
        if (options.Alerts.FaceFalseAlertsPer1000Visits > ManyFalseAlerts)
            yield return $"Alerts.FaceFalseAlertsPer1000Visits is {options.Alerts.FaceFalseAlertsPer1000Visits}: officers would stop looking at alerts that are so often wrong.";
        if (options.Vision.AnalysedWidth < MeasuredWidth)
            yield return $"Vision.AnalysedWidth is {options.Vision.AnalysedWidth}: plates and faces were measured at {MeasuredWidth}, and far ones are missed below.";
        if (!options.Alerts.HasClips)
            yield return "Alerts.ClipSecondsBefore and ClipSecondsAfter are 0: no video follows a confirmed alert.";
    }

    private static string UserOf(string address) => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) ? uri.UserInfo : "";

    private static string? HostOf(string address) => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Host.Length > 0 ? uri.Host : null;

    // RFC 1918, link-local and loopback; of IPv6 unique-local and link-local.
    private static bool IsPrivate(IPAddress ip) => IPAddress.IsLoopback(ip) || ip.IsIPv6LinkLocal || ip.IsIPv6UniqueLocal
        || (ip.GetAddressBytes() is [var a, var b, _, _] && (a == 10 || (a == 172 && b is >= 16 and < 32) || (a == 192 && b == 168) || (a == 169 && b == 254)));
}
