using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Plates;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Tests.Vision;

/// <summary>
/// Preprocessing of plates beside reference values. They were made once with OpenCV 4.6.0 and numpy 1.24 (Debian's python3-opencv) on
/// the picture that <see cref="Waves"/> draws: resize with INTER_AREA and INTER_LINEAR; getPerspectiveTransform and warpPerspective
/// with INTER_CUBIC and BORDER_REPLICATE; two rows as in the spike, the upper 30 of 72 rows resized to 48 with INTER_LINEAR beside
/// the lower 48; a line as PP-OCR prepares it, (v / 255 - 0.5) / 0.5 at height 48, zeros to the right. Each value: x, y, blue, green, red.
/// </summary>
public sealed class PlateGoldenTests
{
    private readonly PlateRectifier _rectifier = new();

    [Fact]
    public void Shrinking_is_opencvs_area_average()
    {
        var target = new BgrImage();
        new Resampler().Scale(Waves(230, 120).View, target, 168, 48);
        Check(target.View, 1, (0, 0, 179, 211, 166), (83, 20, 160, 230, 207), (167, 47, 126, 137, 139), (12, 40, 173, 179, 138), (150, 5, 68, 102, 160));
    }

    [Fact]
    public void Growing_is_opencvs_linear()
    {
        var target = new BgrImage();
        new Resampler().Scale(Waves(80, 30).View, target, 168, 48);
        Check(target.View, 1, (0, 0, 178, 206, 162), (83, 20, 62, 116, 181), (167, 47, 137, 57, 42), (12, 40, 116, 147, 160), (150, 5, 233, 200, 100));
    }

    [Fact]
    public void One_row_is_opencvs_perspective_warp_to_44_by_14()
    {
        var corners = new Quad(new(30, 20), new(190, 34), new(186, 82), new(27, 70));
        var upright = _rectifier.RectifyNatural(Waves(230, 120).View, corners, twoRow: false, rowHeight: 48);
        Assert.Equal((150, 48), (upright.Width, upright.Height));
        Check(upright, 3, (0, 0, 69, 58, 112), (75, 24, 129, 213, 219), (149, 47, 214, 132, 45), (10, 40, 30, 73, 167), (140, 6, 220, 176, 88));
    }

    [Fact]
    public void Two_rows_are_split_and_merged_as_in_the_spike()
    {
        var corners = new Quad(new(40, 15), new(190, 25), new(186, 95), new(38, 90));
        var merged = _rectifier.RectifyNatural(Waves(230, 120).View, corners, twoRow: true, rowHeight: 48);
        Assert.Equal((288, 48), (merged.Width, merged.Height));
        Check(merged, 3, (0, 0, 43, 104, 187), (70, 24, 155, 152, 127), (143, 47, 194, 185, 123), (144, 0, 114, 82, 93), (200, 30, 47, 44, 118), (287, 47, 220, 202, 116));
        var fitted = _rectifier.Rectify(Waves(230, 120).View, corners, twoRow: true, 168, 48);
        Assert.Equal((168, 48), (fitted.Width, fitted.Height));
        Check(fitted, 4, (0, 0, 42, 106, 190), (83, 20, 208, 113, 32), (167, 47, 220, 204, 118), (12, 40, 212, 204, 126), (150, 5, 94, 164, 202));
    }

    [Fact]
    public void A_line_is_prepared_as_pp_ocr_wants_it()
    {
        const int Width = 161, Padded = 192;
        var line = new BgrImage();
        new Resampler().Scale(Waves(201, 60).View, line, Width, 48);
        var planes = new float[3 * Padded * 48];
        PixelKernels.ToPlanes(line.View, planes, Padded, 48, 127.5f, 1 / 127.5f, redFirst: false);
        foreach (var (x, y, channel, expected) in ((int X, int Y, int Channel, float Expected)[])[(0, 0, 0, 0.4039f), (80, 24, 1, -0.5922f), (100, 10, 2, 0.3098f), (160, 47, 0, -0.2941f), (159, 47, 1, -0.2392f), (170, 20, 2, 0)])
            Assert.Equal(expected, planes[(channel * 48 + y) * Padded + x], 0.009f);
    }

    [Fact]
    public void Sharpness_falls_with_blur_and_does_not_depend_on_contrast()
    {
        static Picture Bars(int period, byte dark)
        {
            var picture = Picture.Filled(168, 48, 200);
            for (int i = 0; i < picture.Bgr.Length; i += 3)
                if (i / 3 % 168 / period % 2 == 0)
                    picture.Bgr.AsSpan(i, 3).Fill(dark);
            return picture;
        }
        float crisp = PlateSharpness.Of(Bars(12, 20).View);
        Assert.Equal(1, crisp, 0.01f);
        Assert.Equal(crisp, PlateSharpness.Of(Bars(12, 150).View), 0.01f);
        var blurred = new BgrImage();
        var small = new BgrImage();
        new Resampler().Scale(Bars(12, 20).View, small, 42, 12);
        new Resampler().Scale(small.View, blurred, 168, 48);
        Assert.True(PlateSharpness.Of(blurred.View) < 0.5f * crisp);
        Assert.Equal(0, PlateSharpness.Of(Picture.Filled(168, 48, 9).View));
        Assert.Equal(0, PlateSharpness.Of(Picture.Noise(2, 2, seed: 1).View));
    }

    private static void Check(BgrView picture, int tolerance, params (int X, int Y, int Blue, int Green, int Red)[] expected)
    {
        foreach (var (x, y, blue, green, red) in expected)
        {
            var row = picture.Row(y);
            Assert.True(
                Math.Abs(row[3 * x] - blue) <= tolerance && Math.Abs(row[3 * x + 1] - green) <= tolerance && Math.Abs(row[3 * x + 2] - red) <= tolerance,
                $"({x}, {y}): {row[3 * x]}, {row[3 * x + 1]}, {row[3 * x + 2]}, not {blue}, {green}, {red}");
        }
    }

    /// <summary>128 + 60 sin(x / 9 + c) + 50 cos(y / 7 - c) for each channel c, rounded.</summary>
    private static Picture Waves(int width, int height)
    {
        var picture = new Picture(width, height);
        for (int i = 0; i < picture.Bgr.Length; i++)
        {
            int channel = i % 3, x = i / 3 % width, y = i / 3 / width;
            picture.Bgr[i] = (byte)Math.Floor(Math.Clamp(128 + 60 * Math.Sin(x / 9.0 + channel) + 50 * Math.Cos(y / 7.0 - channel), 0, 255) + 0.5);
        }
        return picture;
    }
}
