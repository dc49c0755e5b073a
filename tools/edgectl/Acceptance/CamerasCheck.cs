using EdgeAgent.Agent.Hosting;
using EdgeAgent.Edgectl.Cameras;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Onvif;
using Patrol.Dispatch.V1;
using CameraOptions = EdgeAgent.Agent.Hosting.CameraOptions;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>Every camera of the settings: opened, watched, and known again by its serial number.</summary>
internal sealed class CamerasCheck(PersonCover cover) : ICheck
{
    public const string Name = "cameras";

    private const int AtOnce = 3;
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(3), Search = TimeSpan.FromSeconds(3);

    public CheckTitle Title { get; } = new(Name, "摄像机", "Cameras");

    public IReadOnlyList<string> Needs => [SettingsCheck.Name];

    public async Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        using var gate = new SemaphoreSlim(AtOnce);
        Task<IReadOnlyList<(CameraOptions Camera, OnvifCamera Told)>> known = RecogniseAsync(unit, stop);
        await Task.WhenAll(unit.Options.Cameras.Select(async camera =>
        {
            await gate.WaitAsync(stop);
            try
            {
                await StreamsAsync(unit, camera, outcome, stop);
            }
            finally
            {
                gate.Release();
            }
        }));
        foreach (string frozen in unit.Agent?.Outside.FrozenCameras ?? [])
            outcome.Found("camera_frozen", frozen);
        foreach (var same in unit.Options.Cameras.GroupBy(c => c.Main).Where(g => g.Count() > 1))
            outcome.Found("camera_doubled", string.Join(" ", same.Select(c => c.Id)));
        Judge(unit, await known, outcome);
    }

    private async Task StreamsAsync(UnitAtHand unit, CameraOptions camera, CheckOutcome outcome, CancellationToken stop)
    {
        if (await SeeAsync(unit, camera, camera.Main, outcome, stop) is not { } main)
            return;
        if (main.Width < ProbeOptions.LeastMainWidth && !camera.PreviewOnly)
            outcome.Found("camera_small", camera.Id, $"{main.Width}×{main.Height}");
        StreamSeen? sub = camera.Sub.Length == 0 || camera.Sub == camera.Main ? main : await SeeAsync(unit, camera, camera.Sub, outcome, stop);
        if (sub is null)
            return;
        if (sub != main && sub.Width > ProbeOptions.WidestSub)
            outcome.Found("camera_wide_sub", camera.Id, $"{sub.Width}×{sub.Height}");
        outcome.Measured(camera.LabelZh, camera.Id, $"{main.Codec} {main.Width}×{main.Height} {main.Fps:0.#}/s; {sub.Codec} {sub.Width}×{sub.Height} {sub.Fps:0.#}/s");
        outcome.Saw(new Shot(camera.Id, $"{camera.LabelZh} {camera.LabelEn}".Trim(), cover.Cover(sub.Jpeg)));
    }

    /// <returns>Null where nothing was seen; what is wrong was said.</returns>
    private static async Task<StreamSeen?> SeeAsync(UnitAtHand unit, CameraOptions camera, string url, CheckOutcome outcome, CancellationToken stop)
    {
        StreamSeen seen;
        try
        {
            seen = await Task.Run(() => StreamProbe.Look(url, Watch, unit.Time, stop), stop);
        }
        catch (IOException e)
        {
            bool refused = e.Message.Contains("401", StringComparison.Ordinal) || e.Message.Contains("nauthorized", StringComparison.Ordinal);
            if (!outcome.Findings.Any(f => f.About == camera.Id))
                outcome.Found(refused ? "camera_refused" : "camera_lost", camera.Id, e.Message);
            return null;
        }
        if (seen.IsBlack && !outcome.Findings.Any(f => f.About == camera.Id))
            outcome.Found("camera_black", camera.Id, $"{seen.Brightness} of 255");
        if (seen.Fps < ProbeOptions.LeastFps)
            outcome.Found("camera_slow", camera.Id, $"{seen.Fps:0.#}/s");
        return seen;
    }

    /// <summary>Which ONVIF camera answers for which of ours: by the address of its stream.</summary>
    private static async Task<IReadOnlyList<(CameraOptions Camera, OnvifCamera Told)>> RecogniseAsync(UnitAtHand unit, CancellationToken stop)
    {
        IReadOnlyList<FoundCamera> found;
        try
        {
            found = await WsDiscovery.FindAsync(new DiscoveryOptions(Search), stop);
        }
        catch (System.Net.Sockets.SocketException)
        {
            return [];
        }
        // Whoever is in the cameras' network may answer; a login is shown to those alone that stand where ours do.
        var hosts = unit.Options.Cameras.SelectMany(c => new[] { c.Main, c.Ptz }).Select(HostOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var told = await Task.WhenAll(found.Where(camera => hosts.Contains(camera.DeviceService.Host)).Select(camera => AskAsync(unit, camera, stop)));
        return [.. told.OfType<(CameraOptions, OnvifCamera)>()];
    }

    private static async Task<(CameraOptions Camera, OnvifCamera Told)?> AskAsync(UnitAtHand unit, FoundCamera found, CancellationToken stop)
    {
        foreach (var (user, password) in Logins(unit.Options).Distinct())
        {
            try
            {
                var told = await OnvifCamera.ReadAsync(new OnvifAccess(found.DeviceService, user, password), unit.Time, stop);
                var ours = unit.Options.Cameras.FirstOrDefault(c => told.Profiles.Any(p => Bare(p.StreamUri) == Bare(c.Main)));
                return ours is null ? null : (ours, told);
            }
            catch (OnvifException)
            {
                // Another camera's login, or no camera of ours.
            }
        }
        return null;
    }

    private static IEnumerable<(string User, string Password)> Logins(CarOptions options)
    {
        foreach (CameraOptions camera in options.Cameras)
        {
            if (camera.PtzUser.Length > 0)
                yield return (camera.PtzUser, camera.PtzPassword);
            if (Uri.TryCreate(camera.Main, UriKind.Absolute, out var uri) && uri.UserInfo.Split(':', 2) is [{ Length: > 0 } user, var password])
                yield return (Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
        }
    }

    private static string HostOf(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Host : "";

    private static string Bare(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.GetComponents(UriComponents.HostAndPort | UriComponents.PathAndQuery, UriFormat.Unescaped) : url;

    private static void Judge(UnitAtHand unit, IReadOnlyList<(CameraOptions Camera, OnvifCamera Told)> known, CheckOutcome outcome)
    {
        var before = unit.PartsBefore().Where(p => p.Kind == "camera" && p.Serial.Length > 0).ToDictionary(p => p.Place, p => p.Serial);
        foreach (var (camera, told) in known)
        {
            outcome.Holds(new InstalledPart { Kind = "camera", Place = camera.Id, Model = $"{told.Manufacturer} {told.Model}".Trim(), Serial = told.Serial, Firmware = told.Firmware });
            // Against the centre's clock, so that a box that is wrong does not blame its cameras.
            TimeSpan wrong = told.ClockOffset - (unit.ClockOffset ?? TimeSpan.Zero);
            if (wrong.Duration().TotalSeconds > ProbeOptions.ClockSeconds)
                outcome.Found("camera_clock", camera.Id, $"{wrong.Duration().TotalSeconds:0} s {(wrong > TimeSpan.Zero ? "ahead" : "behind")}");
            if (told.Serial.Length == 0 || !before.TryGetValue(camera.Id, out string? serial) || serial == told.Serial)
                continue;
            if (before.FirstOrDefault(b => b.Value == told.Serial).Key is { } place)
                outcome.Found("camera_swapped", camera.Id, $"the camera of {place} is here");
            else
                outcome.Found("camera_changed", camera.Id, $"{serial} → {told.Serial}");
        }
    }
}
