namespace EdgeAgent.Agent.Hosting;

/// <summary>How the host runs the process that looks.</summary>
internal sealed record EyesOptions
{
    /// <summary>Frames a second and camera that are analysed. Default 10, 1 to 25.</summary>
    public float AnalysedFps { get; init; } = 10;

    /// <summary>Seconds of encoded video that are kept in memory a camera. Default 30, 5 to 300.</summary>
    public int RingSeconds { get; init; } = 30;

    /// <summary>Bound of that memory a camera, MiB. Default 24, 4 to 256.</summary>
    public int RingMegabytes { get; init; } = 24;

    /// <summary>
    /// Whether the host starts eyes itself. Default true: then only that very process may speak to it. False: any process of the
    /// same user may, for one started under a debugger or a bench.
    /// </summary>
    public bool Spawn { get; init; } = true;

    public IEnumerable<string> Problems()
    {
        if (AnalysedFps is not (>= 1 and <= 25))
            yield return $"Vision.AnalysedFps is {AnalysedFps}: give 1 to 25.";
        if (RingSeconds is < 5 or > 300)
            yield return $"Vision.RingSeconds is {RingSeconds}: give 5 to 300.";
        if (RingMegabytes is < 4 or > 256)
            yield return $"Vision.RingMegabytes is {RingMegabytes}: give 4 to 256.";
    }
}
