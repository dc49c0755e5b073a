using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Vision.Plates;

/// <summary>Makes a plate upright and, if it has two rows, one row of it. Not thread-safe.</summary>
internal sealed class PlateRectifier
{
    // Millimetres of GA 36.
    private const float WidthMm = 440;
    private const float HeightMm = 140;
    private const float TwoRowHeightMm = 220;

    private readonly BgrImage _upright = new();
    private readonly BgrImage _merged = new();
    private readonly BgrImage _fitted = new();
    private readonly Resampler _top = new();
    private readonly Resampler _fit = new();

    /// <summary>The plate stretched to exactly this size.</summary>
    public BgrView Rectify(BgrView picture, Quad outline, bool twoRow, int width, int height)
    {
        if (!twoRow)
            return Upright(picture, outline, width, height);
        var merged = Merge(Upright(picture, outline, width, height * 3 / 2));
        _fit.Scale(merged, _fitted, width, height);
        return _fitted.View;
    }

    /// <summary>The plate at this height of a row, in its true proportions.</summary>
    public BgrView RectifyNatural(BgrView picture, Quad outline, bool twoRow, int rowHeight)
    {
        if (!twoRow)
            return Upright(picture, outline, (int)(rowHeight * WidthMm / HeightMm), rowHeight);
        int height = rowHeight * 3 / 2;
        return Merge(Upright(picture, outline, (int)(height * WidthMm / TwoRowHeightMm), height));
    }

    private BgrView Upright(BgrView picture, Quad outline, int width, int height)
    {
        _upright.Resize(width, height);
        Warp.Perspective(picture, _upright, outline);
        return _upright.View;
    }

    /// <summary>The upper 5/12, stretched to the height of the lower 2/3, beside it. They overlap: the rows' border varies.</summary>
    private BgrView Merge(BgrView twoRows)
    {
        var upper = twoRows.Crop(0, 0, twoRows.Width, twoRows.Height * 5 / 12);
        var lower = twoRows.Crop(0, twoRows.Height / 3, twoRows.Width, twoRows.Height - twoRows.Height / 3);
        _merged.Resize(2 * twoRows.Width, lower.Height);
        _top.Scale(upper, _merged.Pixels, twoRows.Width, lower.Height, _merged.StrideBytes);
        for (int y = 0; y < lower.Height; y++)
            lower.Row(y).CopyTo(_merged.Row(y)[(3 * twoRows.Width)..]);
        return _merged.View;
    }
}
