using System.Numerics;
using System.Text.Json;
using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Rig.Drives;

/// <summary>One plate's visit to one camera: a line of the truth file.</summary>
/// <param name="Class">blue, yellow, green, green-big, yellow-two-row, white, black.</param>
/// <param name="FromMs">Clip time of the first picture with the whole plate, uncovered, at least 36 px wide.</param>
/// <param name="ToMs">Clip time of the last.</param>
/// <param name="CountedMs">For how long it is so and at least <see cref="CountedWidthPx"/> wide.</param>
/// <param name="RelativeKmh">The other vehicle's speed against ours.</param>
/// <param name="LeastSmear">
/// Over the pictures of <paramref name="CountedMs"/> (without any: over all): the least way that the plate moves while the shutter
/// is open, in widths of a character. Beyond about one half neighbouring strokes run into each other.
/// </param>
/// <param name="Boxes">Of every picture: [clip ms, x, y, width, height, plate width] in pixels of the main stream.</param>
internal sealed record DriveVisit(
    string Camera, string Id, string Plate, string Class, string Light, string Course, long FromMs, long ToMs, int MaxWidthPx, long CountedMs,
    float RelativeKmh, float OwnKmh, float YawDegrees, float RollDegrees, float LeastSmear, IReadOnlyList<int[]> Boxes)
{
    /// <summary>From this width on a plate in the main stream must be found and read.</summary>
    public const float CountedWidthPx = 64;

    private const float CharacterShare = 45f / 440;

    public static async Task WriteAsync(string file, IEnumerable<DriveVisit> visits, CancellationToken stop) =>
        await File.WriteAllLinesAsync(file, visits.Select(v => JsonSerializer.Serialize(v, RigJson.Compact)), stop);

    public static async Task<IReadOnlyList<DriveVisit>> ReadAsync(string file, CancellationToken stop) =>
        [.. (await File.ReadAllLinesAsync(file, stop)).Where(l => l.Length > 0).Select(l => JsonSerializer.Deserialize<DriveVisit>(l, RigJson.Options)!)];

    /// <summary>What the scene really shows of an actor; null when its plate is never wholly seen.</summary>
    public static DriveVisit? Of(Actor actor, Encounter encounter, DriveSetting setting, Scene scene, Lens lens, DriveOptions options)
    {
        var seen = new List<(long Ms, Quad Target, float Smear)>();
        for (int frame = 0; frame < options.FrameCount; frame++)
        {
            float seconds = (float)frame / options.FramesPerSecond;
            if (scene.IsSeen(actor, seconds) && scene.TargetAt(actor, seconds) is { Width: >= Appearance.MinCountedWidthPx } target)
                seen.Add((frame * 1000L / options.FramesPerSecond, target, SmearAt(actor, scene, lens, seconds) / (target.Width * CharacterShare)));
        }
        if (seen.Count == 0)
            return null;
        (long Ms, Quad Target, float Smear)[] counted = [.. seen.Where(s => s.Target.Width >= CountedWidthPx)];
        return new DriveVisit(
            setting.Camera, actor.Id, actor.Name, encounter.Plate.KindName, setting.Light.ToString().ToLowerInvariant(), encounter.Course.ToString().ToLowerInvariant(),
            seen[0].Ms, seen[^1].Ms, (int)seen.Max(s => s.Target.Width), counted.Length * 1000L / options.FramesPerSecond,
            MathF.Round(encounter.RelativeKmh, 1), setting.OwnKmh, MathF.Round(actor.YawDegrees, 1), MathF.Round(actor.RollDegrees, 1),
            MathF.Round((counted.Length > 0 ? counted : [.. seen]).Min(s => s.Smear), 2),
            [.. seen.Select(s => Box(s.Ms, s.Target))]);
    }

    private static float SmearAt(Actor actor, Scene scene, Lens lens, float seconds) => Vector2.Distance(
        scene.TargetAt(actor, seconds + lens.ShutterSeconds / 2).Centre, scene.TargetAt(actor, seconds - lens.ShutterSeconds / 2).Centre);

    private static int[] Box(long ms, Quad target)
    {
        (Vector2 min, Vector2 max) = target.Bounds;
        return [(int)ms, (int)min.X, (int)min.Y, (int)(max.X - min.X), (int)(max.Y - min.Y), (int)target.Width];
    }
}
