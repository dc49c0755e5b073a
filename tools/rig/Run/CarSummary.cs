using System.Text.Json;

namespace EdgeAgent.Rig.Run;

/// <summary>The car's own counters, from GET /api/summary and from the file that it leaves at its end.</summary>
internal sealed record CarSummary
{
    public int CamerasStreaming { get; init; }

    public long Frames { get; init; }

    public long FramesAnalysed { get; init; }

    public long FramesDropped { get; init; }

    public long FramesOutstanding { get; init; }

    public long Faces { get; init; }

    public long Reads { get; init; }

    public long HitsFace { get; init; }

    public long HitsPlate { get; init; }

    public long Decisions { get; init; }

    public long ConfirmedFace { get; init; }

    public long ConfirmedPlate { get; init; }

    public long EventsAppended { get; init; }

    public long EventsAcked { get; init; }

    public long EventsPending { get; init; }

    public long EyesRestarts { get; init; }

    /// <summary>Managed bytes allocated on the way of frames, by all that read and analyse.</summary>
    public long EyesFrameBytes { get; init; }

    /// <summary>Of these, by the threads that read cameras.</summary>
    public long EyesReaderBytes { get; init; }

    /// <summary>Frames that began no visit and ordered no look, and what analysing them allocated.</summary>
    public long EyesQuietFrames { get; init; }

    public long EyesQuietFrameBytes { get; init; }

    public long EyesAllocatedBytes { get; init; }

    public long EyesVisits { get; init; }

    /// <summary>Looks into the main stream, those that had to be left out, and the pictures decoded for them.</summary>
    public long EyesLooks { get; init; }

    public long EyesLooksDropped { get; init; }

    public long EyesMainPictures { get; init; }

    public IReadOnlyList<CameraAnalysis> Analysis { get; init; } = [];

    public IReadOnlyList<double> AlertLatenciesMs { get; init; } = [];

    /// <summary>The same until the host had made the alert; the rest is the way to the officer's screen.</summary>
    public IReadOnlyList<double> AlertOpenLatenciesMs { get; init; } = [];

    public static CarSummary Parse(string json) =>
        JsonSerializer.Deserialize<CarSummary>(json, JsonSerializerOptions.Web) ?? throw new BenchException("The car's summary is empty.");
}

/// <summary>One camera's frames since eyes was configured.</summary>
internal sealed record CameraAnalysis(string CameraId, long FramesWanted, long FramesAnalysed);
