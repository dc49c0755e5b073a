using EdgeAgent.Chaos.Link;
using EdgeAgent.Tests.Rig;

namespace EdgeAgent.Tests.Chaos;

/// <summary>`chaos link` and `chaos offline`, short: a real car's link and a real centre, each in its own network.</summary>
public sealed class LinkTests
{
    [NetworkFact]
    public async Task A_network_that_forgets_connections_is_found_out_within_ten_seconds_and_loses_nothing()
    {
        LinkFigures figures = await PlayAsync(LinkProfile.Make("blackhole", ChaosProgram.Seed, 30));
        Assert.Empty(figures.Wrong());
        Assert.NotEmpty(figures.DetectedMs);
    }

    [NetworkFact]
    public async Task Out_of_a_tunnel_the_urgent_comes_within_two_seconds_and_the_rest_behind_it()
    {
        LinkFigures figures = await PlayAsync(LinkProfile.Make("tunnel", ChaosProgram.Seed, 30));
        Assert.Empty(figures.Wrong());
        Assert.NotEmpty(figures.UrgentAfterBackMs);
        Assert.True(figures.Appended > 1000, $"{figures.Appended} events");
    }

    [NetworkFact]
    public async Task After_hours_without_a_network_everything_comes_and_the_live_position_is_not_behind()
    {
        LinkFigures figures = await PlayAsync(LinkProfile.Offline(6, 8));
        Assert.Empty(figures.Wrong());
        Assert.Single(figures.UrgentAfterBackMs);
        Assert.True(figures is { Appended: > 4000, LivePosition.Events: > 3 }, figures.ToString());
    }

    private static async Task<LinkFigures> PlayAsync(LinkProfile profile)
    {
        using var folder = new DispatchClient.TemporaryDirectory();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        return await new LinkRun(profile, ChaosProgram.Seed, ChaosProgram.File, folder.Path, TextWriter.Null, TimeProvider.System).RunAsync(limit.Token);
    }
}
