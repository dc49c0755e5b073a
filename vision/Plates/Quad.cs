using System.Numerics;

namespace EdgeAgent.Vision.Plates;

/// <summary>Four corners in pixels, seen from the front of the plate.</summary>
public readonly record struct Quad(Vector2 TopLeft, Vector2 TopRight, Vector2 BottomRight, Vector2 BottomLeft)
{
    /// <summary>Length of the longer of the top and bottom edges.</summary>
    public float Width => Math.Max(Vector2.Distance(TopLeft, TopRight), Vector2.Distance(BottomLeft, BottomRight));

    /// <summary>Length of the longer of the left and right edges.</summary>
    public float Height => Math.Max(Vector2.Distance(TopLeft, BottomLeft), Vector2.Distance(TopRight, BottomRight));

    public Vector2 Centre => (TopLeft + TopRight + BottomRight + BottomLeft) / 4;

    /// <summary>The upright rectangle around the corners.</summary>
    public (float X1, float Y1, float X2, float Y2) Bounds
    {
        get
        {
            var low = Vector2.Min(Vector2.Min(TopLeft, TopRight), Vector2.Min(BottomRight, BottomLeft));
            var high = Vector2.Max(Vector2.Max(TopLeft, TopRight), Vector2.Max(BottomRight, BottomLeft));
            return (low.X, low.Y, high.X, high.Y);
        }
    }

    /// <summary>Each corner moved along: <c>corner * scale + offset</c>.</summary>
    public Quad Map(Vector2 scale, Vector2 offset) =>
        new(TopLeft * scale + offset, TopRight * scale + offset, BottomRight * scale + offset, BottomLeft * scale + offset);

    /// <summary>Grown about its centre.</summary>
    public Quad Grow(float factor) => Map(new Vector2(factor), Centre * (1 - factor));

    /// <summary>Whether <paramref name="point"/> lies inside; the corners may run either way round.</summary>
    public bool Contains(Vector2 point)
    {
        float a = Cross(TopLeft, TopRight, point), b = Cross(TopRight, BottomRight, point);
        float c = Cross(BottomRight, BottomLeft, point), d = Cross(BottomLeft, TopLeft, point);
        return (a >= 0 && b >= 0 && c >= 0 && d >= 0) || (a <= 0 && b <= 0 && c <= 0 && d <= 0);
    }

    internal bool IsFinite => float.IsFinite((TopLeft + TopRight + BottomRight + BottomLeft).LengthSquared());

    private static float Cross(Vector2 from, Vector2 to, Vector2 point) =>
        (to.X - from.X) * (point.Y - from.Y) - (to.Y - from.Y) * (point.X - from.X);
}

/// <summary>A plate in pixels of the picture it was found in. Score 0 … 1.</summary>
public readonly record struct PlateBox(Quad Corners, float Score, bool TwoRow);
