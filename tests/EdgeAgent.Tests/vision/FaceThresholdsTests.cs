using EdgeAgent.Agent.Alerts;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Tests.Vision;

public sealed class FaceThresholdsTests
{
    private readonly FaceThresholds _thresholds = FaceThresholds.Of(Models.Open());

    /// <summary>The points that were measured; half-way between two of them; and beyond the last, 0.093 a decade.</summary>
    [Theory]
    [InlineData(1e-3, 0.346)]
    [InlineData(1e-4, 0.422)]
    [InlineData(1e-5, 0.487)]
    [InlineData(1e-6, 0.580)]
    [InlineData(3.16227766e-4, 0.384)]
    [InlineData(3.16227766e-6, 0.5335)]
    [InlineData(1e-7, 0.673)]
    [InlineData(1e-8, 0.766)]
    [InlineData(1e-12, 0.95)]
    [InlineData(0.5, 0.346)]
    [InlineData(0, 0.95)]
    [InlineData(double.NaN, 0.95)]
    public void A_rate_gives_the_cosine_that_was_measured_for_it(double rate, double cosine) =>
        Assert.Equal(cosine, _thresholds.ForComparisons(rate), 1e-4);

    /// <summary>One in 1,000 visits among 300 listed: 3.3e-6 a comparison.</summary>
    [Theory]
    [InlineData(1, 1, 0.346)]
    [InlineData(1, 300, 0.5314)]
    [InlineData(10, 300, 0.4530)]
    [InlineData(0.1, 300, 0.6244)]
    [InlineData(1, 10_000, 0.673)]
    [InlineData(100, 1, 0.346)]
    public void A_list_and_a_rate_of_visits_give_a_threshold(double per1000, int listed, double cosine) =>
        Assert.Equal(cosine, _thresholds.ForVisits(per1000, listed), 1e-4);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Against_an_empty_list_nothing_is_alike(int listed) => Assert.True(_thresholds.ForVisits(1, listed) > 1);

    [Fact]
    public void More_faces_or_fewer_false_alerts_never_lower_the_threshold()
    {
        var random = new Random(20240611);
        for (int i = 0; i < 20_000; i++)
        {
            double rate = Math.Pow(10, random.NextDouble() * 6 - 4), rarer = rate * random.NextDouble();
            int listed = random.Next(1, 200_000), more = listed + random.Next(0, 200_000);
            float threshold = _thresholds.ForVisits(rate, listed);
            Assert.InRange(threshold, 0.346f, FaceThresholds.Highest);
            Assert.True(_thresholds.ForVisits(rate, more) >= threshold, $"{rate} of {listed} and of {more}");
            Assert.True(_thresholds.ForVisits(rarer, listed) >= threshold, $"{rate} and {rarer} of {listed}");
        }
    }

    [Theory]
    [InlineData("\"far1e-3\": 0.3", "needs thresholds")]
    [InlineData("\"far1e-3\": 0.3, \"far1e-4\": 0.3", "each higher")]
    [InlineData("\"minWidthPx\": 32, \"farther\": 1", "needs thresholds")]
    public void A_table_that_cannot_be_right_is_refused(string table, string sentence)
    {
        using var folder = new ScratchFolder();
        string manifest = File.ReadAllText(Path.Combine(Models.Directory, "models.json"));
        int from = manifest.IndexOf("\"far1e-3\"", StringComparison.Ordinal), to = manifest.IndexOf('}', from);
        File.WriteAllText(folder["models.json"], manifest[..from] + table + manifest[to..]);
        var error = Assert.Throws<ModelException>(() => FaceThresholds.Of(ModelStore.Open(folder.Path)));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void To_say_stop_a_face_must_be_more_alike()
    {
        var limits = FaceLimits.For(new AlertOptions(), _thresholds, 300);
        Assert.Equal(_thresholds.ForVisits(1, 300), limits.Alert);
        Assert.True(limits.Stop > limits.Alert);
        Assert.True(FaceLimits.For(new AlertOptions(), _thresholds, 3000).Alert > limits.Alert);
    }

    [Theory]
    [InlineData(0, 0.1, "FaceFalseAlertsPer1000Visits")]
    [InlineData(101, 0.1, "FaceFalseAlertsPer1000Visits")]
    [InlineData(double.NaN, 0.1, "FaceFalseAlertsPer1000Visits")]
    [InlineData(1, 0, "FaceStopFalseAlertsPer1000Visits")]
    [InlineData(1, 1.1, "FaceStopFalseAlertsPer1000Visits")]
    public void Rates_that_make_no_sense_are_refused_at_the_start(double alert, double stop, string key)
    {
        var options = new AlertOptions { FaceFalseAlertsPer1000Visits = alert, FaceStopFalseAlertsPer1000Visits = stop };
        Assert.Contains(options.Problems(), p => p.StartsWith($"Alerts.{key} is", StringComparison.Ordinal));
        Assert.Empty(new AlertOptions().Problems());
    }
}
