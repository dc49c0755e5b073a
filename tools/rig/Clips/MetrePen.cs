using System.Numerics;

namespace EdgeAgent.Rig.Clips;

/// <summary>Draws in metres: x from the middle, y up from the ground. The picture has a transparent rim.</summary>
internal sealed class MetrePen
{
    private const int RimPixels = 2;

    private readonly float pixelsPerMetre;
    private readonly Vector2 origin;

    public MetrePen(float widthMetres, float heightMetres, float pixelsPerMetre)
    {
        this.pixelsPerMetre = pixelsPerMetre;
        int width = (int)MathF.Ceiling(widthMetres * pixelsPerMetre) + 2 * RimPixels;
        int height = (int)MathF.Ceiling(heightMetres * pixelsPerMetre) + 2 * RimPixels;
        Picture = new Raster(width, height);
        origin = new Vector2(width / 2f, height - RimPixels);
    }

    public delegate Colour MetrePaint(float x, float y);

    public Raster Picture { get; }

    public Vector2 Pixel(float x, float y) => new(origin.X + x * pixelsPerMetre, origin.Y - y * pixelsPerMetre);

    public void Polygon(Vector2[] corners, Colour colour) => Picture.FillPolygon(ToPixels(corners), colour);

    public void Polygon(Vector2[] corners, MetrePaint paint) =>
        Picture.FillPolygon(ToPixels(corners), (x, y) => paint((x - origin.X) / pixelsPerMetre, (origin.Y - y) / pixelsPerMetre));

    /// <param name="y">Of the lower edge.</param>
    public void Rectangle(float x, float y, float width, float height, Colour colour)
    {
        Vector2 corner = Pixel(x, y + height);
        Picture.FillRectangle(corner.X, corner.Y, width * pixelsPerMetre, height * pixelsPerMetre, colour);
    }

    /// <param name="y">Of the lower edge.</param>
    public void Rounded(float x, float y, float width, float height, float radius, Colour colour)
    {
        Vector2 corner = Pixel(x, y + height);
        Picture.FillRounded(corner.X, corner.Y, width * pixelsPerMetre, height * pixelsPerMetre, radius * pixelsPerMetre, (_, _) => colour);
    }

    public void Ellipse(float x, float y, float radiusX, float radiusY, Colour colour)
    {
        Vector2 centre = Pixel(x, y);
        Picture.FillEllipse(centre.X, centre.Y, radiusX * pixelsPerMetre, radiusY * pixelsPerMetre, colour);
    }

    private Vector2[] ToPixels(Vector2[] corners) => [.. corners.Select(c => Pixel(c.X, c.Y))];
}
