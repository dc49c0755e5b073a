using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.Benchmarks.Reporting;
using EdgeAgent.CommandCentre.PublicReports;

namespace EdgeAgent.Tests.Architecture;

/// <summary>What the public is told of the car is what the car does by default.</summary>
public sealed class PublicFactsTests
{
    [Fact]
    public void The_notice_says_what_the_cars_defaults_are()
    {
        string[] languages = NoticePage.Text.Split("\n# ");
        var (lists, alerts) = (new ListOptions(), new AlertOptions());
        Says($"人脸名单在 {lists.FacesAfterContactHours} 小时后、车牌名单在 {lists.PlatesAfterContactHours} 小时后销毁", $"lists of faces after {lists.FacesAfterContactHours} hours and lists of plates after {lists.PlatesAfterContactHours} hours");
        Says($"不足 {alerts.FaceMinWidthPx} 像素", $"narrower than {alerts.FaceMinWidthPx} pixels");
        Says($"{new CarOptions().AlertLapseSeconds} 秒内无人决定", $"within {new CarOptions().AlertLapseSeconds} seconds");
        Says($"前后各 {alerts.ClipSecondsBefore} 秒", $"{alerts.ClipSecondsBefore} seconds before and {alerts.ClipSecondsAfter} after");
        Assert.Equal(alerts.ClipSecondsBefore, alerts.ClipSecondsAfter);
        Says($"约 {new EyesOptions().RingSeconds} 秒", $"about {new EyesOptions().RingSeconds} seconds");

        void Says(string chinese, string english)
        {
            Assert.Contains(chinese, languages[0]);
            Assert.Contains(english, languages[1]);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 3)]
    [InlineData(13, 63)]
    [InlineData(999, 100_000)]
    public void The_report_and_the_evaluation_reckon_the_same_interval(int hits, int count)
    {
        Interval evaluated = Interval.Wilson(hits, count);
        Assert.Equal(new Share(evaluated.Value, evaluated.Low, evaluated.High, evaluated.Count), Share.Wilson(hits, count));
    }
}
