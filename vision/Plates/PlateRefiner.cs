using System.Numerics;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Vision.Plates;

/// <summary>Runs the corner network once more close up, with the plate at the size at which its corners are most exact.</summary>
internal sealed class PlateRefiner(ModelStore models) : IDisposable
{
    private const int InputWidth = 320;
    private const int InputHeight = 192;
    private const float PlateWidthPx = 130;
    private const float Threshold = 0.2f;

    /// <summary>A finer picture than this gains nothing but blur.</summary>
    private const float MaxScale = 6;

    private readonly PlateNetwork _network = new(models);
    private readonly List<PlateBox> _candidates = [];

    /// <returns>The plate with better corners, or null when the closer look does not find it again.</returns>
    public PlateBox? Refine(BgrView picture, PlateBox box)
    {
        float scale = Math.Min(MaxScale, PlateWidthPx / Math.Max(1, box.Corners.Width));
        var centre = box.Corners.Centre;
        int left = (int)MathF.Round(centre.X - InputWidth / scale / 2), top = (int)MathF.Round(centre.Y - InputHeight / scale / 2);
        int right = left + (int)(InputWidth / scale), bottom = top + (int)(InputHeight / scale);
        var region = picture.Crop(left, top, right - left, bottom - top);
        if (region.IsEmpty)
            return null;
        _candidates.Clear();
        _network.Run(region, scale, Threshold, _candidates, InputWidth, InputHeight);
        var origin = new Vector2(Math.Max(0, left), Math.Max(0, top));
        PlateBox? best = null;
        foreach (var candidate in _candidates)
        {
            var corners = candidate.Corners.Map(Vector2.One, origin);
            // The neighbour's plate may be the clearer one; it is still the neighbour's.
            bool same = corners.Contains(centre) || box.Corners.Contains(corners.Centre);
            if (same && (best is null || candidate.Score > best.Value.Score))
                best = candidate with { Corners = corners };
        }
        return best;
    }

    public void Dispose() => _network.Dispose();
}
