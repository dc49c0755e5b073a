using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Rig;

/// <summary>What `rig serve` was asked for.</summary>
internal sealed record RigOptions
{
    /// <summary>Folder for rig.json, truth.json and the two watch files.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Where clips and pictures are kept between runs. Default: .cache/rig of the checkout, else of the home directory.</summary>
    public string CacheDirectory { get; init; } = DefaultCache();

    /// <summary>Somebody's own pictures of people; null: the free ones.</summary>
    public string? PicturesDirectory { get; init; }

    /// <summary>False: nobody walks by, and no picture is needed. For tests.</summary>
    public bool WithPeople { get; init; } = true;

    /// <summary>Capture cameras, 1..7. Default 7. The cab camera comes on top.</summary>
    public int Cameras { get; init; } = Cast.CaptureCameras;

    /// <summary>Camera id to an RTSP URL (two with a comma between: main, sub) or a video file.</summary>
    public IReadOnlyDictionary<string, string> OwnCameras { get; init; } = new Dictionary<string, string>();

    /// <summary>0: any free port.</summary>
    public int RtspPort { get; init; }

    /// <summary>False: no GNSS receiver, no gpsd.</summary>
    public bool WithGnss { get; init; } = true;

    /// <summary>False: nobody finds these cameras.</summary>
    public bool WithDiscovery { get; init; } = true;

    /// <summary>Make clips and files, then end without serving.</summary>
    public bool ListOnly { get; init; }

    public ClipOptions Clips { get; init; } = new();

    /// <summary>What is wrong with these options, one sentence each; empty: nothing.</summary>
    public IEnumerable<string> Problems()
    {
        if (Cameras is < 1 or > Cast.CaptureCameras)
            yield return $"--cameras {Cameras}: 1 to {Cast.CaptureCameras}.";
        if (RtspPort is < 0 or > 65535)
            yield return $"--rtsp-port {RtspPort}: 0 to 65535.";
        if (Clips.LoopSeconds is < 2 or > 120)
            yield return $"--loop {Clips.LoopSeconds}: 2 to 120 seconds.";
        foreach (string id in OwnCameras.Keys.Where(id => RigServer.Labels.All(l => l.Id != id)))
            yield return $"--camera {id}=…: there is no camera of that name. They are {string.Join(", ", RigServer.Labels.Select(l => l.Id))}.";
    }

    internal static string DefaultCache()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EdgeAgent.sln")))
                return Path.Combine(folder.FullName, ".cache", "rig");
        }
        if (File.Exists("EdgeAgent.sln"))
            return Path.GetFullPath(Path.Combine(".cache", "rig"));
        return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "edge-agent", "rig");
    }
}
