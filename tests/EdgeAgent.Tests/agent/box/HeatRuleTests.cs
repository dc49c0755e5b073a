using EdgeAgent.Agent.Box;

namespace EdgeAgent.Tests.Agent.Box;

public sealed class HeatRuleTests
{
    private readonly JumpTime time = new();

    [Fact]
    public void It_goes_down_in_steps_while_it_is_hot_stays_between_the_limits_and_comes_back_slower()
    {
        var rule = new HeatRule(90, 80, time);
        Assert.Equal([1, 1, 0.8f, 0.8f, 0.6f, 0.6f, 0.4f, 0.4f, 0.4f, 0.4f], Shares(rule, 10, 95));
        Assert.All(Shares(rule, 30, 85), share => Assert.Equal(0.4f, share));
        Assert.Equal([0.4f, 0.4f, 0.4f, 0.4f, 0.4f, 0.4f, 0.6f, 0.6f], Shares(rule, 8, 79));
        Assert.Equal(1, Shares(rule, 20, 60)[^1]);
    }

    [Fact]
    public void A_single_hot_reading_and_one_that_swings_about_a_limit_change_nothing()
    {
        var rule = new HeatRule(90, 80, time);
        for (int look = 0; look < 50; look++)
            Assert.Equal([1f], Shares(rule, 1, look % 2 == 0 ? 95 : 89));
        _ = Shares(rule, 4, 95);
        float share = rule.Share;
        for (int look = 0; look < 50; look++)
            Assert.Equal([share], Shares(rule, 1, look % 2 == 0 ? 79 : 81));
    }

    private float[] Shares(HeatRule rule, int looks, double celsius) => [.. Enumerable.Range(0, looks).Select(look =>
    {
        _ = rule.Take(celsius);
        time.Jump(TimeSpan.FromSeconds(10));
        return rule.Share;
    })];
}
