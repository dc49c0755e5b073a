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

    /// <summary>Folder to put screenshots into; null = none.</summary>
    public string? Screenshots { get; init; }

    /// <summary>Folder for the pictures of a wall of live views and its evidence, driven through both pages; null = none.</summary>
    public string? Wall { get; init; }

    /// <summary>Measure what host and eyes use, with a live view open: `bench pipeline`.</summary>
    public bool Measure { get; init; }

    /// <summary>The car's options of the section Vision, as written in agent.json.</summary>
    public IReadOnlyDictionary<string, string> Vision { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// After how long what was decided may be asked again. The clips come round every 24 s, where a car in traffic waits five minutes.
    /// </summary>
    public int RepeatSuppressSeconds { get; init; } = 20;

    /// <summary>Passed on to the cameras: --pictures, --camera, --seed.</summary>
    public IReadOnlyList<string> RigArguments { get; init; } = [];

    public string Binary(string project, string name) => Path.Combine(Binaries, project, Configuration, name);
}
