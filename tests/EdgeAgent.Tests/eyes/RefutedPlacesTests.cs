using EdgeAgent.Eyes.Pipelines;

namespace EdgeAgent.Tests.Eyes;

public sealed class RefutedPlacesTests
{
    private readonly RefutedPlaces _places = new();

    [Fact]
    public void The_same_place_is_known_again_and_its_neighbour_is_not()
    {
        Assert.False(_places.Contains(At(0.2f), 0));
        _places.Add(At(0.2f), 0);
        Assert.True(_places.Contains(At(0.21f), 1000));
        Assert.False(_places.Contains(At(0.27f), 1000));
        _places.Clear();
        Assert.False(_places.Contains(At(0.2f), 1000));
    }

    [Fact]
    public void A_place_not_seen_for_a_minute_is_forgotten_and_one_seen_again_is_kept()
    {
        _places.Add(At(0.2f), 0);
        _places.Add(At(0.5f), 0);
        Assert.True(_places.Contains(At(0.2f), 50_000));
        Assert.True(_places.Contains(At(0.2f), 100_000));
        Assert.False(_places.Contains(At(0.5f), 100_000));
    }

    [Fact]
    public void Full_it_lets_go_of_the_place_that_was_longest_not_seen()
    {
        for (int i = 0; i < 16; i++)
            _places.Add(At(0.05f * i), i);
        Assert.True(_places.Contains(At(0), 20));
        _places.Add(At(0.9f), 30);
        Assert.True(_places.Contains(At(0), 31) && _places.Contains(At(0.9f), 31));
        Assert.False(_places.Contains(At(0.05f), 31));
    }

    private static ShareBox At(float x) => new(x, 0.5f, x + 0.04f, 0.52f);
}
