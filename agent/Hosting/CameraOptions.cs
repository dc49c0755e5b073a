namespace EdgeAgent.Agent.Hosting;

/// <summary>One camera of the car.</summary>
internal sealed record CameraOptions
{
    /// <summary>Short and unique: letters, digits, '-', '_'; at most 32.</summary>
    public string Id { get; init; } = "";

    public string LabelZh { get; init; } = "";

    public string LabelEn { get; init; } = "";

    /// <summary>Main stream: rtsp:// with user and password where needed and not kept sealed (edgectl cameras login), or a file.</summary>
    public string Main { get; init; } = "";

    /// <summary>Sub-stream for detection and live view; empty: the main stream serves for both.</summary>
    public string Sub { get; init; } = "";

    /// <summary>ONVIF device service of a camera that can be steered; empty: it cannot.</summary>
    public string Ptz { get; init; } = "";

    public string PtzUser { get; init; } = "";

    public string PtzPassword { get; init; } = "";

    /// <summary>Where a PTZ looks at the middle of its pan axis, clockwise from the car's front, degrees. Default 0, −360 to 360.</summary>
    public double MountDegrees { get; init; }

    /// <summary>How far its pan axis goes from one end to the other, degrees. Default 360, 10 to 720.</summary>
    public double PanSpanDegrees { get; init; } = 360;

    /// <summary>How far its tilt axis goes from one end to the other, degrees. Default 90, 10 to 360.</summary>
    public double TiltSpanDegrees { get; init; } = 90;

    /// <summary>How many times nearer it brings things when zoomed in as far as it can. Default 20, 1 to 100.</summary>
    public double ZoomTimes { get; init; } = 20;

    /// <summary>How fast it pans at most, degrees a second. Default 90, 1 to 1000.</summary>
    public double PanDegreesPerSecond { get; init; } = 90;

    /// <summary>How wide it sees when not zoomed, degrees. Default 60, 1 to 180.</summary>
    public double ViewDegrees { get; init; } = 60;

    /// <summary>The cab camera: shown to the officer and looked at for their sign-in; never recorded, leased or matched. Default false.</summary>
    public bool PreviewOnly { get; init; }

    public IEnumerable<string> Problems(int index)
    {
        string where = $"Cameras[{index}]";
        if (Id.Length is 0 or > 32 || !Id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            yield return $"{where}.Id is '{Id}': give 1 to 32 letters, digits, '-' or '_'.";
        if (Main.Length == 0)
            yield return $"{where}.Main is empty: give the camera's main stream, such as rtsp://user:password@192.0.2.10/main.";
        if (Ptz.Length > 0 && !(Uri.TryCreate(Ptz, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"))
            yield return $"{where}.Ptz is not an http address: give the camera's ONVIF device service, or leave it out.";
        if (PreviewOnly && Ptz.Length > 0)
            yield return $"{where} is for preview only and cannot be steered: leave out Ptz.";
        foreach ((string name, double value, double least, double most) in Axis())
        {
            if (!(value >= least && value <= most))
                yield return $"{where}.{name} is {value}: give {least} to {most}.";
        }
    }

    private (string Name, double Value, double Least, double Most)[] Axis() =>
    [
        (nameof(MountDegrees), MountDegrees, -360, 360), (nameof(PanSpanDegrees), PanSpanDegrees, 10, 720),
        (nameof(PanDegreesPerSecond), PanDegreesPerSecond, 1, 1000), (nameof(ViewDegrees), ViewDegrees, 1, 180),
        (nameof(TiltSpanDegrees), TiltSpanDegrees, 10, 360), (nameof(ZoomTimes), ZoomTimes, 1, 100),
    ];
}
