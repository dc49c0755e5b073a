namespace EdgeAgent.Rig.Run;

/// <summary>What `rig run` was asked for.</summary>
internal sealed record RunOptions
{
    /// <summary>Root of the checkout.</summary>
    public required string Repository { get; init; }

    /// <summary>Folder that holds one folder of built files a project.</summary>
    public required string Binaries { get; init; }

    /// <summary>"release" or "debug": the folder below each project's.</summary>
    public required string Configuration { get; init; }

    /// <summary>Seconds to run with the scripted officer; 0 = until stopped, with a person as the officer.</summary>
    public int Seconds { get; init; }

    /// <summary>Everything that this run writes. Emptied first.</summary>
    public required string State { get; init; }

    /// <summary>Who drives both pages instead of the scripted officer; null = nobody.</summary>
    public DriveOptions? Drive { get; init; }

    /// <summary>Measure what host and eyes use, with a live view open: `bench pipeline`.</summary>
    public bool Measure { get; init; }

    /// <summary>Accept the car as a technician does, and end.</summary>
    public bool Accept { get; init; }

    /// <summary>Start the car again when it ends by a signal, as its unit file does.</summary>
    public bool Supervised { get; init; }

    /// <summary>The car's options of the section Vision, as written in agent.json.</summary>
    public IReadOnlyDictionary<string, string> Vision { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// After how long what was decided may be asked again. The clips come round every 24 s, where a car in traffic waits five minutes.
    /// </summary>
    public int RepeatSuppressSeconds { get; init; } = 20;

    /// <summary>Passed on to the cameras: --pictures, --camera, --seed.</summary>
    public IReadOnlyList<string> RigArguments { get; init; } = [];

    /// <summary>With the programs that were built beside the one that asks.</summary>
    /// <param name="repository">Root of the checkout.</param>
    /// <param name="state">Where this run writes.</param>
    public static RunOptions OfThisBuild(string repository, string state)
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        return new RunOptions { Repository = repository, Binaries = built.Parent!.Parent!.FullName, Configuration = built.Name, State = state };
    }

    public string Binary(string project, string name) => Path.Combine(Binaries, project, Configuration, name);
}

/// <summary>A script of this folder's that plays officer and dispatcher through the real pages, and fails where something does not happen.</summary>
/// <param name="Folder">Where its pictures go.</param>
/// <param name="HoldsLink">The car reaches the centre through a port that the script serves, so that the script can cut the link.</param>
/// <param name="CarGivesWay">The centre is another machine, which this car's looking does not slow down: on one machine the car yields the processor.</param>
internal sealed record DriveOptions(string Script, string Folder, bool HoldsLink = false, bool CarGivesWay = true);
