using EdgeAgent.Benchmarks.Eval;
using EdgeAgent.Rig.Drives;

namespace EdgeAgent.Tests.Rig;

public sealed class DriveScoreTests
{
    [Fact]
    public void A_visit_is_read_by_its_own_text_wrong_by_another_and_missed_by_silence()
    {
        DriveVisit read = Visit("a", "浙A12345", 1000, 3000), wrong = Visit("b", "京B67890", 4000, 6000), missed = Visit("c", "沪C24680", 7000, 9000);
        DriveScore score = DriveScore.Of([read, wrong, missed], [Tell("浙A12345", 2000), Tell("京B6789D", 5000)]);

        Assert.Equal([DriveOutcome.Read, DriveOutcome.Wrong, DriveOutcome.Missed], score.Visits.Select(v => v.Outcome));
        Assert.Equal(["京B6789D"], score.WrongTells.Select(t => t.Text));
    }

    [Fact]
    public void What_was_told_right_once_is_read_and_the_other_telling_still_counts_as_wrong()
    {
        DriveScore score = DriveScore.Of([Visit("a", "浙A12345", 1000, 3000)], [Tell("浙A12345", 1500), Tell("浙A12346", 2500)]);

        Assert.Equal(DriveOutcome.Read, score.Visits.Single().Outcome);
        Assert.Equal(["浙A12346"], score.WrongTells.Select(t => t.Text));
    }

    [Fact]
    public void Of_two_that_are_there_a_text_belongs_to_the_more_alike()
    {
        DriveScore score = DriveScore.Of([Visit("a", "浙A12345", 1000, 3000), Visit("b", "京B67890", 1000, 3000)], [Tell("京B67898", 2000)]);

        Assert.Equal([DriveOutcome.Missed, DriveOutcome.Wrong], score.Visits.Select(v => v.Outcome));
    }

    [Theory]
    [InlineData(9000, "cam1")]
    [InlineData(2000, "cam2")]
    public void A_text_at_another_time_or_camera_is_nobodys(long clipMs, string camera)
    {
        DriveScore score = DriveScore.Of([Visit("a", "浙A12345", 1000, 3000)], [Tell("浙A12345", clipMs) with { Camera = camera }]);

        Assert.Equal(DriveOutcome.Missed, score.Visits.Single().Outcome);
        Assert.Single(score.WrongTells);
    }

    [Fact]
    public void A_text_that_is_nothing_like_the_plate_does_not_find_it()
    {
        DriveScore score = DriveScore.Of([Visit("a", "浙A12345", 1000, 3000)], [Tell("粤Z9876港", 2000)]);

        Assert.Equal(DriveOutcome.Missed, score.Visits.Single().Outcome);
        Assert.Single(score.WrongTells);
    }

    [Fact]
    public void Only_visits_that_show_64_px_for_half_a_second_count()
    {
        DriveScore score = DriveScore.Of([Visit("a", "浙A12345", 1000, 3000), Visit("b", "京B67890", 1000, 3000) with { CountedMs = 499 }], []);

        Assert.Equal(["a"], score.Counted.Select(v => v.Visit.Id));
    }

    [Theory]
    [InlineData("浙A12345", "浙A12345", 0)]
    [InlineData("浙A12345", "浙A1245", 1)]
    [InlineData("浙A12345", "京B12345", 2)]
    [InlineData("", "浙A", 2)]
    public void Distance_counts_changed_lost_and_added_characters(string a, string b, int expected)
    {
        Assert.Equal(expected, DriveScore.Distance(a, b));
        Assert.Equal(expected, DriveScore.Distance(b, a));
    }

    private static DriveVisit Visit(string id, string plate, long from, long to) =>
        new("cam1", id, plate, "blue", "day", "parked", from, to, 100, 1000, 20, 20, 0, 0, 0, [[(int)from, 0, 0, 100, 32, 100]]);

    private static DriveTell Tell(string text, long clipMs) => new("cam1", $"visit-{clipMs}", text, clipMs, 100, 2, 0.9);
}
