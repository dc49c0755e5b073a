using System.Globalization;
using System.Xml.Linq;
using EdgeAgent.Hw.Onvif;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Hw.Ptz;

/// <summary>
/// Moves one ONVIF camera. A movement goes on only while commands keep coming: when they stop, for whatever reason, the camera is
/// stopped. Thread-safe; commands are sent one at a time.
/// </summary>
public sealed partial class PtzClient : IAsyncDisposable
{
    private static readonly XNamespace s_ptz = OnvifDevice.Ptz, s_schema = OnvifDevice.Schema;
    private static readonly TimeSpan s_longestHold = TimeSpan.FromSeconds(10), s_look = TimeSpan.FromMilliseconds(200);
    private readonly PtzOptions _options;
    private readonly ILogger<PtzClient> _logger;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _one = new(1);
    private readonly ITimer _watchdog;
    private readonly CancellationTokenSource _closing = new();
    private Session? _session;
    private volatile bool _moving;

    public PtzClient(PtzOptions options, TimeProvider time, ILogger<PtzClient> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _options = options;
        _logger = logger;
        _time = time;
        _watchdog = time.CreateTimer(_ => _ = StopByWatchdogAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Turns there and waits until it stands.</summary>
    /// <param name="place">Where to.</param>
    /// <param name="longest">How long it may take; then its status is given although it moves.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="OnvifException">The camera refused or did not answer.</exception>
    public async Task<PtzStatus> GoAndStandAsync(PtzVector place, TimeSpan longest, CancellationToken stop)
    {
        await GoToAsync(place, stop);
        long began = _time.GetTimestamp();
        while (true)
        {
            await Task.Delay(s_look, _time, stop);
            var status = await StatusAsync(stop);
            if (!status.Moving || _time.GetElapsedTime(began) > longest)
                return status;
        }
    }

    /// <summary>Moves at a speed until the next command, at most for <paramref name="hold"/>; a zero speed stops.</summary>
    /// <param name="speed">Of each axis, −1 … 1.</param>
    /// <param name="stop">Ends the wait for the camera's answer.</param>
    /// <param name="hold">Default <see cref="PtzOptions.StopAfter"/>, at most ten seconds.</param>
    /// <exception cref="OnvifException">The camera refused or did not answer.</exception>
    public async Task MoveAsync(PtzVector speed, CancellationToken stop, TimeSpan? hold = null)
    {
        var stopAfter = TimeSpan.FromTicks(Math.Clamp((hold ?? _options.StopAfter).Ticks, 0, s_longestHold.Ticks));
        speed = speed.Clamped(-1);
        if (speed.IsZero)
        {
            await StopAsync(stop);
            return;
        }
        // Armed before the command: should its answer be lost, the movement still ends. The camera's own timeout is the second net.
        ArmWatchdog(stopAfter);
        await CommandAsync(
            profile => new XElement(
                s_ptz + "ContinuousMove", profile, new XElement(s_ptz + "Velocity", Parts(speed)),
                new XElement(s_ptz + "Timeout", $"PT{Math.Ceiling(stopAfter.TotalSeconds * 10) / 10:0.0}S")),
            stop);
    }

    /// <summary>Goes to a place.</summary>
    /// <inheritdoc cref="MoveAsync" path="/exception"/>
    public Task GoToAsync(PtzVector place, CancellationToken stop) => CommandAsync(
        profile => new XElement(s_ptz + "AbsoluteMove", profile, new XElement(s_ptz + "Position", Parts(place.Clamped(0)))), stop);

    /// <summary>Goes on by a step from where it is.</summary>
    /// <inheritdoc cref="MoveAsync" path="/exception"/>
    public Task StepAsync(PtzVector step, CancellationToken stop) => CommandAsync(
        profile => new XElement(s_ptz + "RelativeMove", profile, new XElement(s_ptz + "Translation", Parts(step.Clamped(-1)))), stop);

    /// <summary>Stops all movement.</summary>
    /// <inheritdoc cref="MoveAsync" path="/exception"/>
    public async Task StopAsync(CancellationToken stop)
    {
        await CommandAsync(
            profile => new XElement(
                s_ptz + "Stop", profile, new XElement(s_ptz + "PanTilt", "true"), new XElement(s_ptz + "Zoom", "true")), stop);
        _moving = false;
        _watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Where the camera looks.</summary>
    /// <inheritdoc cref="MoveAsync" path="/exception"/>
    public async Task<PtzStatus> StatusAsync(CancellationToken stop)
    {
        var answer = await CommandAsync(profile => new XElement(s_ptz + "GetStatus", profile), stop);
        var position = answer.Descendants(s_schema + "Position").FirstOrDefault();
        bool moving = answer.Descendants(s_schema + "MoveStatus").Elements().Any(e => e.Value == "MOVING");
        var panTilt = position?.Element(s_schema + "PanTilt");
        return new PtzStatus(
            new PtzVector(Number(panTilt, "x"), Number(panTilt, "y"), Number(position?.Element(s_schema + "Zoom"), "x")), moving);
    }

    /// <summary>The stored places.</summary>
    /// <inheritdoc cref="MoveAsync" path="/exception"/>
    public async Task<IReadOnlyList<PtzPreset>> PresetsAsync(CancellationToken stop)
    {
        var answer = await CommandAsync(profile => new XElement(s_ptz + "GetPresets", profile), stop);
        return [.. answer.Elements(s_ptz + "Preset").Select(p => new PtzPreset(
            p.Attribute("token")?.Value ?? "", p.Element(s_schema + "Name")?.Value ?? ""))];
    }

    /// <summary>Stores where the camera looks now; the answer is its token.</summary>
    /// <inheritdoc cref="MoveAsync" path="/exception"/>
    public async Task<string> SavePresetAsync(string name, CancellationToken stop)
    {
        var answer = await CommandAsync(
            profile => new XElement(s_ptz + "SetPreset", profile, new XElement(s_ptz + "PresetName", name)), stop);
        return answer.Element(s_ptz + "PresetToken")?.Value ?? throw new OnvifException("SetPreset: the camera named no preset");
    }

    /// <summary>Goes to a stored place.</summary>
    /// <inheritdoc cref="MoveAsync" path="/exception"/>
    public Task GoToPresetAsync(string token, CancellationToken stop) => CommandAsync(
        profile => new XElement(s_ptz + "GotoPreset", profile, new XElement(s_ptz + "PresetToken", token)), stop);

    /// <summary>Stops a movement that is going on, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _watchdog.DisposeAsync();
        if (_moving)
            await StopByWatchdogAsync();
        await _closing.CancelAsync();
        _session?.Device.Dispose();
        _one.Dispose();
        _closing.Dispose();
    }

    private void ArmWatchdog(TimeSpan stopAfter)
    {
        _moving = true;
        _watchdog.Change(stopAfter, Timeout.InfiniteTimeSpan);
    }

    private async Task StopByWatchdogAsync()
    {
        try
        {
            await StopAsync(_closing.Token);
        }
        catch (OnvifException e)
        {
            // The camera's own timeout ends the movement; trying again keeps a lost stop from being the last word.
            LogNotStopped(_logger, e.Message);
            if (_moving && !_closing.IsCancellationRequested)
                _watchdog.Change(_options.StopAfter, Timeout.InfiniteTimeSpan);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Closing.
        }
    }

    private async Task<XElement> CommandAsync(Func<XElement, XElement> request, CancellationToken stop)
    {
        // A camera that answers slower than it is asked must not collect a queue of movements to make later.
        if (!await _one.WaitAsync(_options.Access.Timeout, stop))
            throw new OnvifException("the camera is still busy with an earlier command");
        try
        {
            _session ??= await OpenAsync(stop);
            var profile = new XElement(s_ptz + "ProfileToken", _session.Profile);
            return await _session.Device.CallAsync(s_ptz, request(profile), stop);
        }
        catch (OnvifException)
        {
            // The camera may have restarted, with another clock or other profiles: ask again next time.
            _session?.Device.Dispose();
            _session = null;
            throw;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<Session> OpenAsync(CancellationToken stop)
    {
        var device = await OnvifDevice.OpenAsync(_options.Access, _time, stop);
        try
        {
            var profiles = await device.CallAsync(OnvifDevice.Media, new XElement(OnvifDevice.Media + "GetProfiles"), stop);
            string token = profiles.Elements(OnvifDevice.Media + "Profiles").FirstOrDefault(p => p.Element(s_schema + "PTZConfiguration") is not null)
                ?.Attribute("token")?.Value ?? throw new OnvifException("the camera has no profile that can be moved");
            return new Session(device, token);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    private static object[] Parts(PtzVector vector) =>
    [
        new XElement(s_schema + "PanTilt", new XAttribute("x", Text(vector.Pan)), new XAttribute("y", Text(vector.Tilt))),
        new XElement(s_schema + "Zoom", new XAttribute("x", Text(vector.Zoom))),
    ];

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static double Number(XElement? element, string attribute) => OnvifDevice.Number(element?.Attribute(attribute)?.Value);

    [LoggerMessage(1201, LogLevel.Warning, "PTZ could not be stopped: {Detail}")]
    private static partial void LogNotStopped(ILogger logger, string detail);

    private sealed record Session(OnvifDevice Device, string Profile);
}
