using EdgeAgent.Hw.Frames;

namespace EdgeAgent.CommandCentre.Exhibits.Redaction;

/// <summary>A rectangle in pixels of the picture, at one frame.</summary>
internal sealed record RedactionBox(int Frame, float X, float Y, float Width, float Height)
{
    public MosaicBox Area => new(X, Y, Width, Height);

    public RedactionBox Towards(RedactionBox next, int frame)
    {
        var share = (float)(frame - Frame) / (next.Frame - Frame);
        return new RedactionBox(frame, Mix(X, next.X, share), Mix(Y, next.Y, share), Mix(Width, next.Width, share), Mix(Height, next.Height, share));
    }

    private static float Mix(float from, float to, float share) => from + ((to - from) * share);
}

/// <summary>What is to be unrecognisable from its first box to its last; between two boxes it moves straight.</summary>
/// <param name="Kind">face, plate or hand (drawn by a person).</param>
/// <param name="Keep">A person decided that this one stays as it is.</param>
/// <param name="Boxes">By frame, rising.</param>
internal sealed record RedactionTrack(string Id, string Kind, bool Keep, IReadOnlyList<RedactionBox> Boxes)
{
    public RedactionBox? At(int frame)
    {
        if (Boxes.Count == 0 || frame < Boxes[0].Frame || frame > Boxes[^1].Frame)
            return null;
        var next = Boxes.First(box => box.Frame >= frame);
        return next.Frame == frame ? next : Boxes.Last(box => box.Frame < frame).Towards(next, frame);
    }
}

/// <summary>Moves or grows a track's boxes within a span of frames.</summary>
internal sealed record BoxMove(string? Id, int FromFrame, int ToFrame, float Dx, float Dy, float Grow);

/// <summary>A box drawn by hand, over a span of frames; where it ends elsewhere it moves straight.</summary>
internal sealed record BoxDraw(int FromFrame, int ToFrame, float X, float Y, float Width, float Height, float? ToX, float? ToY);

/// <summary>What a person changed of what the detectors found.</summary>
internal sealed record RedactionEdits(IReadOnlyList<string>? Keep, IReadOnlyList<string>? Remove, IReadOnlyList<BoxMove>? Move, IReadOnlyList<BoxDraw>? Add);

/// <summary>Tracks, edited.</summary>
internal static class RedactionPlan
{
    private const int MostEdits = 500;

    /// <summary>Null: it can be done; else a code.</summary>
    public static string? Problem(RedactionEdits edits, VideoFacts video)
    {
        if ((edits.Keep?.Count ?? 0) + (edits.Remove?.Count ?? 0) + (edits.Move?.Count ?? 0) + (edits.Add?.Count ?? 0) > MostEdits)
            return "too_many_edits";
        var spans = (edits.Move ?? []).Select(m => (m.FromFrame, m.ToFrame, Sound: float.IsFinite(m.Dx) && float.IsFinite(m.Dy) && m.Grow is > 0.2f and < 5))
            .Concat((edits.Add ?? []).Select(a => (a.FromFrame, a.ToFrame, Sound: a.Width is >= 2 and <= 16384 && a.Height is >= 2 and <= 16384 && float.IsFinite(a.X) && float.IsFinite(a.Y)
                && float.IsFinite(a.ToX ?? 0) && float.IsFinite(a.ToY ?? 0))));
        return spans.All(s => s.Sound && s.FromFrame >= 0 && s.FromFrame <= s.ToFrame && s.ToFrame < video.Frames) ? null : "bad_box";
    }

    public static IReadOnlyList<RedactionTrack> Apply(IReadOnlyList<RedactionTrack> found, RedactionEdits edits)
    {
        var (keep, remove) = ((edits.Keep ?? []).ToHashSet(StringComparer.Ordinal), (edits.Remove ?? []).ToHashSet(StringComparer.Ordinal));
        var changed = found.Where(track => !remove.Contains(track.Id))
            .Select(track => (edits.Move ?? []).Where(move => move.Id == track.Id).Aggregate(track with { Keep = keep.Contains(track.Id) }, Moved));
        var drawn = (edits.Add ?? []).Select((box, at) => new RedactionTrack($"hand-{at + 1}", "hand", false, Drawn(box)));
        return [.. changed, .. drawn];
    }

    private static RedactionTrack Moved(RedactionTrack track, BoxMove move)
    {
        // The span gets boxes at its own ends, so that nothing outside it moves along.
        var frames = track.Boxes.Select(box => box.Frame)
            .Concat([move.FromFrame, move.ToFrame, move.FromFrame - 1, move.ToFrame + 1])
            .Where(frame => track.At(frame) is not null).Distinct().Order();
        return track with
        {
            Boxes = [.. frames.Select(frame => track.At(frame)!).Select(box => box.Frame < move.FromFrame || box.Frame > move.ToFrame ? box : Shifted(box, move))],
        };
    }

    private static RedactionBox Shifted(RedactionBox box, BoxMove move)
    {
        var (width, height) = (box.Width * move.Grow, box.Height * move.Grow);
        return box with
        {
            X = box.X + move.Dx - ((width - box.Width) / 2),
            Y = box.Y + move.Dy - ((height - box.Height) / 2),
            Width = width,
            Height = height,
        };
    }

    private static IReadOnlyList<RedactionBox> Drawn(BoxDraw box)
    {
        var first = new RedactionBox(box.FromFrame, box.X, box.Y, box.Width, box.Height);
        return box.ToFrame == box.FromFrame ? [first] : [first, first with { Frame = box.ToFrame, X = box.ToX ?? box.X, Y = box.ToY ?? box.Y }];
    }
}
