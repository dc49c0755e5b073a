using EdgeAgent.Rig.Clips;
using EdgeAgent.Vision.Plates;
using PlateClass = EdgeAgent.Rig.Clips.PlateClass;

namespace EdgeAgent.Tests.Rig;

public sealed class PlateDrawingTests(PlateDrawingTests.Glyphs glyphs) : IClassFixture<PlateDrawingTests.Glyphs>
{
    private const float PixelsPerMm = 1;

    [Fact]
    public void Every_text_is_one_that_the_standard_allows_and_fills_its_class()
    {
        var random = new Random(11);
        foreach (PlateClass kind in Enum.GetValues<PlateClass>())
        {
            Plate[] plates = [.. Enumerable.Range(0, 200).Select(_ => Plate.Random(kind, random))];
            Assert.All(plates, p => Assert.True(PlateGrammar.Fits(p.Text), p.Text));
            Assert.All(plates, p => Assert.Equal(p.IsGreen ? 8 : 7, p.Text.Length));
            Assert.All(plates, p => Assert.Equal(kind == PlateClass.White, p.Text.EndsWith('警')));
            Assert.InRange(plates.Select(p => p.Text).Distinct().Count(), 190, 200);
        }
    }

    [Theory]
    [InlineData("浙A12345", "Blue", 24, 74, 168)]
    [InlineData("浙A12345", "Yellow", 232, 178, 30)]
    [InlineData("浙A12345", "YellowTwoRow", 232, 178, 30)]
    [InlineData("浙A12345D", "GreenBig", 232, 178, 30)]
    [InlineData("浙A1234警", "White", 240, 242, 245)]
    [InlineData("粤Z1234港", "Black", 22, 22, 24)]
    public void The_ground_has_the_colour_of_its_class(string text, string kind, int red, int green, int blue)
    {
        Raster plate = Draw(text, kind);
        // Between the rim and the first character.
        Assert.Equal((red, green, blue), At(plate, 10, plate.Height / 2));
    }

    [Fact]
    public void Green_plates_run_from_white_to_green_and_big_ones_are_green_only_behind_the_province()
    {
        Raster small = Draw("浙AD12345", "Green");
        (int topRed, int topGreen, _) = At(small, 10, 12);
        (int lowRed, int lowGreen, _) = At(small, 10, 130);
        Assert.True(topGreen - topRed < 40 && lowGreen - lowRed > 90, $"{topRed} {topGreen}, {lowRed} {lowGreen}");
        Assert.Equal((78, 190, 118), At(Draw("浙A12345D", "GreenBig"), 470, 70));
    }

    [Fact]
    public void Only_the_yellow_plate_of_big_vehicles_has_two_rows()
    {
        Raster two = Draw("浙A12345", "YellowTwoRow");
        Assert.Equal((440, 220), (two.Width, two.Height));
        Assert.Equal([true, false, true], [InkOn(two, 45), InkOn(two, 82), InkOn(two, 145)]);

        Raster one = Draw("浙A12345", "Yellow");
        Assert.Equal((440, 140), (one.Width, one.Height));
        Assert.True(InkOn(one, 70) && InkOn(one, 45) && InkOn(one, 95));
    }

    [Fact]
    public void The_police_mark_is_red_and_stands_at_the_end()
    {
        Raster plate = Draw("浙A1234警", "White");
        int[] red = [.. Enumerable.Range(0, plate.Width).Where(x => Enumerable.Range(0, plate.Height).Any(y => At(plate, x, y) is { Red: > 150, Green: < 90, Blue: < 90 }))];
        Assert.InRange(red.Min(), 370, 400);
        Assert.InRange(red.Max(), 410, 430);
    }

    private static bool InkOn(Raster plate, int y) => Enumerable.Range(20, plate.Width - 40).Any(x => At(plate, x, y).Red < 60);

    private static (int Red, int Green, int Blue) At(Raster picture, int x, int y)
    {
        ReadOnlySpan<byte> bgra = picture.Pixels.AsSpan((y * picture.Width + x) * 4, 4);
        return (bgra[2], bgra[1], bgra[0]);
    }

    private Raster Draw(string text, string kind) => new PlateDrawing(glyphs.Han).Draw(new Plate(text, Enum.Parse<PlateClass>(kind)), PixelsPerMm);

    public sealed class Glyphs : IAsyncLifetime
    {
        internal HanGlyphs Han { get; private set; } = null!;

        public async Task InitializeAsync() => Han = await HanGlyphs.LoadAsync(CancellationToken.None);

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
