using System.Numerics;

namespace EdgeAgent.Benchmarks.Baseline;

/// <summary>The smallest rectangle, at any angle, around a set of points.</summary>
internal sealed record MinAreaRectangle(Vector2 Centre, Vector2 Axis, float Width, float Height)
{
    /// <summary>One side of the smallest rectangle lies along a side of the convex hull.</summary>
    public static MinAreaRectangle? Around(List<Vector2> points)
    {
        var hull = Hull(points);
        MinAreaRectangle? best = null;
        for (int i = 0; i < hull.Count; i++)
        {
            var side = hull[(i + 1) % hull.Count] - hull[i];
            if (side.LengthSquared() == 0)
                continue;
            var axis = Vector2.Normalize(side);
            var candidate = Along(hull, axis);
            if (best is null || candidate.Width * candidate.Height < best.Width * best.Height)
                best = candidate;
        }
        return best;
    }

    /// <summary>The corners after every side moved out by area · <paramref name="factor"/> / circumference.</summary>
    public Vector2[] Grown(float factor)
    {
        float by = Width * Height * factor / (2 * (Width + Height));
        var across = Axis * (Width / 2 + by);
        var down = new Vector2(-Axis.Y, Axis.X) * (Height / 2 + by);
        return [Centre - across - down, Centre + across - down, Centre + across + down, Centre - across + down];
    }

    private static MinAreaRectangle Along(List<Vector2> hull, Vector2 axis)
    {
        var normal = new Vector2(-axis.Y, axis.X);
        float left = hull.Min(p => Vector2.Dot(p, axis)), right = hull.Max(p => Vector2.Dot(p, axis));
        float top = hull.Min(p => Vector2.Dot(p, normal)), bottom = hull.Max(p => Vector2.Dot(p, normal));
        return new MinAreaRectangle(axis * ((left + right) / 2) + normal * ((top + bottom) / 2), axis, right - left, bottom - top);
    }

    /// <summary>Andrew's monotone chain.</summary>
    private static List<Vector2> Hull(List<Vector2> points)
    {
        var sorted = points.OrderBy(p => p.X).ThenBy(p => p.Y).ToList();
        var hull = new List<Vector2>();
        foreach (var order in new[] { sorted, Enumerable.Reverse(sorted) })
        {
            int start = hull.Count;
            foreach (var p in order)
            {
                while (hull.Count >= start + 2 && Cross(hull[^2], hull[^1], p) <= 0)
                    hull.RemoveAt(hull.Count - 1);
                hull.Add(p);
            }
            hull.RemoveAt(hull.Count - 1);
        }
        return hull;
    }

    private static float Cross(Vector2 a, Vector2 b, Vector2 p) => (b.X - a.X) * (p.Y - a.Y) - (b.Y - a.Y) * (p.X - a.X);
}
