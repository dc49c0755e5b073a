using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Rig.Drives;

/// <summary>Format and length of drives.</summary>
internal sealed record DriveOptions
{
    /// <summary>Everything random follows from it.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Length of each camera's clip. Default 36 s.</summary>
    public float Seconds { get; init; } = 36;

    /// <summary>Main stream, pixels, 16:9. Default 1920.</summary>
    public int Width { get; init; } = 1920;

    /// <summary>All streams. Default 15: drawing is slow. Cameras give 25, of which ten a second are looked at.</summary>
    public int FramesPerSecond { get; init; } = 15;

    /// <summary>Main stream, bits a second. Default 4 Mb/s.</summary>
    public int BitsPerSecond { get; init; } = 4_000_000;

    /// <summary>
    /// Limit set in the cameras. Default 1/250 s, what Milestone's LPR manual gives for up to 22 km/h, the own speed of the dark drives (1/500 s
    /// for 45 km/h); infinite: automatic exposure, as of a camera that nobody has set up.
    /// </summary>
    public float LongestShutterSeconds { get; init; } = 1 / 250f;

    public int Height => Width * 9 / 16;

    public int FrameCount => (int)(Seconds * FramesPerSecond);

    public ClipOptions Clip => new() { Seed = Seed, LoopSeconds = Seconds, Width = Width, Height = Height, FramesPerSecond = FramesPerSecond, SubStep = 1, KeyPicturesPerSecond = 1, BitsPerSecond = BitsPerSecond };
}
