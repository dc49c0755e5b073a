using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Tests.Vision;

/// <summary>The gate on drawn faces: each fault by itself, each named.</summary>
public sealed class FaceQualityTests
{
    private static readonly FaceBox s_box = new(10, 10, 90, 110, 1);
    private static readonly FacePose s_level = new(0, 0, 0);
    private readonly FaceQualityMeter _meter = new(minWidthPx: 32);

    [Fact]
    public void Nothing_judged_does_not_pass() => Assert.False(default(FaceQuality).Passes);

    [Fact]
    public void A_sharp_level_well_lit_face_passes()
    {
        var quality = Judge(Drawn());
        Assert.Equal(FaceFaults.None, quality.Faults);
        Assert.True(quality.Passes);
        Assert.InRange(quality.Score, 0.3f, 1);
    }

    [Theory]
    [InlineData(31.9f, FaceFaults.TooSmall)]
    [InlineData(32, FaceFaults.None)]
    [InlineData(float.NaN, FaceFaults.TooSmall)]
    public void A_face_needs_its_width(float width, FaceFaults fault) =>
        Assert.Equal(fault, _meter.Measure(new FaceBox(0, 0, width, 50, 1), s_level, Drawn()).Faults);

    [Theory]
    [InlineData(0.44f, 0, 0, FaceFaults.None)]
    [InlineData(0.46f, 0, 0, FaceFaults.TurnedAside)]
    [InlineData(-0.46f, 0, 0, FaceFaults.TurnedAside)]
    [InlineData(0, 0.43f, 0, FaceFaults.TurnedUpOrDown)]
    [InlineData(0, -0.43f, 0, FaceFaults.TurnedUpOrDown)]
    [InlineData(0, 0, 46, FaceFaults.Tilted)]
    [InlineData(0, 0, -170, FaceFaults.Tilted)]
    [InlineData(float.NaN, float.NaN, float.NaN, FaceFaults.TurnedAside | FaceFaults.TurnedUpOrDown | FaceFaults.Tilted)]
    public void A_face_that_looks_away_is_named_so(float yaw, float pitch, float roll, FaceFaults fault) =>
        Assert.Equal(fault, _meter.Measure(s_box, new FacePose(yaw, pitch, roll), Drawn()).Faults);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public void Motion_in_one_direction_alone_costs_sharpness(int dx, int dy)
    {
        float last = Judge(Drawn()).Sharpness;
        foreach (int length in (int[])[7, 11, 21])
        {
            var quality = Judge(Moved(Drawn(), dx, dy, length));
            Assert.True(quality.Sharpness < 0.92f * last, $"{length} px: {quality.Sharpness} after {last}");
            last = quality.Sharpness;
        }
    }

    [Fact]
    public void A_face_that_moved_by_a_fifth_of_its_width_is_blurred() => Assert.Equal(FaceFaults.Blurred, Judge(Moved(Drawn(), 1, 0, 21)).Faults);

    [Fact]
    public void Sharpness_does_not_depend_on_the_light()
    {
        float bright = Judge(Drawn()).Sharpness;
        Assert.Equal(bright, Judge(Lit(Drawn(), 0.6f, 10)).Sharpness, 0.03f * bright);
    }

    [Fact]
    public void Noise_counts_for_little_beside_detail()
    {
        float clean = Judge(Drawn()).Sharpness;
        var (noisy, random) = (Drawn(), new Random(3));
        foreach (ref byte v in noisy.Pixels)
            v = (byte)(v + random.Next(-4, 5));
        Assert.Equal(clean, Judge(noisy).Sharpness, 0.1f * clean);
    }

    [Theory]
    [InlineData(0.25f, 0, FaceFaults.None)]
    [InlineData(0.1f, 0, FaceFaults.TooDark)]
    [InlineData(1.9f, 60, FaceFaults.Overexposed)]
    public void Light_is_judged_by_its_amount_and_what_it_clips(float gain, int lift, FaceFaults fault) =>
        Assert.Equal(fault, Judge(Lit(Drawn(), gain, lift)).Faults & (FaceFaults.TooDark | FaceFaults.Overexposed));

    [Fact]
    public void Fog_is_flat()
    {
        Assert.True(Judge(Lit(Drawn(), 0.15f, 120)).Faults.HasFlag(FaceFaults.Flat));
        Assert.False(Judge(Lit(Drawn(), 0.5f, 60)).Faults.HasFlag(FaceFaults.Flat));
    }

    [Fact]
    public void A_better_look_has_a_higher_score()
    {
        float best = Judge(Drawn()).Score;
        Assert.True(Judge(Moved(Drawn(), 1, 0, 7)).Score < best);
        Assert.True(Judge(Lit(Drawn(), 0.4f, 0)).Score < best);
        Assert.True(_meter.Measure(s_box, new FacePose(0.3f, 0, 0), Drawn()).Score < best);
        Assert.True(_meter.Measure(new FaceBox(0, 0, 40, 50, 1), s_level, Drawn()).Score < best);
    }

    private FaceQuality Judge(BgrImage aligned) => _meter.Measure(s_box, s_level, aligned);

    /// <summary>A round head with dark eyes, brows, nose and mouth where the template has them.</summary>
    private static BgrImage Drawn()
    {
        var image = new BgrImage();
        image.Resize(112, 112);
        for (int y = 0; y < 112; y++)
        {
            for (int x = 0; x < 112; x++)
            {
                bool eye = Math.Abs(y - 51) < 4 && (Math.Abs(x - 38) < 7 || Math.Abs(x - 73) < 7);
                bool brow = Math.Abs(y - 40) < 2 && (Math.Abs(x - 38) < 9 || Math.Abs(x - 73) < 9);
                bool nose = Math.Abs(x - 56) < 4 && y is > 60 and < 74, mouth = Math.Abs(y - 90) < 3 && Math.Abs(x - 56) < 15;
                int skin = 150 - Math.Abs(x - 56) / 2;
                image.Row(y).Slice(3 * x, 3).Fill((byte)(eye || mouth ? 60 : brow ? 80 : nose ? skin - 40 : skin));
            }
        }
        return image;
    }

    private static BgrImage Lit(BgrImage image, float gain, int lift)
    {
        foreach (ref byte v in image.Pixels)
            v = (byte)Math.Clamp(v * gain + lift, 0, 255);
        return image;
    }

    /// <summary>Each pixel the mean of those along its way.</summary>
    private static BgrImage Moved(BgrImage image, int dx, int dy, int length)
    {
        var moved = new BgrImage();
        moved.Resize(112, 112);
        for (int y = 0; y < 112; y++)
        {
            for (int x = 0; x < 112; x++)
            {
                int sum = 0;
                for (int s = -(length / 2); s <= length / 2; s++)
                    sum += image.Row(Math.Clamp(y + s * dy, 0, 111))[3 * Math.Clamp(x + s * dx, 0, 111)];
                moved.Row(y).Slice(3 * x, 3).Fill((byte)(sum / length));
            }
        }
        return moved;
    }
}
