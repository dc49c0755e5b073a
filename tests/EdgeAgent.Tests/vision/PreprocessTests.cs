using System.Numerics;
using EdgeAgent.Vision.Plates;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Tests.Vision;

public sealed class PreprocessTests
{
    [Fact]
    public void Shrinking_by_two_averages_each_four_pixels()
    {
        var source = Picture.Noise(10, 6, seed: 1);
        var target = new BgrImage();
        new Resampler().Scale(source.View, target, 5, 3);
        for (int y = 0; y < 3; y++)
            for (int i = 0; i < 15; i++)
            {
                int at = 2 * y * 30 + i / 3 * 6 + i % 3;
                int sum = source.Bgr[at] + source.Bgr[at + 3] + source.Bgr[at + 30] + source.Bgr[at + 33];
                Assert.InRange(target.Row(y)[i], sum / 4f - 0.51f, sum / 4f + 0.51f);
            }
    }

    [Theory]
    [InlineData(1, 1, 7, 5)]
    [InlineData(7, 5, 1, 1)]
    [InlineData(33, 17, 100, 9)]
    [InlineData(641, 359, 640, 360)]
    [InlineData(3, 500, 320, 2)]
    public void A_flat_picture_stays_flat_at_any_size(int width, int height, int toWidth, int toHeight)
    {
        var target = new BgrImage();
        new Resampler().Scale(Picture.Filled(width, height, 77).View, target, toWidth, toHeight);
        Assert.All(target.Pixels.ToArray(), v => Assert.Equal(77, v));
    }

    [Fact]
    public void Growing_interpolates_between_pixel_centres()
    {
        var source = new Picture(2, 1);
        source.Bgr[0] = 0;
        source.Bgr[3] = 200;
        var target = new BgrImage();
        new Resampler().Scale(source.View, target, 4, 1);
        Assert.Equal([0, 50, 150, 200], Enumerable.Range(0, 4).Select(x => (int)target.Row(0)[3 * x]));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(15, true)]
    [InlineData(16, false)]
    [InlineData(17, true)]
    [InlineData(70, true)]
    public void Planes_hold_every_pixel_normalised_and_padding_beyond(int width, bool redFirst)
    {
        var source = Picture.Noise(width, 3, seed: width);
        int planeWidth = width + 5, planeHeight = 4, plane = planeWidth * planeHeight;
        var planes = new float[3 * plane];
        PixelKernels.ToPlanes(source.View, planes, planeWidth, planeHeight, 127, 1f / 128, redFirst, padding: 9);
        for (int i = 0; i < planes.Length; i++)
        {
            int channel = redFirst ? 2 - i / plane : i / plane, x = i % plane % planeWidth, y = i % plane / planeWidth;
            float expected = x < width && y < 3 ? (source.Bgr[3 * (y * width + x) + channel] - 127) / 128f : 9;
            Assert.Equal(expected, planes[i], 1e-5f);
        }
    }

    [Fact]
    public void A_picture_larger_than_its_planes_is_refused() =>
        Assert.Throws<ArgumentException>(() => PixelKernels.ToPlanes(Picture.Filled(5, 5, 0).View, new float[48], 4, 4, 0, 1, false));

    [Fact]
    public void The_identity_warp_copies()
    {
        var source = Picture.Noise(20, 11, seed: 2);
        var target = new BgrImage();
        target.Resize(20, 11);
        Warp.Affine(source.View, target, Matrix3x2.Identity, Border.Black);
        Assert.Equal(source.Bgr, target.Pixels.ToArray());
        Warp.Perspective(source.View, target, new Quad(new(0, 0), new(20, 0), new(20, 11), new(0, 11)));
        Assert.Equal(source.Bgr, target.Pixels.ToArray());
    }

    [Fact]
    public void Beyond_the_edge_is_black_or_the_edge_repeated()
    {
        var source = Picture.Filled(8, 8, 200);
        var target = new BgrImage();
        target.Resize(4, 4);
        var away = Matrix3x2.CreateTranslation(100, -50);
        Warp.Affine(source.View, target, away, Border.Black);
        Assert.All(target.Pixels.ToArray(), v => Assert.Equal(0, v));
        Warp.Affine(source.View, target, away, Border.Repeat);
        Assert.All(target.Pixels.ToArray(), v => Assert.Equal(200, v));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e30f)]
    public void Wild_corners_do_not_crash_a_warp(float wild)
    {
        var target = new BgrImage();
        target.Resize(16, 8);
        Warp.Perspective(Picture.Noise(9, 9, seed: 3).View, target, new Quad(new(wild, 0), new(5, wild), new(5, 5), new(0, 5)));
        Warp.Affine(Picture.Noise(9, 9, seed: 3).View, target, new Matrix3x2(wild, 0, 0, 1, 0, wild), Border.Repeat);
    }

    [Fact]
    public void A_homography_takes_the_rectangle_to_the_corners()
    {
        var corners = new Quad(new(10, 20), new(110, 5), new(120, 60), new(7, 50));
        var map = Homography.FromRectangle(440, 140, corners);
        Assert.True(Vector2.Distance(corners.TopLeft, map.Apply(new(0, 0))) < 1e-2);
        Assert.True(Vector2.Distance(corners.TopRight, map.Apply(new(440, 0))) < 1e-2);
        Assert.True(Vector2.Distance(corners.BottomRight, map.Apply(new(440, 140))) < 1e-2);
        Assert.True(Vector2.Distance(corners.BottomLeft, map.Apply(new(0, 140))) < 1e-2);
    }

    [Fact]
    public void A_similarity_is_found_again_from_its_points()
    {
        Vector2[] from = [new(1, 2), new(40, 3), new(20, 30), new(5, 50), new(38, 52)];
        var map = Matrix3x2.CreateScale(1.7f) * Matrix3x2.CreateRotation(0.4f) * Matrix3x2.CreateTranslation(-12, 90);
        Assert.True(Similarity.TryFit(from, [.. from.Select(p => Vector2.Transform(p, map))], out var found));
        Assert.True(Matrix3x2.Subtract(map, found) is var d && MathF.Abs(d.M11) + MathF.Abs(d.M12) + MathF.Abs(d.M31) + MathF.Abs(d.M32) < 1e-3);
        Assert.False(Similarity.TryFit([new(1, 1), new(1, 1)], [new(0, 0), new(9, 9)], out _));
        Assert.False(Similarity.TryFit([new(float.NaN, 1), new(1, 1)], [new(0, 0), new(9, 9)], out _));
    }
}
