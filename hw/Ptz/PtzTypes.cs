namespace EdgeAgent.Hw.Ptz;

/// <summary>Where an ONVIF camera is.</summary>
/// <param name="DeviceService">Such as http://10.0.0.64/onvif/device_service.</param>
/// <param name="User">ONVIF user.</param>
/// <param name="Password">Its password; sent as a digest only.</param>
public sealed record PtzOptions(Uri DeviceService, string User, string Password)
{
    /// <summary>Longest wait for one answer. Default 3 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

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

/// <summary>The camera refused, or did not answer.</summary>
public sealed class PtzException : Exception
{
    public PtzException(string message)
        : base(message)
    {
    }

    public PtzException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public PtzException()
    {
    }
}
