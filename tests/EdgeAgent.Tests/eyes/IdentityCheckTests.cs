using EdgeAgent.Eyes.Pipelines;

namespace EdgeAgent.Tests.Eyes;

public sealed class IdentityCheckTests
{
    private readonly IdentityCheck _check = new();

    [Fact]
    public void What_is_followed_without_a_gap_is_not_looked_at_again()
    {
        for (int i = 0; i < 30; i++)
        {
            _check.Seen(i * 100, i);
            Assert.False(Offer(i * 100));
        }
    }

    [Fact]
    public void After_a_gap_it_is_looked_at_until_it_was_read_and_then_no_more()
    {
        _check.Seen(0, 0);
        _check.Seen(400, 4);
        Assert.True(Offer(400));
        _check.Seen(500, 5);
        Assert.False(Offer(500));
        _check.Seen(600, 6);
        Assert.True(Offer(600));
        _check.Looked(same: true);
        _check.Seen(900, 7);
        Assert.False(Offer(900));
        Assert.False(_check.IsOther);
    }

    [Fact]
    public void Looks_that_show_nothing_are_few()
    {
        _check.Seen(0, 0);
        int looks = 0;
        for (int i = 10; i < 60; i++)
        {
            _check.Seen(i * 100, i);
            looks += Offer(i * 100) ? 1 : 0;
        }
        Assert.Equal(3, looks);
    }

    [Fact]
    public void A_long_time_between_two_frames_that_follow_each_other_is_no_gap()
    {
        // A camera in which nothing moves is looked at twice a second.
        for (int i = 0; i < 10; i++)
        {
            _check.Seen(i * 500, i);
            Assert.False(Offer(i * 500));
        }
    }

    [Fact]
    public void Another_plate_stays_another()
    {
        _check.Seen(0, 0);
        _check.Seen(400, 4);
        Assert.True(Offer(400));
        _check.Looked(same: false);
        Assert.True(_check.IsOther);
    }

    [Fact]
    public void What_is_too_narrow_or_doubtful_waits()
    {
        _check.Seen(0, 0);
        _check.Seen(400, 4);
        Assert.False(_check.Offer(new Candidate(400, default, 30, 0.9f), 36, 0.35f));
        Assert.False(_check.Offer(new Candidate(400, default, 60, 0.3f), 36, 0.35f));
        Assert.True(Offer(500));
    }

    private bool Offer(long ms) => _check.Offer(new Candidate(ms, default, 60, 0.9f), 36, 0.35f);
}
