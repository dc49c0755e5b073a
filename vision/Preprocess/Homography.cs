using System.Numerics;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Vision.Preprocess;

/// <summary>A perspective map of the plane.</summary>
internal readonly struct Homography
{
    private readonly float _a, _b, _c, _d, _e, _f, _g, _h;

    private Homography(double a, double b, double c, double d, double e, double f, double g, double h)
    {
        (_a, _b, _c, _d) = ((float)a, (float)b, (float)c, (float)d);
        (_e, _f, _g, _h) = ((float)e, (float)f, (float)g, (float)h);
    }

    /// <summary>
    /// The map that takes (0,0), (width,0), (width,height), (0,height) to the corners in their order. Heckbert, "Fundamentals of
    /// Texture Mapping and Image Warping" (1989), square to quadrilateral.
    /// </summary>
    public static Homography FromRectangle(float width, float height, Quad corners)
    {
        Vector2 p0 = corners.TopLeft, p1 = corners.TopRight, p2 = corners.BottomRight, p3 = corners.BottomLeft;
        double dx1 = p1.X - p2.X, dx2 = p3.X - p2.X, sx = p0.X - p1.X + p2.X - p3.X;
        double dy1 = p1.Y - p2.Y, dy2 = p3.Y - p2.Y, sy = p0.Y - p1.Y + p2.Y - p3.Y;
        double determinant = dx1 * dy2 - dx2 * dy1;
        // Corners on one line: an affine map of what there is, rather than infinities.
        double g = determinant == 0 ? 0 : (sx * dy2 - dx2 * sy) / determinant;
        double h = determinant == 0 ? 0 : (dx1 * sy - sx * dy1) / determinant;
        return new Homography(
            (p1.X - p0.X + g * p1.X) / width, (p3.X - p0.X + h * p3.X) / height, p0.X,
            (p1.Y - p0.Y + g * p1.Y) / width, (p3.Y - p0.Y + h * p3.Y) / height, p0.Y,
            g / width, h / height);
    }

    public Vector2 Apply(Vector2 p)
    {
        float w = _g * p.X + _h * p.Y + 1;
        return new Vector2(_a * p.X + _b * p.Y + _c, _d * p.X + _e * p.Y + _f) / w;
    }
}
