using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Tracking;

namespace EdgeAgent.Tests.Vision;

public sealed class TrackerTests
{
    private readonly List<Track> _seen = [];
    private readonly List<Track> _ended = [];

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Tracker(new TrackerOptions { ConfirmHits = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Tracker(new TrackerOptions { MaxGapMs = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Tracker(new TrackerOptions { MinOverlap = float.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Tracker(new TrackerOptions { Capacity = 0 }));
    }

    [Fact]
    public void Boxes_that_are_none_are_passed_over()
    {
        var tracker = new Tracker(new TrackerOptions { ConfirmHits = 1 });
        tracker.Update([new(float.NaN, 0, 9, 9, 1), new(5, 5, 5, 5, 1), new(9, 9, 1, 1, 1)], 0, _seen, _ended);
        Assert.Empty(_seen);
        Assert.Equal(0, tracker.Count);
    }

    [Fact]
    public void A_flicker_is_never_confirmed_and_never_ends()
    {
        var tracker = new Tracker(new TrackerOptions());
        tracker.Update([Box(10, 10)], 0, _seen, _ended);
        Assert.Empty(_seen);
        tracker.Update([], 5000, _seen, _ended);
        Assert.Empty(_ended);
        Assert.Equal(0, tracker.Count);
    }

    [Fact]
    public void A_track_that_was_given_back_serves_another_visit_and_knows_nothing_of_the_first()
    {
        var tracker = new Tracker(new TrackerOptions { ConfirmHits = 1 });
        tracker.Update([Box(10, 10)], 0, _seen, _ended);
        var first = Assert.Single(_seen);
        first.Tag = "the first visit";
        string id = first.VisitId;
        tracker.Update([], 5000, _seen, _ended);
        Assert.Same(first, Assert.Single(_ended));
        tracker.GiveBack(_ended);
        Assert.Empty(_ended);
        Assert.Null(first.Tag);
        tracker.Update([Box(300, 200)], 5100, _seen, _ended);
        Assert.Same(first, Assert.Single(_seen));
        Assert.NotEqual(id, first.VisitId);
        Assert.Equal((1, 5100L, (object?)null), (first.Hits, first.FirstMonoMs, first.Tag));
    }

    [Fact]
    public void One_thing_keeps_one_id_through_movement_and_a_gap()
    {
        var tracker = new Tracker(new TrackerOptions());
        string? id = null;
        for (int frame = 0; frame < 40; frame++)
        {
            bool hidden = frame is >= 12 and < 18;
            tracker.Update(hidden ? [] : [Box(20 + 9 * frame, 50 + 2 * frame)], 100 * frame, _seen, _ended);
            Assert.Empty(_ended);
            if (frame > 0 && !hidden)
                Assert.Equal(id ??= Assert.Single(_seen).VisitId, Assert.Single(_seen).VisitId);
        }
        tracker.Update([], 3900 + 1001, _seen, _ended);
        Assert.Equal(id, Assert.Single(_ended).VisitId);
        Assert.Equal(34, _ended[0].Hits);
        Assert.Equal(3900, _ended[0].LastMonoMs);
    }

    [Fact]
    public void Two_that_pass_each_other_keep_their_ids()
    {
        var tracker = new Tracker(new TrackerOptions());
        string? right = null, left = null;
        for (int frame = 0; frame < 30; frame++)
        {
            // In opposite lanes, 12 px apart in height, each 40x20.
            tracker.Update([Box(10 + 10 * frame, 100), Box(310 - 10 * frame, 130)], 100 * frame, _seen, _ended);
            if (frame == 0)
                continue;
            Assert.Equal(2, _seen.Count);
            Assert.Equal(right ??= Id(100), Id(100));
            Assert.Equal(left ??= Id(130), Id(130));
        }
        Assert.NotEqual(right, left);

        string Id(float y) => _seen.Single(t => t.Box.Y1 == y).VisitId;
    }

    [Fact]
    public void A_small_fast_plate_that_never_overlaps_itself_is_still_one_visit()
    {
        var tracker = new Tracker(new TrackerOptions());
        for (int frame = 0; frame < 10; frame++)
            tracker.Update([new TrackBox(20 + 45 * frame, 100, 50 + 45 * frame, 110, 0.8f)], 100 * frame, _seen, _ended);
        Assert.Equal(10, Assert.Single(_seen).Hits);
        Assert.Equal(1, tracker.Count);
    }

    [Fact]
    public void Another_thing_far_away_is_another_visit()
    {
        var tracker = new Tracker(new TrackerOptions { ConfirmHits = 1 });
        tracker.Update([Box(10, 10)], 0, _seen, _ended);
        string first = Assert.Single(_seen).VisitId;
        tracker.Update([Box(500, 300)], 100, _seen, _ended);
        Assert.NotEqual(first, Assert.Single(_seen).VisitId);
    }

    [Fact]
    public void A_frame_from_the_past_changes_nothing()
    {
        var tracker = new Tracker(new TrackerOptions { ConfirmHits = 1 });
        tracker.Update([Box(10, 10)], 1000, _seen, _ended);
        tracker.Update([Box(400, 10)], 900, _seen, _ended);
        Assert.Empty(_seen);
        Assert.Equal(1, tracker.Count);
    }

    [Fact]
    public void More_boxes_than_it_holds_are_dropped_not_kept()
    {
        var tracker = new Tracker(new TrackerOptions { Capacity = 3 });
        tracker.Update([.. Enumerable.Range(0, 100).Select(i => Box(100 * i, 0))], 0, _seen, _ended);
        Assert.Equal(3, tracker.Count);
    }

    [Fact]
    public void A_lost_camera_ends_every_confirmed_visit()
    {
        var tracker = new Tracker(new TrackerOptions());
        tracker.Update([Box(10, 10), Box(200, 10)], 0, _seen, _ended);
        tracker.Update([Box(12, 10)], 100, _seen, _ended);
        tracker.EndAll(_ended);
        Assert.Single(_ended);
        Assert.Equal(0, tracker.Count);
    }

    [Fact]
    public void The_owners_state_and_the_detectors_index_stay_with_the_track()
    {
        var tracker = new Tracker(new TrackerOptions { ConfirmHits = 1 });
        tracker.Update([Box(10, 10)], 0, _seen, _ended);
        _seen[0].Tag = "mine";
        tracker.Update([Box(300, 300), Box(11, 10) with { Index = 1 }], 100, _seen, _ended);
        var track = _seen.Single(t => t.Tag is "mine");
        Assert.Equal(1, track.Box.Index);
    }

    [Fact]
    public void Following_allocates_nothing()
    {
        var tracker = new Tracker(new TrackerOptions());
        TrackBox[] boxes = [Box(10, 10), Box(200, 10), Box(400, 200)];
        for (int i = 0; i < 3; i++)
            tracker.Update(boxes, 100 * i, _seen, _ended);
        int frame = 3;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int last = frame + 47; frame < last; frame++)
                tracker.Update(boxes, 100 * frame, _seen, _ended);
        }));
    }

    private static TrackBox Box(float x, float y) => new(x, y, x + 40, y + 20, 0.9f);
}
