using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.Reading;

namespace EdgeAgent.Tests.Eyes;

public sealed class CropPlanTests
{
    private readonly CropPlan _plan = new(leastWidthPx: 40);

    [Fact]
    public void What_is_too_small_to_read_is_never_looked_at()
    {
        for (int i = 0; i < 50; i++)
            Assert.False(_plan.Offer(At(i * 100, 39)));
        Assert.Null(_plan.Leave());
    }

    [Fact]
    public void The_first_readable_instant_is_looked_at_at_once()
    {
        Assert.False(_plan.Offer(At(0, 30)));
        Assert.True(_plan.Offer(At(100, 45)));
    }

    [Fact]
    public void A_visit_gets_at_most_three_looks_however_long_it_lasts()
    {
        int looks = 0;
        for (int i = 0; i < 1000; i++)
            looks += _plan.Offer(At(i * 100, 50 + i)) ? 1 : 0;
        Assert.Equal(3, looks);
        Assert.Null(_plan.Leave());
    }

    [Fact]
    public void Spare_looks_are_taken_while_reading_is_idle_apart_from_each_other_and_only_so_many()
    {
        var plan = new CropPlan(leastWidthPx: 40, spareCrops: 5);
        List<int> looks = [];
        for (int i = 0; i < 200; i++)
            if (plan.Offer(At(i * 100, 90), idle: i is < 40 or > 100))
                looks.Add(i);
        Assert.Equal(8, looks.Count);
        Assert.DoesNotContain(looks, i => i is >= 40 and <= 100);
        Assert.All(looks.Skip(3).Zip(looks.Skip(2)), pair => Assert.True(pair.First - pair.Second >= 6));
        Assert.False(plan.WantsMore);
    }

    [Fact]
    public void A_spare_look_is_for_what_is_wide_enough_and_surely_there()
    {
        var plan = new CropPlan(leastWidthPx: 40, sureScore: 0.5f, spareCrops: 5);
        for (int i = 0; i < 30; i++)
            _ = plan.Offer(At(i * 100, 90) with { Score = 0.9f }, idle: false);
        Assert.Equal(3, plan.Taken);
        Assert.False(plan.Offer(At(9_000, 39) with { Score = 0.9f }, idle: true));
        Assert.False(plan.Offer(At(9_000, 90) with { Score = 0.4f }, idle: true));
        Assert.True(plan.Offer(At(9_000, 90) with { Score = 0.9f }, idle: true));
    }

    [Fact]
    public void Growth_brings_the_next_look_sooner_than_waiting()
    {
        Assert.True(_plan.Offer(At(0, 50)));
        Assert.False(_plan.Offer(At(100, 80)));
        Assert.True(_plan.Offer(At(200, 80)));
        Assert.False(_plan.Offer(At(500, 80)));
        Assert.True(_plan.Offer(At(800, 80)));
    }

    [Fact]
    public void The_last_look_waits_for_a_narrow_thing_to_come_nearer_but_not_for_ever()
    {
        Assert.True(_plan.Offer(At(0, 50)));
        Assert.True(_plan.Offer(At(400, 50)));
        Assert.False(_plan.Offer(At(2000, 60)));
        Assert.True(_plan.Offer(At(2900, 60)));
    }

    [Fact]
    public void Gone_it_is_looked_at_where_it_was_seen_best()
    {
        Assert.True(_plan.Offer(At(0, 50)));
        Assert.False(_plan.Offer(At(100, 58)));
        Assert.False(_plan.Offer(At(200, 54)));
        Assert.Equal(100, _plan.Leave()!.Value.MonoMs);
        Assert.Null(_plan.Leave());
    }

    [Fact]
    public void A_look_that_was_not_taken_is_given_back()
    {
        Assert.True(_plan.Offer(At(0, 90)));
        Assert.True(_plan.Offer(At(400, 90)));
        Assert.True(_plan.Offer(At(1100, 90)));
        Assert.False(_plan.Offer(At(3000, 90)));
        _plan.GiveBack();
        Assert.True(_plan.Offer(At(3100, 90)));
    }

    [Fact]
    public void A_first_look_that_gave_nothing_is_taken_again_a_little_later()
    {
        Assert.True(_plan.Offer(At(1000, 50)));
        _plan.GiveBack();
        Assert.False(_plan.Offer(At(1100, 52)));
        Assert.True(_plan.Offer(At(1300, 52)));
        _plan.GiveBack();
        Assert.True(_plan.Offer(At(1450, 70)));
    }

    [Fact]
    public void What_the_detector_is_never_sure_of_gets_one_late_look_and_no_more()
    {
        var plan = new CropPlan(leastWidthPx: 40, sureScore: 0.45f);
        Assert.False(plan.Offer(Weak(0)));
        Assert.False(plan.Offer(Weak(300)));
        Assert.True(plan.WantsMore);
        Assert.True(plan.Offer(Weak(400)));
        Assert.False(plan.WantsMore || plan.IsSure);
        for (int i = 5; i < 100; i++)
            Assert.False(plan.Offer(Weak(i * 100)));
        Assert.Null(plan.Leave());
        plan.GiveBack();
        Assert.True(plan.WantsMore);
        Assert.True(plan.Offer(Weak(10_000)));
    }

    [Fact]
    public void A_key_frame_that_is_near_is_waited_for_and_a_visit_that_ends_before_it_is_looked_at_all_the_same()
    {
        Assert.False(_plan.Offer(At(0, 80) with { CheaperInMs = 300 }));
        Assert.False(_plan.Offer(At(200, 82) with { CheaperInMs = 100 }));
        Assert.True(_plan.Offer(At(300, 80)));
        Assert.True(new CropPlan(leastWidthPx: 40).Offer(At(0, 80) with { CheaperInMs = 900 }));

        var brief = new CropPlan(leastWidthPx: 40);
        Assert.False(brief.Offer(At(0, 80) with { CheaperInMs = 300 }));
        Assert.Equal(0, brief.Leave()!.Value.MonoMs);
    }

    [Fact]
    public void Sure_once_it_gets_its_looks_at_the_instants_that_are_sure()
    {
        var plan = new CropPlan(leastWidthPx: 40, sureScore: 0.45f);
        Assert.False(plan.Offer(Weak(0)));
        Assert.True(plan.Offer(At(100, 80)));
        Assert.True(plan is { IsSure: true, WantsMore: true });
        Assert.True(plan.Offer(At(600, 80)));
        Assert.True(plan.Offer(Weak(1500)));
        Assert.False(plan.WantsMore);
    }

    [Theory]
    [InlineData(0.5f, 0.5f, 0.05f)]
    [InlineData(0.01f, 0.01f, 0.05f)]
    [InlineData(0.99f, 0.99f, 0.9f)]
    [InlineData(-0.2f, 1.3f, 0.001f)]
    public void A_region_lies_in_the_picture_and_holds_what_is_in_it(float x, float y, float width)
    {
        var box = new ShareBox(x - width / 2, y - width / 4, x + width / 2, y + width / 4);
        foreach (var kind in new[] { VisitKind.Face, VisitKind.Plate })
            foreach (var (w, h) in new[] { (1920, 1080), (1280, 720), (320, 180), (3840, 2160) })
            {
                var region = CropRegion.Around(kind, box, w, h);
                Assert.InRange(region.X, 0, w - region.Width);
                Assert.InRange(region.Y, 0, h - region.Height);
                Assert.True(region.Width > 0 && region.Height > 0);
                if (x is > 0 and < 1 && y is > 0 and < 1)
                {
                    Assert.InRange(x * w, region.X, region.X + region.Width);
                    Assert.InRange(y * h, region.Y, region.Y + region.Height);
                }
            }
    }

    [Fact]
    public void The_neighbour_and_the_bystander_are_not_taken_for_it()
    {
        var box = new ShareBox(0.4f, 0.5f, 0.5f, 0.55f);
        var region = CropRegion.Around(VisitKind.Plate, box, 1920, 1080);
        (float X1, float Y1, float X2, float Y2) same = (768 - region.X, 540 - region.Y, 960 - region.X, 594 - region.Y);
        Assert.InRange(region.Distance(box, 1920, 1080, same.X1, same.Y1, same.X2, same.Y2), 0, 0.01f);
        Assert.InRange(region.Distance(box, 1920, 1080, same.X1 + 288, same.Y1, same.X2 + 288, same.Y2), 1.4f, 1.6f);
        Assert.Equal(float.PositiveInfinity, region.Distance(box, 1920, 1080, same.X1, same.Y1, same.X1 + 60, same.Y1 + 20));
        Assert.Equal(float.PositiveInfinity, region.Distance(box, 1920, 1080, same.X1, same.Y1, float.NaN, same.Y2));
    }

    private static Candidate Weak(long monoMs) => new(monoMs, default, 80, 0.3f);

    private static Candidate At(long monoMs, float width) => new(monoMs, default, width, 0.9f);
}
