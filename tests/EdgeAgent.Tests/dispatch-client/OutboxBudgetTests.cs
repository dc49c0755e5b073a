using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class OutboxBudgetTests : IDisposable
{
    private const long Budget = 1 << 20;
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task History_goes_first_then_evidence_and_decisions_never()
    {
        await using var outbox = TestOutbox.Open(directory.Path, Budget);
        outbox.AppendMany([.. Enumerable.Range(0, 100).Select(_ => TestOutbox.Note("decision", Lane.Decisions))]);
        outbox.AppendMany([.. Enumerable.Range(0, 20).Select(_ => TestOutbox.Clip(10_000))]);
        for (var i = 0; i < 100; i++)
            outbox.AppendMany([.. Enumerable.Range(0, 10).Select(_ => TestOutbox.Trail(1000))]);
        Assert.InRange(outbox.Counts.Bytes, Budget / 2, Budget);
        var held = outbox.LeaseAll();
        Assert.Equal((100, 20), (Held(held, Lane.Decisions), Held(held, Lane.Evidence)));
        outbox.ReleaseLeases();

        outbox.AppendMany([.. Enumerable.Range(0, 100).Select(_ => TestOutbox.Note(new string('d', 9000), Lane.Decisions))]);
        held = outbox.LeaseAll();
        Assert.Equal((200, 0), (Held(held, Lane.Decisions), Held(held, Lane.Positions)));
        Assert.InRange(Held(held, Lane.Evidence), 0, 15);
        outbox.ReleaseLeases();

        outbox.AppendMany([.. Enumerable.Range(0, 100).Select(_ => TestOutbox.Note(new string('d', 9000), Lane.Decisions))]);
        held = outbox.LeaseAll();
        Assert.Equal((300, 0), (Held(held, Lane.Decisions), Held(held, Lane.Evidence)));
        AssertNoGaps(held);
    }

    [Fact]
    public async Task Every_number_is_held_or_stands_in_a_tombstone_and_tombstones_stay_few()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), out var given) ? given : 7;
        var random = new Random(seed);
        List<Event> sent = [];
        for (var restart = 0; restart < 4; restart++)
        {
            await using var outbox = TestOutbox.Open(directory.Path, Budget);
            for (var i = 0; i < 150; i++)
            {
                outbox.AppendMany([.. Enumerable.Range(0, 10).Select(_ => random.Next(3) == 0 ? TestOutbox.Clip(random.Next(2000)) : TestOutbox.Trail(random.Next(1000)))]);
                if (random.Next(10) == 0)
                {
                    // Some leave and are answered, some are under way when the link ends.
                    var leased = outbox.Lease(20, int.MaxValue);
                    sent.AddRange(leased);
                    outbox.Acknowledge([.. leased.Take(10).Select(happened => TestOutbox.Ack(happened))]);
                    outbox.ReleaseLeases();
                }
            }
            if (restart == 3)
            {
                Assert.True(outbox.Counts.Dropped > 1000, $"seed {seed}");
                var held = outbox.LeaseAll();
                AssertNoGaps([.. held, .. sent]);
                Assert.InRange(held.Count(happened => happened.Tombstone is not null), 1, 400);
            }
        }
    }

    [Fact]
    public async Task A_delivered_copy_goes_before_an_undelivered_one_of_the_same_worth()
    {
        await using var outbox = TestOutbox.Open(directory.Path, Budget);
        var delivered = outbox.AppendMany([.. Enumerable.Range(0, 400).Select(_ => TestOutbox.Trail(1000))]);
        outbox.Answer(delivered.Skip(200).Select(happened => TestOutbox.Ack(happened)));
        outbox.AppendMany([.. Enumerable.Range(0, 550).Select(_ => TestOutbox.Note(new string('d', 1000), Lane.Decisions))]);
        Assert.Equal(0, outbox.Counts.Dropped);
        Assert.Equal(750, outbox.Counts.Pending);
        Assert.InRange(outbox.Counts.Acknowledged, 0, 199);
    }

    [Fact]
    public async Task What_is_held_for_a_case_stays()
    {
        await using var outbox = TestOutbox.Open(directory.Path, Budget);
        var clip = outbox.Append(TestOutbox.Clip(10, TestOutbox.Noise(1, 300_000)));
        Assert.True(outbox.SetHold(clip.Id.Span, true));
        Assert.False(outbox.SetHold(new byte[16], true));
        outbox.AppendMany([.. Enumerable.Range(0, 1000).Select(_ => TestOutbox.Note(new string('d', 1000), Lane.Decisions))]);
        Assert.True(outbox.Counts.Bytes > Budget);
        Assert.Single(Directory.EnumerateFiles(directory.At("attachments")));
        Assert.True(outbox.SetHold(clip.Id.Span, false));
        outbox.Append(TestOutbox.Note("one more"));
        Assert.Empty(Directory.EnumerateFiles(directory.At("attachments")));
        Assert.Equal(1, outbox.Counts.Dropped);
    }

    private static int Held(IReadOnlyList<Event> events, Lane lane) => events.Count(happened => happened.Lane == lane && happened.Tombstone is null);

    private static void AssertNoGaps(IReadOnlyList<Event> events)
    {
        foreach (var lane in events.GroupBy(happened => happened.Lane))
        {
            var numbers = lane.Select(happened => happened.Number).ToHashSet();
            foreach (var stone in lane.Where(happened => happened.Tombstone is not null).Select(happened => happened.Tombstone))
            {
                for (var number = stone.FromNumber; number <= stone.ToNumber; number++)
                    numbers.Add(number);
            }
            Assert.Equal(Enumerable.Range(1, numbers.Count).Select(number => (ulong)number), numbers.Order());
        }
    }
}
