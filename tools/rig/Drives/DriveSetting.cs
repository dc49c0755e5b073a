using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Rig.Drives;

internal enum DriveLight
{
    Day,
    Dusk,
    Night,
}

/// <summary>What the hour does to a picture.</summary>
/// <param name="ShutterSeconds">Exposure as a camera chooses it that is left to itself.</param>
/// <param name="Backdrop">Share of daylight on the street.</param>
/// <param name="NoiseSigma">Of the sensor at its gain, in steps of luma.</param>
internal sealed record HourOfDay(float ShutterSeconds, float Backdrop, float NoiseSigma, VehicleLight Vehicle)
{
    public static HourOfDay Of(DriveLight light) => light switch
    {
        DriveLight.Day => new(1 / 250f, 1, 1.6f, VehicleLight.Day),
        DriveLight.Dusk => new(1 / 60f, 0.45f, 2.6f, new VehicleLight(0.45f, 0.55f, 0.5f)),
        _ => new(1 / 50f, 0.12f, 4, new VehicleLight(0.14f, 0.6f, 1)),
    };

    /// <summary>In pixels of a 1920-wide picture.</summary>
    public Lens Lens => new(DriveSetting.FocalPx, DriveSetting.LensHeightMetres, DriveSetting.HorizonPx, ShutterSeconds);

    /// <summary>
    /// A shutter that may not stay open longer. The picture stays as bright by gain, and the noise grows with the root of the light that is
    /// missing, as that of photons does: a denoising camera or an infrared lamp would do better.
    /// </summary>
    public HourOfDay Within(float longestShutterSeconds) => ShutterSeconds <= longestShutterSeconds ? this : this with
    {
        ShutterSeconds = longestShutterSeconds,
        NoiseSigma = NoiseSigma * MathF.Sqrt(ShutterSeconds / longestShutterSeconds),
    };
}

/// <summary>One camera on one drive.</summary>
/// <param name="MountDegrees">The camera looks so far to the right of straight ahead (or astern).</param>
/// <param name="OwnKmh">Own speed; 0: the car stands.</param>
/// <param name="Astern">It looks back: what is parked recedes.</param>
internal sealed record DriveSetting(string Camera, DriveLight Light, float MountDegrees, float OwnKmh, bool Astern)
{
    public const float FocalPx = 2200;
    public const float LensHeightMetres = 1.3f;
    public const float HorizonPx = 470;

    public float OwnMetresPerSecond => OwnKmh / 3.6f;

    /// <summary>The seven cameras of a drive.</summary>
    public static IReadOnlyList<DriveSetting> All(Random random)
    {
        float Kmh(float about) => MathF.Round(about * (0.85f + 0.3f * random.NextSingle()));
        return
        [
            new("cam1", DriveLight.Day, 0, Kmh(46), Astern: false),
            new("cam2", DriveLight.Day, 32, Kmh(36), Astern: false),
            new("cam3", DriveLight.Day, -28, 0, Astern: false),
            new("cam4", DriveLight.Day, 0, Kmh(30), Astern: true),
            new("cam5", DriveLight.Dusk, 0, Kmh(24), Astern: false),
            new("cam6", DriveLight.Dusk, 30, 0, Astern: false),
            new("cam7", DriveLight.Night, 0, Kmh(22), Astern: false),
        ];
    }
}
