using System.Numerics;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Tests.Vision;

/// <summary>
/// Every step from picture to network against the functions that the models were measured with (spikes/face/facelib.py: UltraFace.prep,
/// Lmk68.crop, umeyama, align, Feat.prep). The numbers were made by running those, with OpenCV 4.6 and numpy, on the picture that
/// <see cref="Waves"/> draws. OpenCV's warps work in steps of 1/32 pixel, hence the tolerances of one or two grey levels.
/// </summary>
public sealed class FaceGoldenTests
{
    private static readonly Vector2[] s_five = [new(200.5f, 110.2f), new(236.1f, 104.9f), new(222.3f, 127.8f), new(209.4f, 146.6f), new(239.0f, 142.1f)];

    [Fact]
    public void The_picture_is_the_one_that_the_numbers_were_made_with()
    {
        var picture = Waves();
        Assert.Equal([205, 230, 175], Pixel(picture.View.Row(0), 0));
        Assert.Equal([130, 128, 74], Pixel(picture.View.Row(17), 333));
        Assert.Equal([78, 143, 203], Pixel(picture.View.Row(299), 499));
    }

    [Fact]
    public void A_picture_is_fitted_and_normalised_for_the_detector()
    {
        using var detector = FaceDetector.ForPortraits(Models.Open());
        Assert.Equal(0.64f, detector.Fit(Waves().View), 1e-6f);
        var input = detector.Input;
        (int Plane, int Y, int X, float Value)[] expected =
        [
            (0, 0, 0, 0.3671875f), (0, 10, 300, 0.2578125f), (1, 100, 57, 0.3828125f), (2, 191, 319, -0.3828125f), (0, 192, 5, 0), (2, 239, 319, 0),
            (1, 50, 200, -0.046875f), (2, 77, 123, 0),
        ];
        foreach (var (plane, y, x, value) in expected)
            Assert.Equal(value, input[(plane * 240 + y) * 320 + x], 1.1f / 128);
        float[] means = [0.002203f, 0.002054f, 0.001899f];
        for (int plane = 0; plane < 3; plane++)
            Assert.Equal(means[plane], Mean(input.Slice(plane * 240 * 320, 240 * 320)), 1e-3f);
    }

    [Fact]
    public void A_crop_becomes_what_the_landmark_network_was_taught()
    {
        var grey = Crop(new FaceBox(180.3f, 70.6f, 251.7f, 160.2f, 1));
        (int Y, int X, float Value)[] expected =
            [(0, 0, 0.52734375f), (5, 60, 0.828125f), (31, 32, 0.58203125f), (63, 63, 0.421875f), (40, 7, 0.515625f), (20, 45, 0.5546875f)];
        foreach (var (y, x, value) in expected)
            Assert.Equal(value, grey[64 * y + x], 2f / 256);
        Assert.Equal(0.5132828f, Mean(grey), 1e-3f);
    }

    [Fact]
    public void A_crop_over_the_edge_repeats_the_edge()
    {
        var grey = Crop(new FaceBox(-20.5f, 240.25f, 60.5f, 330.75f, 1));
        (int Y, int X, float Value)[] expected = [(0, 0, 0.25f), (10, 5, 0.16796875f), (63, 63, 0.375f), (40, 50, 0.57421875f)];
        foreach (var (y, x, value) in expected)
            Assert.Equal(value, grey[64 * y + x], 2f / 256);
    }

    [Fact]
    public void Five_points_give_Umeyamas_similarity()
    {
        Assert.True(FaceAligner.TryFitTemplate(s_five, out var toPicture));
        Assert.Equal(0.951262f, toPicture.M11, 1e-5f);
        Assert.Equal(-0.143055f, toPicture.M12, 1e-5f);
        Assert.Equal(0.143055f, toPicture.M21, 1e-5f);
        Assert.Equal(0.951262f, toPicture.M22, 1e-5f);
        Assert.Equal(157.87866f, toPicture.M31, 1e-3f);
        Assert.Equal(65.93838f, toPicture.M32, 1e-3f);
    }

    [Fact]
    public void A_face_is_warped_onto_the_template()
    {
        var aligned = Align(s_five);
        (int Y, int X, byte[] Bgr)[] expected =
        [
            (0, 0, [116, 173, 198]), (30, 80, [108, 173, 238]), (56, 56, [169, 144, 119]), (111, 111, [106, 171, 177]), (90, 20, [62, 127, 192]),
            (51, 38, [132, 107, 82]),
        ];
        foreach (var (y, x, bgr) in expected)
            AssertNear(bgr, Pixel(aligned.Row(y), x));
        float[] means = [124.23015f, 129.778699f, 133.013154f];
        for (int c = 0; c < 3; c++)
            Assert.Equal(means[c], Enumerable.Range(0, 112 * 112).Average(i => (float)aligned.Pixels[3 * i + c]), 0.2f);
    }

    [Fact]
    public void Beyond_the_picture_an_aligned_face_is_black()
    {
        var aligned = Align([.. s_five.Select(p => p - new Vector2(190, 90))]);
        (int Y, int X, byte[] Bgr)[] expected = [(0, 0, [0, 0, 0]), (10, 100, [0, 0, 0]), (60, 60, [32, 83, 148]), (100, 5, [0, 0, 0])];
        foreach (var (y, x, bgr) in expected)
            AssertNear(bgr, Pixel(aligned.Row(y), x));
    }

    [Fact]
    public void An_aligned_face_is_normalised_red_first_for_the_embedding()
    {
        var planes = new float[3 * 112 * 112];
        PixelKernels.ToPlanes(Align(s_five).View, planes, 112, 112, FaceEmbedder.Mean, FaceEmbedder.Scale, redFirst: true);
        Assert.Equal(0.8671875f, planes[30 * 112 + 80], 2.1f / 128);
        Assert.Equal(0.1328125f, planes[112 * 112 + 56 * 112 + 56], 2.1f / 128);
        Assert.Equal(-0.5078125f, planes[2 * 112 * 112 + 90 * 112 + 20], 2.1f / 128);
    }

    [Fact]
    public void The_mirrored_face_is_the_aligned_one_from_right_to_left_and_a_little_closer()
    {
        Assert.True(FaceAligner.TryFitTemplate(s_five, out var toPicture));
        var mirror = FaceAligner.CutMap(toPicture, 0.94f, mirrored: true);
        foreach (var (x, y) in new[] { (0f, 0f), (111, 0), (30, 80), (55.5f, 56) })
        {
            var expected = Vector2.Transform(new Vector2(56 + 0.94f * (111 - x - 56), 56 + 0.94f * (y - 56)), toPicture);
            Assert.True(Vector2.Distance(expected, Vector2.Transform(new Vector2(x, y), mirror)) < 1e-3f);
        }
    }

    [Fact]
    public void Where_a_face_looks_follows_from_its_five_points()
    {
        Vector2[] level = [new(40, 50), new(72, 50), new(56, 70.4f), new(42, 90), new(70, 90)];
        AssertPose(0, 0, 0, level);
        AssertPose(0.25f, 0, 0, [level[0], level[1], level[2] + new Vector2(8, 0), level[3], level[4]]);
        AssertPose(0, 0.2f, 0, [level[0], level[1], level[2] + new Vector2(0, 8), level[3], level[4]]);
        // Rolled and larger, it looks where it looked.
        var turn = Matrix3x2.CreateRotation(MathF.PI / 6) * Matrix3x2.CreateScale(1.7f) * Matrix3x2.CreateTranslation(30, -7);
        AssertPose(0.25f, 0, 30, [.. new[] { level[0], level[1], level[2] + new Vector2(8, 0), level[3], level[4] }.Select(p => Vector2.Transform(p, turn))]);
    }

    private static void AssertPose(float yaw, float pitch, float roll, Vector2[] five)
    {
        var pose = FaceAligner.PoseOf(five);
        Assert.Equal(yaw, pose.YawOffset, 1e-3f);
        Assert.Equal(pitch, pose.PitchOffset, 1e-3f);
        Assert.Equal(roll, pose.RollDegrees, 0.01f);
    }

    private static void AssertNear(byte[] expected, int[] actual)
    {
        for (int c = 0; c < 3; c++)
            Assert.InRange(actual[c], expected[c] - 2, expected[c] + 2);
    }

    private static float[] Crop(FaceBox box)
    {
        var crop = new BgrImage();
        crop.Resize(64, 64);
        Warp.Affine(Waves().View, crop, FaceAligner.FirstCrop(box), Border.Repeat);
        var grey = new float[64 * 64];
        FaceAligner.ToGrey(crop.Pixels, grey);
        return grey;
    }

    private static BgrImage Align(Vector2[] five)
    {
        Assert.True(FaceAligner.TryFitTemplate(five, out var toPicture));
        var aligned = new BgrImage();
        aligned.Resize(112, 112);
        Warp.Affine(Waves().View, aligned, toPicture, Border.Black);
        return aligned;
    }

    private static float Mean(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float v in values)
            sum += v;
        return (float)(sum / values.Length);
    }

    private static int[] Pixel(ReadOnlySpan<byte> row, int x) => [row[3 * x], row[3 * x + 1], row[3 * x + 2]];

    /// <summary>500×300 of sloping colour without an edge, in whole numbers, so that any language draws the same.</summary>
    private static Picture Waves()
    {
        var picture = new Picture(500, 300);
        for (int y = 0; y < 300; y++)
            for (int x = 0; x < 500; x++)
                for (int c = 0; c < 3; c++)
                    picture.Bgr[3 * (500 * y + x) + c] = (byte)((Wave(5 * x + 3 * y + 40 * c) + Wave(2 * x - 7 * y + 90 * c + 5000)) / 2);
        return picture;

        static int Wave(int n) => Math.Abs(n % 510 - 255);
    }
}
