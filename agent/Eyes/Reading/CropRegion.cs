using EdgeAgent.Eyes.Pipelines;

namespace EdgeAgent.Eyes.Reading;

/// <summary>A rectangle of the main stream, pixels.</summary>
internal readonly record struct CropRegion(int X, int Y, int Width, int Height)
{
    // Few sizes: each one costs a network its tensors and swscale its tables. Heights follow from the detectors' input shapes.
    private static readonly (int Width, int Height)[] s_plateSizes = [(480, 288), (640, 384), (960, 576), (1280, 768), (1920, 1152)];
    private static readonly (int Width, int Height)[] s_faceSizes = [(640, 360), (960, 540), (1280, 720), (1920, 1080), (3840, 2160)];

    /// <summary>A plate needs about its own width of car on each side, and the streams' clocks may be two frames apart.</summary>
    private const float PlateWidths = 4;

    /// <summary>A face needs hair and chin, and room to have moved.</summary>
    private const float FaceWidths = 3.5f;

    /// <summary>Around a thing seen in the sub-stream: so large that it is inside although it has moved, all within the picture.</summary>
    public static CropRegion Around(VisitKind kind, ShareBox box, int mainWidth, int mainHeight)
    {
        float wanted = box.Width * mainWidth * (kind == VisitKind.Face ? FaceWidths : PlateWidths);
        var sizes = kind == VisitKind.Face ? s_faceSizes : s_plateSizes;
        var (width, height) = sizes[^1];
        foreach (var size in sizes)
            if (size.Width >= wanted)
            {
                (width, height) = size;
                break;
            }
        return Clamped(box.CentreX * mainWidth, box.CentreY * mainHeight, width, height, mainWidth, mainHeight);
    }

    /// <summary>The picture around a thing found in this region, so many of its widths wide and high.</summary>
    public CropRegion Show(float centreX, float centreY, float thingWidth, float widths, float heights, int mainWidth, int mainHeight) =>
        Clamped(X + centreX, Y + centreY, (int)(widths * thingWidth) & ~1, (int)(heights * thingWidth) & ~1, mainWidth, mainHeight);

    /// <summary>Of a size around a centre, moved into the picture rather than cut off at its edge.</summary>
    private static CropRegion Clamped(float centreX, float centreY, int width, int height, int mainWidth, int mainHeight)
    {
        width = Math.Min(width, mainWidth);
        height = Math.Min(height, mainHeight);
        int x = (int)Math.Clamp(centreX - width / 2f, 0, mainWidth - width) & ~1;
        int y = (int)Math.Clamp(centreY - height / 2f, 0, mainHeight - height) & ~1;
        return new CropRegion(x, y, width, height);
    }

    /// <summary>How far a thing found in this region lies from where it was expected, in widths; infinite when it is another size.</summary>
    public float Distance(ShareBox expected, int mainWidth, int mainHeight, float x1, float y1, float x2, float y2)
    {
        float width = expected.Width * mainWidth, growth = (x2 - x1) / width;
        // Two frames do not double a thing.
        if (!(growth is > 0.55f and < 1.8f))
            return float.PositiveInfinity;
        float dx = X + (x1 + x2) / 2 - expected.CentreX * mainWidth, dy = Y + (y1 + y2) / 2 - expected.CentreY * mainHeight;
        return MathF.Sqrt(dx * dx + dy * dy) / width;
    }
}
