using System.Security.Cryptography;
using EdgeAgent.Agent.Releases;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>Software that the centre offers: fetched whole or not at all, over every break.</summary>
public sealed class ReleaseTests
{
    private static readonly byte[] Bundle = MakeBundle();

    [Fact]
    public async Task A_download_goes_on_where_the_link_broke_and_where_the_car_was_switched_off()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        centre.Releases.Bundles["1.4.0"] = Bundle;
        centre.Releases.Breaks.Enqueue(300_000);
        centre.Releases.Breaks.Enqueue(500_000);
        BenchCar car = await LinkedAsync(centre);
        Assert.Equal("", car.Get<ReleaseBook>().Take(Offer("1.4.0")));
        await Eventually.HoldsAsync(() => car.Get<ReleaseBook>().BytesHeld >= 500_000, "broken twice");
        // Off before it tries once more.
        car = await car.RestartAsync(sameBoot: true, centre: centre);
        await Eventually.HoldsAsync(() => car.Get<ReleaseBook>().Waiting is null, "all is here");
        Assert.Equal([0UL, 300_000UL, 500_000UL], centre.Releases.Offsets);
        Assert.Equal(Bundle, await File.ReadAllBytesAsync(Assert.Single(Files(car), f => f.EndsWith(".bundle", StringComparison.Ordinal))));
        await Eventually.HoldsAsync(() => States(car, centre).Count > 0, "the centre is told");
        Assert.Equal([("1.4.0", ReleaseOutcome.Fetched, "")], States(car, centre));
        Assert.Contains(car.Audit(), r => (r.Subject, r.Purpose) == ("release/1.4.0", "release_fetched"));
        await car.DisposeAsync();
    }

    [Fact]
    public async Task Other_bytes_than_those_offered_are_dropped_and_so_is_what_is_not_offered_any_more()
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        centre.Releases.Bundles["1.4.0"] = [.. Bundle.Reverse()];
        Assert.Equal("", car.Get<ReleaseBook>().Take(Offer("1.4.0")));
        await Eventually.HoldsAsync(() => car.Get<ReleaseBook>().Waiting is null, "dropped");
        Assert.Equal("", car.Get<ReleaseBook>().Take(Offer("1.4.1")));
        await Eventually.HoldsAsync(() => car.Get<ReleaseBook>().Waiting is null, "not offered");
        Assert.Empty(Files(car));
        Assert.Equal([("1.4.0", ReleaseOutcome.Dropped, "wrong_hash"), ("1.4.1", ReleaseOutcome.Dropped, "not_offered")], States(car, centre));
    }

    [Theory]
    [InlineData("offset")]
    [InlineData("total")]
    [InlineData("length")]
    public async Task A_chunk_that_is_not_due_is_not_written(string what)
    {
        await using TestCentre centre = await TestCentre.StartAsync();
        await using BenchCar car = await LinkedAsync(centre);
        centre.Releases.Bundles["1.4.0"] = Bundle;
        bool spoilt = false;
        centre.Releases.Spoil = chunk =>
        {
            if (spoilt || chunk.Offset < 40_000)
                return;
            spoilt = true;
            _ = what switch
            {
                "offset" => (object)(chunk.Offset += 1),
                "total" => chunk.TotalBytes += 1,
                _ => chunk.Data = ByteString.CopyFrom(new byte[Bundle.Length]),
            };
        };
        Assert.Equal("", car.Get<ReleaseBook>().Take(Offer("1.4.0")));
        await Eventually.HoldsAsync(() => car.Get<ReleaseBook>().Waiting is null, "all is here");
        Assert.Equal([0UL, 40_000UL], centre.Releases.Offsets);
        Assert.Equal(Bundle, await File.ReadAllBytesAsync(Assert.Single(Files(car), f => f.EndsWith(".bundle", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_newer_offer_takes_the_place_of_an_older_one_and_a_senseless_one_of_none()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        ReleaseBook book = car.Get<ReleaseBook>();
        Assert.Equal("", book.Take(Offer("1.4.0")));
        await using (FileStream part = book.OpenPart(book.Waiting!))
            part.Write(new byte[10]);
        ReleaseOffer newer = Offer("1.4.1");
        newer.Sha256 = ByteString.CopyFrom(SHA256.HashData([1]));
        Assert.Equal("", book.Take(newer));
        Assert.Equal(("1.4.1", 0L, 1), (book.Waiting!.Version, book.BytesHeld, Files(car).Length));
        foreach (Action<ReleaseOffer> spoil in (Action<ReleaseOffer>[])[o => o.Version = "", o => o.Version = "../x", o => o.SizeBytes = 0, o => o.SizeBytes = ulong.MaxValue, o => o.Sha256 = ByteString.Empty])
        {
            ReleaseOffer bad = Offer("1.4.2");
            spoil(bad);
            Assert.Equal("bad_release", book.Take(bad));
        }
        Assert.Equal("1.4.1", book.Waiting!.Version);
    }

    private static string[] Files(BenchCar car) => Directory.GetFiles(Path.Combine(car.Data, "releases"));

    private static List<(string, ReleaseOutcome, string)> States(BenchCar car, TestCentre centre) =>
        [.. car.Events().Concat(centre.Durable.Values).DistinctBy(e => e.Id).Select(e => e.ReleaseState).OfType<ReleaseState>()
            .Select(s => (s.Version, s.Outcome, s.Code)).Order()];

    private static ReleaseOffer Offer(string version) =>
        new() { Version = version, SizeBytes = (ulong)Bundle.Length, Sha256 = ByteString.CopyFrom(SHA256.HashData(Bundle)) };

    private static byte[] MakeBundle()
    {
        byte[] bytes = new byte[1_000_003];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    private static async Task<BenchCar> LinkedAsync(TestCentre centre)
    {
        BenchCar car = await BenchCar.StartAsync(centre: centre);
        await Eventually.HoldsAsync(() => car.Get<CentreLink>().State.Phase == LinkPhase.Up, "the link is up");
        return car;
    }
}
