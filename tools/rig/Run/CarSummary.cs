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

    public IReadOnlyList<double> AlertLatenciesMs { get; init; } = [];

    public static CarSummary Parse(string json) =>
        JsonSerializer.Deserialize<CarSummary>(json, JsonSerializerOptions.Web) ?? throw new BenchException("The car's summary is empty.");
}
