using System.Xml.Linq;
using EdgeAgent.Benchmarks;
using EdgeAgent.Benchmarks.Reporting;

namespace EdgeAgent.Tests.Vision;

public sealed class ReportTests
{
    /// <summary>Bounds computed apart from this code, with Wilson's formula typed into Python.</summary>
    [Theory]
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(1, 10, 0.0179, 0.4042)]
    [InlineData(5, 10, 0.2366, 0.7634)]
    [InlineData(293, 300, 0.9526, 0.9887)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(0, 0, 0, 1)]
    public void An_interval_is_Wilsons(int hits, int count, double low, double high)
    {
        var interval = Interval.Wilson(hits, count);
        Assert.Equal(low, interval.Low, 1e-4);
        Assert.Equal(high, interval.High, 1e-4);
        Assert.InRange(interval.Value, interval.Low, interval.High);
    }

    [Fact]
    public void More_hits_than_tries_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => Interval.Wilson(3, 2));

    [Fact]
    public void A_resampled_interval_leaves_a_fortieth_beyond_each_bound()
    {
        var interval = Interval.Bootstrap(0.5, [.. Enumerable.Range(0, 1000).Select(i => (999 - i) / 999.0)], 7);
        Assert.Equal((25 / 999.0, 974 / 999.0, 7), (interval.Low, interval.High, interval.Count));
    }

    [Fact]
    public void Ticks_are_round_and_stay_on_the_axis()
    {
        Assert.Equal([0, 0.2, 0.4, 0.6, 0.8, 1], new Axis("", 0, 1).Ticks().Select(t => Math.Round(t, 9)));
        Assert.Equal([1e-5, 1e-4, 1e-3, 0.01, 0.1, 1], new Axis("", 1e-5, 1, Log: true).Ticks().Select(t => Math.Round(t, 9)));
        var narrow = new Axis("", 0.93, 1);
        Assert.All(narrow.Ticks(), t => Assert.InRange(narrow.Place(t), 0, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_lies_beyond_an_axis_is_put_at_its_end(bool log)
    {
        var axis = new Axis("", 0.01, 1, log);
        Assert.Equal((0, 0, 1, 1, 0), (axis.Place(-5), axis.Place(0.01), axis.Place(1), axis.Place(9), axis.Place(double.NaN)));
        if (log)
            Assert.Equal(0.5, axis.Place(0.1), 1e-9);
    }

    [Fact]
    public void Reliability_counts_each_reading_once_and_measures_the_distance()
    {
        var bins = ReliabilityBin.Of([(0.95f, true), (0.95f, false), (0.15f, false), (1f, true), (float.NaN, false), (-3, true)], 10);
        Assert.Equal([2, 1, 0, 0, 0, 0, 0, 0, 0, 3], bins.Select(b => b.Count));
        Assert.Equal((0.95 + 0.95 + 1) / 3, bins[9].Confidence, 1e-6);
        Assert.Equal((2 * 0.5 + 1 * 0.15 + 3 * (2.9 / 3 - 2 / 3.0)) / 6, ReliabilityBin.CalibrationError(bins), 1e-6);
    }

    [Fact]
    public void Pictures_are_well_formed_whatever_they_are_given()
    {
        Series[] curves = [new("a < b & \"c\"", [(0, 0), (double.NaN, 3), (1e9, -1e9)]), new("none", [])];
        string[] pictures =
        [
            Charts.Curves("<t>", new Axis("x & y", 1e-5, 1, Log: true), new Axis("", 0, 1), curves),
            Charts.Bars("b", new Bar("<one>", Interval.Wilson(1, 3)), new Bar("nothing", Interval.Wilson(0, 0))),
            Charts.Histogram("h", new Axis("", -1, 1), 10, new Heap("x", [-5, 0, 0.5f, 99]), new Heap("empty", [])),
            Charts.Reliability("r", ReliabilityBin.Of([(0.5f, true)], 10)),
        ];
        foreach (string picture in pictures)
        {
            var svg = XDocument.Parse(picture);
            Assert.Equal("svg", svg.Root!.Name.LocalName);
            Assert.DoesNotContain("NaN", picture, StringComparison.Ordinal);
            Assert.DoesNotContain("∞", picture, StringComparison.Ordinal);
        }
        Assert.Contains("a &lt; b &amp; &quot;c&quot;", pictures[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_curve_of_many_points_is_thinned_to_what_a_screen_can_show()
    {
        var line = new Series("line", [.. Enumerable.Range(0, 300_000).Select(i => (i / 3e5, i / 3e5))]);
        string picture = Charts.Curves("t", new Axis("", 0, 1), new Axis("", 0, 1), line);
        Assert.InRange(picture.Length, 1000, 30_000);
    }

    [Fact]
    public void A_page_holds_everything_it_shows_and_escapes_what_it_is_told()
    {
        string page = new HtmlReport("<script>alert(1)</script>").Section("a & b").Text("x < y")
            .Table("caption", ["what", "n"], ["<b>", "1"]).Chart("picture", Charts.Bars("b")).ToString();
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new HtmlReport("t").Table("", ["one", "two"], ["only one"]));
    }

    [Fact]
    public void A_page_makes_its_folder_or_says_why_not()
    {
        using var folder = new ScratchFolder();
        new HtmlReport("t").Save(folder["a/b/c.html"]);
        Assert.StartsWith("<!doctype html>", File.ReadAllText(folder["a/b/c.html"]), StringComparison.Ordinal);
        File.WriteAllText(folder["file"], "");
        Assert.Throws<InputException>(() => new HtmlReport("t").Save(folder["file/c.html"]));
    }
}
