using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Tracking;

namespace EdgeAgent.Tests.Vision;

public sealed class SteadyTrackerTests
{
    [Fact]
    public void Following_allocates_nothing_also_while_the_detector_flickers()
    {
        var tracker = new Tracker(new TrackerOptions());
        List<Track> updated = [], ended = [];
        var boxes = new TrackBox[9];
        Run(0, 100);
        Assert.Equal(8, updated.Count);
        int from = 100;
        Assert.Equal(0, Allocations.Of(() => Run(from, from += 900)));
        Assert.Equal(8, updated.Count);

        void Run(int from, int to)
        {
            for (int frame = from; frame < to; frame++)
            {
                for (int i = 0; i < 8; i++)
                    boxes[i] = new TrackBox(70 * i + frame % 20, 100, 70 * i + frame % 20 + 40, 120, 0.9f, i);
                // Once in a while something is seen once, each time elsewhere.
                int count = frame % 7 == 0 ? 9 : 8;
                boxes[8] = new TrackBox(frame * 131 % 600, 300, frame * 131 % 600 + 20, 310, 0.3f, 8);
                tracker.Update(boxes.AsSpan(0, count), 100 * frame, updated, ended);
            }
        }
    }

    [Fact]
    public void A_track_that_is_used_again_is_a_visit_of_its_own()
    {
        var tracker = new Tracker(new TrackerOptions { MaxGapMs = 100 });
        List<Track> updated = [], ended = [];
        tracker.Update([new TrackBox(0, 0, 20, 10, 1)], 0, updated, ended);
        Assert.True(tracker.HasUnconfirmed);
        tracker.Update([], 200, updated, ended);
        Assert.False(tracker.HasUnconfirmed);
        var ids = new HashSet<string>();
        for (int i = 0; i < 3; i++)
        {
            long at = 1000 + 1000 * i;
            tracker.Update([new TrackBox(300, 0, 320, 10, 1)], at, updated, ended);
            tracker.Update([new TrackBox(300, 0, 320, 10, 1)], at + 50, updated, ended);
            var track = Assert.Single(updated);
            Assert.Equal((at, at + 50, 2), (track.FirstMonoMs, track.LastMonoMs, track.Hits));
            Assert.True(ids.Add(track.VisitId));
            Assert.Equal(13, track.VisitId.Length);
        }
    }
}
