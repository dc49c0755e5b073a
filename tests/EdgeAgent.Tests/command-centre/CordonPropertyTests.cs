using EdgeAgent.CommandCentre.Containments;
using EdgeAgent.Contract;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>What holds of every cordon and every assignment. PATROL_SEED repeats a run.</summary>
public sealed class CordonPropertyTests
{
    private readonly int seed = int.TryParse(Environment.GetEnvironmentVariable("PATROL_SEED"), out var given) ? given : System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);

    [Fact]
    public void No_assignment_fills_more_posts_is_done_sooner_or_costs_less_than_the_one_that_is_proposed()
    {
        var random = new Random(seed);
        for (var round = 0; round < 1500; round++)
        {
            var (posts, cars) = (random.Next(1, 7), random.Next(1, 7));
            // Few different times: ties are where such algorithms go wrong.
            var most = random.Next(2, 12);
            var times = Enumerable.Range(0, posts).Select(_ => Enumerable.Range(0, cars).Select(_ => random.Next(5) == 0 ? (long?)null : random.Next(most)).ToArray()).ToArray();
            var chosen = BottleneckAssignment.Of(times);
            var pairs = chosen.Select((car, post) => (car, post)).Where(pair => pair.car >= 0).ToList();
            Assert.Equal(pairs.Count, pairs.Select(pair => pair.car).Distinct().Count());
            var own = (-pairs.Count, pairs.Count == 0 ? 0 : pairs.Max(pair => times[pair.post][pair.car]!.Value), pairs.Sum(pair => times[pair.post][pair.car]!.Value));
            var best = Best(times, 0, 0, (0, 0, 0));
            Assert.True(own == best, $"PATROL_SEED={seed}, round {round}: {own}, brute force {best}");
        }
    }

    [Fact]
    public void Every_proposed_post_lies_on_its_cordon_in_order_around_it()
    {
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("no-roads-").FullName;
        var none = new RoadBook(new EdgeAgent.CommandCentre.Identity.DataFolder(folder));
        for (var round = 0; round < 200; round++)
        {
            var shape = random.Next(2) == 0
                ? new CordonShape(random.NextDouble() * 50, 80 + (random.NextDouble() * 50), 60 + (random.NextDouble() * 15_000), null)
                : new CordonShape(null, null, null, Ring(random));
            var cordon = Cordon.Of(shape);
            Assert.True(cordon is not null, $"PATROL_SEED={seed}, round {round}");
            var proposal = PostProposal.Of(cordon, none);
            Assert.InRange(proposal.Posts.Count, 4, PostProposal.MostPosts);
            Assert.All(proposal.Posts, post =>
            {
                var at = cordon.Plane.Of(post.Latitude, post.Longitude);
                Assert.True(cordon.MetresFrom(at) < 0.5, $"PATROL_SEED={seed}, round {round}: {cordon.MetresFrom(at)} m off");
            });
            Assert.Equal(proposal.Posts.Select(post => post.MetresAlong), proposal.Posts.Select(post => post.MetresAlong).Order());
            // Place and way along the line are each other's inverse.
            var along = random.NextDouble() * cordon.Metres;
            Assert.True(cordon.MetresFrom(cordon.PointAt(along)) < 1e-6, $"PATROL_SEED={seed}, round {round}");
        }
        Directory.Delete(folder);
    }

    [Fact]
    public void Pieces_between_posts_go_once_around()
    {
        var cordon = Cordon.Of(new CordonShape(39.9, 116.4, 1000, null))!;
        var (half, rest) = (cordon.Piece(0, cordon.Metres / 2), cordon.Piece(cordon.Metres / 2, 0));
        Assert.Equal(half[0], rest[^1]);
        Assert.Equal(half[^1], rest[0]);
        Assert.Equal(cordon.Metres, Length(half) + Length(rest), 2d);
    }

    private static double Length(IReadOnlyList<double[]> line)
    {
        var plane = new LocalPlane(39.9, 116.4);
        return line.Zip(line.Skip(1)).Sum(pair => (plane.Of(pair.First[1], pair.First[0]) - plane.Of(pair.Second[1], pair.Second[0])).Length);
    }

    private static double[][] Ring(Random random)
    {
        // A star around its middle: never crossing itself.
        var (longitude, latitude, corners) = (100 + random.NextDouble(), 20 + (random.NextDouble() * 20), random.Next(3, 12));
        return [.. Enumerable.Range(0, corners).Select(n => 2 * Math.PI * n / corners).Select(turn => (Turn: turn, Far: 0.005 + (random.NextDouble() * 0.02)))
            .Select(one => new[] { longitude + (one.Far * Math.Sin(one.Turn)), latitude + (one.Far * Math.Cos(one.Turn)) })];
    }

    /// <summary>Every assignment there is: most posts first, then the earliest last arrival, then the least total.</summary>
    private static (int Fewer, long Longest, long Total) Best(long?[][] times, int post, int taken, (int Fewer, long Longest, long Total) sofar)
    {
        if (post == times.Length)
            return sofar;
        var best = Best(times, post + 1, taken, sofar);
        for (var car = 0; car < times[post].Length; car++)
        {
            if ((taken >> car & 1) == 1 || times[post][car] is not { } time)
                continue;
            var with = Best(times, post + 1, taken | 1 << car, (sofar.Fewer - 1, Math.Max(sofar.Longest, time), sofar.Total + time));
            if (with.CompareTo(best) < 0)
                best = with;
        }
        return best;
    }
}
