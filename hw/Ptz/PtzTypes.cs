using EdgeAgent.Hw.Onvif;

namespace EdgeAgent.Hw.Ptz;

/// <summary>Which camera is moved, and how.</summary>
public sealed record PtzOptions(OnvifAccess Access)
{
    /// <summary>Motion without a new command stops after this. Default 600 ms: a page that holds a button repeats every 200 ms.</summary>
    public TimeSpan StopAfter { get; init; } = TimeSpan.FromMilliseconds(600);
}

/// <summary>In ONVIF's generic spaces: pan and tilt −1 … 1, zoom 0 … 1 as a place and −1 … 1 as a speed or step.</summary>
public readonly record struct PtzVector(double Pan, double Tilt, double Zoom)
{
    internal PtzVector Clamped(double leastZoom) => new(
        Clamp(Pan, -1), Clamp(Tilt, -1), Clamp(Zoom, leastZoom));

    internal bool IsZero => Pan == 0 && Tilt == 0 && Zoom == 0;

    // A NaN from a broken joystick must not become a movement.
    private static double Clamp(double value, double least) => double.IsFinite(value) ? Math.Clamp(value, least, 1) : 0;
}

/// <summary>Where the camera looks.</summary>
public sealed record PtzStatus(PtzVector Position, bool Moving);

/// <summary>A stored place.</summary>
public sealed record PtzPreset(string Token, string Name);
