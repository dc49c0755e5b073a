using System.Numerics;
using System.Text.Json.Serialization;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Rig.Clips;

/// <summary>What the bench shows, for whoever measures what was seen of it. The file truth.json.</summary>
internal sealed record Truth(int Seed, IReadOnlyList<CameraTruth> Cameras);

/// <param name="FrameCount">Of one loop.</param>
/// <param name="StartUnixMs">When the loop began, wall clock; 0 while nothing is served. Clip time = (now - start) mod loopMs.</param>
/// <param name="StartMonotonicMs">The same instant on CLOCK_MONOTONIC.</param>
internal sealed record CameraTruth(string Id, long LoopMs, int FrameCount, int Width, int Height, IReadOnlyList<ObjectTruth> Objects, long StartUnixMs = 0, long StartMonotonicMs = 0)
{
    public CameraTruth StartedAt(LoopStart start) => this with { StartUnixMs = start.UnixMs, StartMonotonicMs = start.MonotonicMs };
}

/// <param name="Text">The plate, for a plate.</param>
/// <param name="Person">The person's id, for a face.</param>
/// <param name="PlateClass">blue, yellow or green.</param>
/// <param name="Hard">Small, far or smeared: a miss is no surprise.</param>
internal sealed record ObjectTruth(string Id, string Kind, string? Text, string? Person, string? PlateClass, bool Listed, bool Hard, IReadOnlyList<Appearance> Appearances);

/// <summary>A time during which the whole plate or face is in the picture, uncovered and at least <see cref="MinCountedWidthPx"/> wide.</summary>
/// <param name="FromMs">Clip time of the first such picture.</param>
/// <param name="ToMs">Clip time of the last.</param>
/// <param name="MinWidthPx">In the main stream.</param>
/// <param name="Boxes">Five a second: [clip ms, x, y, width, height] in pixels of the main stream.</param>
internal sealed record Appearance(long FromMs, long ToMs, int MinWidthPx, int MaxWidthPx, IReadOnlyList<int[]> Boxes)
{
    [JsonIgnore]
    public const float MinCountedWidthPx = 36;

    private const int FramesABox = 5;

    public static List<Appearance> Of(Actor actor, Scene scene, int frames, int framesPerSecond)
    {
        var found = new List<Appearance>();
        var run = new List<(long Ms, Quad Target)>();
        for (int frame = 0; frame <= frames; frame++)
        {
            float seconds = (float)frame / framesPerSecond;
            if (frame < frames && scene.IsSeen(actor, seconds) && scene.TargetAt(actor, seconds) is { Width: >= MinCountedWidthPx } target)
            {
                run.Add((frame * 1000L / framesPerSecond, target));
                continue;
            }
            if (run.Count > 0)
                found.Add(new Appearance(run[0].Ms, run[^1].Ms, (int)run.Min(r => r.Target.Width), (int)run.Max(r => r.Target.Width), [.. run.Where((_, i) => i % FramesABox == 0).Select(r => Box(r.Ms, r.Target))]));
            run.Clear();
        }
        return found;
    }

    private static int[] Box(long ms, Quad target)
    {
        (Vector2 min, Vector2 max) = target.Bounds;
        return [(int)ms, (int)min.X, (int)min.Y, (int)(max.X - min.X), (int)(max.Y - min.Y)];
    }
}
