using EdgeAgent.Contract;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class RandomPoolTests
{
    [Fact]
    public void Bytes_never_come_twice_and_are_evenly_spread_over_threads_and_refills()
    {
        var seen = new HashSet<Guid>();
        var ones = 0L;
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            var drawn = new byte[16];
            for (var i = 0; i < 5000; i++)
            {
                RandomPool.Fill(drawn);
                lock (seen)
                {
                    Assert.True(seen.Add(new Guid(drawn)));
                    ones += drawn.Sum(b => System.Numerics.BitOperations.PopCount(b));
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(20_000, seen.Count);
        // Half of 2,560,000 bits; the standard deviation is 800.
        Assert.InRange(ones, 1_280_000 - 5600, 1_280_000 + 5600);
    }

    [Fact]
    public void An_id_is_a_version_7_uuid_of_the_clocks_millisecond()
    {
        var id = Uuid7.New(TimeProvider.System);
        var guid = Uuid7.ToGuid(id);
        Assert.Equal((7, 2), (guid.Version, guid.Variant >> 2));
        Assert.InRange(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - Uuid7.UnixMs(id), 0, 5000);
        Assert.NotEqual(id, Uuid7.New(TimeProvider.System));
    }
}
