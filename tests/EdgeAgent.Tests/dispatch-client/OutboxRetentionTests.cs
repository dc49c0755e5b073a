using Google.Protobuf;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class OutboxRetentionTests : IDisposable
{
    private const long At = 1_780_000_000_000;
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task What_is_due_goes_delivered_or_not_with_its_files_and_leaves_a_tombstone_where_nobody_had_it()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        var first = outbox.Append(TestOutbox.Clip(10, TestOutbox.Noise(1, 50_000)));
        var delivered = outbox.Append(TestOutbox.Clip(10));
        var young = outbox.Append(TestOutbox.Clip(10) with { CapturedAtUnixMs = At + 5000 });
        var other = outbox.Append(TestOutbox.Note("a call"));
        outbox.Answer([TestOutbox.Ack(delivered)]);
        Assert.Equal(2, outbox.ForgetDue(Lane.Evidence, At + 1));
        Assert.Empty(Directory.EnumerateFiles(directory.At("attachments")));
        var left = outbox.LeaseAll();
        Assert.Equal(new[] { young.Id, other.Id }.ToHashSet(), left.Where(e => e.Tombstone is null).Select(e => e.Id).ToHashSet());
        var stone = Assert.Single(left, e => e.Tombstone is not null).Tombstone;
        Assert.Equal((Lane.Evidence, first.Number, first.Number, "retention"), (stone.Lane, stone.FromNumber, stone.ToNumber, stone.Reason));
        Assert.Equal(0, outbox.ForgetDue(Lane.Evidence, At + 1));
    }

    [Fact]
    public async Task What_is_held_stays_unless_it_must_go_and_what_is_under_way_waits_for_its_answer()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        var held = outbox.Append(TestOutbox.Clip());
        Assert.Equal(1, outbox.SetHold(Lane.Evidence, e => e.Id == held.Id, true));
        Assert.Equal(0, outbox.ForgetDue(Lane.Evidence, long.MaxValue));
        Assert.Equal(1, outbox.ForgetDue(Lane.Evidence, long.MaxValue, e => e.Id == held.Id, evenIfHeld: true));
        var sent = outbox.Append(TestOutbox.Clip());
        _ = outbox.LeaseAll();
        Assert.Equal(0, outbox.ForgetDue(Lane.Evidence, long.MaxValue));
        outbox.ReleaseLeases();
        Assert.Equal(1, outbox.ForgetDue(Lane.Evidence, long.MaxValue, e => e.Id == sent.Id));
    }

    [Fact]
    public async Task What_was_spared_once_is_not_opened_again_and_what_goes_is_remembered_no_longer()
    {
        await using var outbox = TestOutbox.Open(directory.Path);
        var (kept, due) = (outbox.Append(TestOutbox.Clip()), outbox.Append(TestOutbox.Clip()));
        var spared = new HashSet<long>();
        var opened = 0;
        int Forget(ByteString which) => outbox.ForgetDue(Lane.Evidence, long.MaxValue, e => ++opened > 0 && e.Id == which, spared: spared);
        _ = outbox.LeaseAll();
        Assert.Equal((0, 0, 0), (Forget(due.Id), opened, spared.Count));
        outbox.ReleaseLeases();
        Assert.Equal((1, 2, 1), (Forget(due.Id), opened, spared.Count));
        Assert.Equal((0, 2, 1), (Forget(due.Id), opened, spared.Count));
        Assert.Equal(1, outbox.ForgetDue(Lane.Evidence, long.MaxValue, e => e.Id == kept.Id));
        Assert.Equal((0, 2, 0), (Forget(due.Id), opened, spared.Count));
    }

    [Fact]
    public async Task Tombstones_of_one_reason_grow_together_and_of_another_stand_beside_them()
    {
        await using var outbox = TestOutbox.Open(directory.Path, 1 << 20);
        outbox.AppendMany([.. Enumerable.Range(0, 300).Select(_ => TestOutbox.Note("d", Lane.Decisions))]);
        Assert.Equal(300, outbox.ForgetDue(Lane.Decisions, long.MaxValue));
        var stone = Assert.Single(outbox.LeaseAll()).Tombstone;
        Assert.Equal((1UL, 300UL), (stone.FromNumber, stone.ToNumber));
    }

    [Theory]
    [InlineData("plate_seconds", 181U)]
    [InlineData("rejected_hours", 25U)]
    [InlineData("evidence_days", 32U)]
    [InlineData("look_up_minutes", 0U)]
    public void A_policy_may_shorten_what_the_public_was_promised_and_never_lengthen_it(string clock, uint value)
    {
        var policy = RetentionClocks.Standard;
        policy.Region = policy.Authority = policy.LegalReference = "T";
        Assert.Empty(RetentionClocks.Problems(policy));
        RetentionPolicy.Descriptor.FindFieldByName(clock).Accessor.SetValue(policy, value);
        Assert.Contains($"{clock} is {value}", Assert.Single(RetentionClocks.Problems(policy)));
        Assert.Contains(RetentionClocks.Problems(new RetentionPolicy()), p => p.StartsWith("authority", StringComparison.Ordinal));
    }
}
