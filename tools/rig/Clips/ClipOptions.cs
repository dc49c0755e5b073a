namespace EdgeAgent.Rig.Clips;

/// <summary>Format and length of the clips.</summary>
internal sealed record ClipOptions
{
    /// <summary>Everything random follows from it.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Length of the loop in seconds. Default 24.</summary>
    public float LoopSeconds { get; init; } = 24;

    /// <summary>Main stream, pixels. Default 1920.</summary>
    public int Width { get; init; } = 1920;

    /// <summary>Main stream, pixels. Default 1080.</summary>
    public int Height { get; init; } = 1080;

    /// <summary>Main stream. Default 25.</summary>
    public int FramesPerSecond { get; init; } = 25;

    /// <summary>
    /// The sub-stream has every so manieth picture. Default 2, 12.5 a second: cameras are set up with a sub-stream a little faster than
    /// it is looked at.
    /// </summary>
    public int SubStep { get; init; } = 2;

    /// <summary>
    /// Key pictures a second of the main stream, 1 or 2. Default 2: cutting one instant out of it costs decoding from the key picture
    /// before, and cameras let their interval be set.
    /// </summary>
    public int KeyPicturesPerSecond { get; init; } = 2;

    /// <summary>Main stream, bits a second. Default 4 Mb/s.</summary>
    public int BitsPerSecond { get; init; } = 4_000_000;

    public int FrameCount => (int)(LoopSeconds * FramesPerSecond);
}
