using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Privacy;
using EdgeAgent.Hw.Onvif;
using EdgeAgent.Hw.Ptz;

namespace EdgeAgent.Agent.Live;

/// <summary>
/// Steers the cameras that can be steered. A movement ends by itself: whoever wants to go on says so again. Where a privacy place bars
/// a sector, nobody steers into it, and a camera whose direction cannot be told from the compass is not steered at all.
/// </summary>
internal sealed class PtzDesk(CarOptions options, CameraLogins logins, PrivacyBook privacy, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private const string Barred = "privacy_sector";

    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5), ShortestHold = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, (CameraOptions Options, PtzClient Client)> cameras = options.Cameras.Where(c => c.Ptz.Length > 0 && !c.PreviewOnly).Select(logins.Into).ToDictionary(
        c => c.Id, c => (c, new PtzClient(new PtzOptions(new OnvifAccess(new Uri(c.Ptz), c.PtzUser, c.PtzPassword)), time, loggers.CreateLogger<PtzClient>())));

    private readonly Dictionary<string, string> hands = [];

    // Cameras on their way out of a sector: turned away once, however long the head takes.
    private readonly HashSet<string> turning = [];

    private static readonly TimeSpan PresetsWithin = TimeSpan.FromSeconds(1.5);
    private const int MostPresets = 32, MostPresetCharacters = 60;

    /// <summary>Places that the camera's head knows by name; none where it has no head or does not answer in time.</summary>
    public async Task<IReadOnlyList<PtzPreset>> PresetsAsync(string cameraId, CancellationToken stop)
    {
        if (!cameras.TryGetValue(cameraId, out (CameraOptions Options, PtzClient Client) camera))
            return [];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(PresetsWithin);
        try
        {
            return [.. (await camera.Client.PresetsAsync(limit.Token)).Where(p => p.Token.Length <= MostPresetCharacters && p.Name.Length <= MostPresetCharacters).Take(MostPresets)];
        }
        catch (Exception error) when (error is OnvifException or OperationCanceledException)
        {
            // It can be steered without.
            return [];
        }
    }

    public bool CanSteer(string cameraId) => cameras.ContainsKey(cameraId);

    /// <summary>Whether somebody else steered this camera last: one hand's many small movements are one audit record.</summary>
    public bool IsNewHand(string cameraId, string hand)
    {
        lock (hands)
        {
            bool isNew = hands.GetValueOrDefault(cameraId) != hand;
            hands[cameraId] = hand;
            return isNew;
        }
    }

    /// <returns>"" when the camera took it; no_ptz, camera_refused or privacy_sector.</returns>
    public Task<string> MoveAsync(string cameraId, PtzVector speed, int holdMs, CancellationToken stop)
    {
        TimeSpan hold = TimeSpan.FromMilliseconds(holdMs);
        hold = hold < ShortestHold ? ShortestHold : hold > LongestHold ? LongestHold : hold;
        if (speed is { Pan: 0, Tilt: 0, Zoom: 0 })
            return StopAsync(cameraId, stop);
        // As far as it could come before the movement ends by itself.
        return DoAsync(
            cameraId, c => c.MoveAsync(speed, stop, hold),
            (at, camera) => at + speed.Pan * hold.TotalSeconds * camera.PanDegreesPerSecond * 2 / camera.PanSpanDegrees, stop);
    }

    /// <inheritdoc cref="MoveAsync"/>
    public Task<string> GoToAsync(string cameraId, PtzVector place, CancellationToken stop) =>
        DoAsync(cameraId, c => c.GoToAsync(place, stop), (_, _) => place.Pan, stop);

    /// <inheritdoc cref="MoveAsync"/>
    public Task<string> StepAsync(string cameraId, PtzVector step, CancellationToken stop) =>
        DoAsync(cameraId, c => c.StepAsync(step, stop), (at, _) => at + step.Pan, stop);

    /// <summary>Turns to what stands there in the picture, so that it comes to its middle.</summary>
    /// <param name="right">From the middle, as a share of the picture's width, −0.5 to 0.5.</param>
    /// <param name="down">From the middle, as a share of its height, −0.5 to 0.5. The picture is taken to be 16:9.</param>
    /// <inheritdoc cref="MoveAsync"/>
    public async Task<string> CentreAsync(string cameraId, double right, double down, CancellationToken stop)
    {
        if (!cameras.TryGetValue(cameraId, out (CameraOptions Options, PtzClient Client) camera))
            return "no_ptz";
        double zoom;
        try
        {
            zoom = (await camera.Client.StatusAsync(stop)).Position.Zoom;
        }
        catch (OnvifException)
        {
            return "camera_refused";
        }
        double viewDegrees = camera.Options.ViewDegrees / (1 + (Math.Clamp(zoom, 0, 1) * (camera.Options.ZoomTimes - 1)));
        // Both axes go from -1 to 1; a camera tilts up with the greater number.
        var step = new PtzVector(
            Math.Clamp(right, -0.5, 0.5) * viewDegrees * 2 / camera.Options.PanSpanDegrees,
            -Math.Clamp(down, -0.5, 0.5) * viewDegrees * 9 / 16 * 2 / camera.Options.TiltSpanDegrees, 0);
        return await StepAsync(cameraId, step, stop);
    }

    /// <summary>Nobody knows where a stored place is before the camera is there.</summary>
    /// <inheritdoc cref="MoveAsync"/>
    public Task<string> GoToPresetAsync(string cameraId, string token, CancellationToken stop) =>
        DoAsync(cameraId, c => c.GoToPresetAsync(token, stop), (_, _) => null, stop);

    /// <inheritdoc cref="MoveAsync"/>
    public Task<string> StopAsync(string cameraId, CancellationToken stop) => DoAsync(cameraId, c => c.StopAsync(stop), goesTo: null, stop);

    /// <summary>Turns each camera that looks into a barred sector to the nearest edge of it, and zooms out.</summary>
    /// <returns>The cameras that were turned, once each; "" or, in words, which one could not be asked or turned.</returns>
    public async Task<(IReadOnlyList<string> Turned, string Problem)> TurnAwayAsync(CancellationToken stop)
    {
        string problem = "";
        var turned = new List<string>();
        foreach ((string id, (CameraOptions camera, PtzClient client)) in cameras)
        {
            PanSector sector = SectorOf(camera);
            if (sector.IsNone)
            {
                _ = turning.Remove(id);
                continue;
            }
            try
            {
                PtzVector at = (await client.StatusAsync(stop)).Position;
                if (!sector.Bars(at.Pan))
                {
                    _ = turning.Remove(id);
                    continue;
                }
                if (sector.NearestFree(at.Pan) is not { } free)
                {
                    problem = $"camera {id} cannot be turned away from the sector: nothing else is left, or the heading is unknown";
                    continue;
                }
                await client.GoToAsync(new PtzVector(free, at.Tilt, 0), stop);
                if (turning.Add(id))
                    turned.Add(id);
            }
            catch (OnvifException)
            {
                problem = $"camera {id} does not answer, so it is not known where it looks";
            }
        }
        return (turned, problem);
    }

    private PanSector SectorOf(CameraOptions camera)
    {
        PrivacyNow now = privacy.Look();
        return new PanSector(camera, [.. now.SectorsOf(camera.Id)], now.HeadingDegrees);
    }

    /// <param name="goesTo">From where the camera is, where it comes to; null when nobody can say. Null itself: it goes nowhere.</param>
    private async Task<string> DoAsync(string cameraId, Func<PtzClient, Task> act, Func<double, CameraOptions, double?>? goesTo, CancellationToken stop)
    {
        if (!cameras.TryGetValue(cameraId, out (CameraOptions Options, PtzClient Client) camera))
            return "no_ptz";
        try
        {
            if (goesTo is not null && SectorOf(camera.Options) is { IsNone: false } sector)
            {
                double at = (await camera.Client.StatusAsync(stop)).Position.Pan;
                if (goesTo(at, camera.Options) is not { } to || sector.Crosses(at, Math.Clamp(to, -1, 1)))
                    return Barred;
            }
            await act(camera.Client);
            return "";
        }
        catch (OnvifException)
        {
            return "camera_refused";
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((_, PtzClient client) in cameras.Values)
            await client.DisposeAsync();
    }
}
