using System.Numerics;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Tests.Vision;

public sealed class PlateTests : IDisposable
{
    private readonly PlateDetector _detector = new(Models.Open());
    private readonly PlateReader _reader = new(Models.Open());
    private readonly PlateBox[] _found = new PlateBox[16];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 700)]
    [InlineData(1300, 3)]
    [InlineData(640, 360)]
    public void Nothing_is_found_where_nothing_is(int width, int height)
    {
        Assert.Equal(0, _detector.Detect(Picture.Filled(width, height, 128).View, _found));
        Assert.Equal(0, _detector.Detect(default, _found));
    }

    [Fact]
    public void Noise_may_be_looked_at_closely_but_is_never_read_with_confidence()
    {
        var noise = Picture.Noise(640, 360, seed: 3);
        int count = _detector.Detect(noise.View, _found);
        for (int i = 0; i < count; i++)
            Assert.True(_reader.Read(noise.View, _found[i]) is null or { Confidence: < 0.7f });
    }

    [Theory]
    [InlineData(float.NaN, 0, 100, 30)]
    [InlineData(0, 0, float.PositiveInfinity, 30)]
    [InlineData(10, 10, 10, 10)]
    [InlineData(-900, -900, -800, -870)]
    [InlineData(100, 30, 0, 0)]
    [InlineData(0, 0, 3e6f, 1e6f)]
    public void A_box_that_is_no_plate_in_the_picture_is_not_read(float x1, float y1, float x2, float y2)
    {
        var box = new PlateBox(new Quad(new(x1, y1), new(x2, y1), new(x2, y2), new(x1, y2)), 0.9f, TwoRow: false);
        Assert.Null(_reader.Read(Picture.Filled(200, 100, 90).View, box));
        Assert.Null(_reader.Read(Picture.Filled(2, 1, 90).View, box with { TwoRow = true }));
        Assert.Null(_reader.Read(default, box));
    }

    [Theory]
    [InlineData("京A·12345", "京A12345")]
    [InlineData("苏E·8K762", "苏E8K762")]
    public void A_drawn_plate_is_found_and_read(string drawn, string text)
    {
        using var folder = new ScratchFolder();
        Pictures.DrawPlate(folder["plate.png"], drawn);
        using var pool = new FramePool();
        using var frame = PictureFile.Load(folder["plate.png"], pool);
        Assert.Equal(1, _detector.Detect(frame.View, _found));
        Assert.False(_found[0].TwoRow);
        Assert.True(Vector2.Distance(_found[0].Corners.Centre, new Vector2(316, 221)) < 15);
        Assert.InRange(_found[0].Corners.Width, 105, 160);

        var read = _reader.Read(frame.View, _found[0]);
        Assert.NotNull(read);
        Assert.Equal(text, read.Text);
        Assert.Equal((PlateClass.Blue, "blue"), (read.Class, read.Colour));
        Assert.InRange(read.Confidence, 0.5f, 1);
        Assert.Equal(text.Length, read.CharacterConfidence.Length);
        Assert.True(read.MinConfidence > 0.7f);
        Assert.True(Vector2.Distance(read.Corners.Centre, new Vector2(316, 221)) < 10);
    }

    [Fact]
    public void A_crop_of_the_picture_reads_the_same_with_corners_in_the_crop()
    {
        using var folder = new ScratchFolder();
        Pictures.DrawPlate(folder["plate.png"], "京A·12345");
        using var pool = new FramePool();
        using var frame = PictureFile.Load(folder["plate.png"], pool);
        var crop = frame.View.Crop(130, 130, 370, 180);
        Assert.Equal(1, _detector.Detect(crop, _found));
        var read = _reader.Read(crop, _found[0]);
        Assert.Equal("京A12345", read?.Text);
        Assert.True(Vector2.Distance(read!.Corners.Centre, new Vector2(186, 91)) < 6);
    }

    [Fact]
    public void Wild_corners_never_break_a_reading()
    {
        const int Seed = 6;
        var random = new Random(Seed);
        var noise = Picture.Noise(160, 90, seed: 4);
        float[] wild = [0, 1, 159, 90, -50, 500, 1e6f, -1e6f, 1e30f, float.NaN, float.PositiveInfinity];
        Vector2 Point() => new(
            random.Next(3) == 0 ? wild[random.Next(wild.Length)] : random.Next(-20, 180), random.Next(3) == 0 ? wild[random.Next(wild.Length)] : random.Next(-20, 110));
        for (int round = 0; round < 40; round++)
        {
            var box = new PlateBox(new Quad(Point(), Point(), Point(), Point()), random.NextSingle(), random.Next(2) == 0);
            if (_reader.Read(noise.View, box) is { } read)
                Assert.True(PlateGrammar.Fits(read.Text) && float.IsFinite(read.Confidence), $"{read.Text}, round {round}, seed {Seed}");
        }
    }

    [Fact]
    public void Looking_again_finds_what_is_too_near_or_too_far_for_the_first_look()
    {
        Assert.Equal(0, _detector.DetectAgain(default, _found));
        Assert.Equal(0, _detector.DetectAgain(Picture.Filled(640, 360, 128).View, _found));
        using var folder = new ScratchFolder();
        Pictures.DrawPlate(folder["plate.png"], "京A·12345");
        using var pool = new FramePool();
        using var frame = PictureFile.Load(folder["plate.png"], pool);
        Assert.InRange(_detector.DetectAgain(frame.View, _found), 1, _found.Length);
        Assert.True(Vector2.Distance(_found[0].Corners.Centre, new Vector2(316, 221)) < 15);
    }

    [Fact]
    public void Detection_allocates_nothing_once_warm()
    {
        var noise = Picture.Noise(640, 360, seed: 12);
        using var sensitive = new PlateDetector(Models.Open(), threshold: 0.001f);
        _ = sensitive.Detect(noise.View, _found);
        _ = sensitive.Detect(noise.View, _found);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 5; i++)
                _ = sensitive.Detect(noise.View, _found);
        }));
    }

    [SharedDataFact("data/plates")]
    public void Real_crops_are_read_as_labelled()
    {
        string folder = SharedData.At("data/plates");
        string[][] labels = [.. File.ReadLines(Path.Combine(folder, "labels.csv")).Skip(1).Select(l => l.Split(',')).Where(c => c[2] == "crop").Take(40)];
        using var pool = new FramePool();
        int exact = labels.Count(cells =>
        {
            using var frame = PictureFile.Load(Path.Combine(folder, cells[0]), pool);
            return _reader.ReadCutOut(frame.View, twoRow: false)?.Text == cells[1];
        });
        Assert.True(exact >= 36, $"{exact} of 40");
    }

    public void Dispose()
    {
        _detector.Dispose();
        _reader.Dispose();
    }
}
