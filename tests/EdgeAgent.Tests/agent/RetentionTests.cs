using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Retention;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class RetentionTests
{
    private const string Plate = "沪Z9K7Q2";

    [Fact]
    public async Task A_rejected_alert_that_could_not_be_sent_is_gone_after_its_hours_and_a_tombstone_stands_in_its_place()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates(l => (l.Plates[0].Plate, l.ValidToUnixMs) = (Plate, TestLists.Now + (300L * 3_600_000))).Accepted);
        await DecideAsync(car, "rejected", "not_same_plate", "was a van, not " + Plate);
        car.Time.Jump(TimeSpan.FromHours(23.5));
        car.Get<RetentionStage>().Sweep();
        Event rejected = Assert.Single(car.Events(), e => e.AlertDecided is not null);
        car.Time.Jump(TimeSpan.FromHours(0.6));
        car.Get<RetentionStage>().Sweep();
        Assert.DoesNotContain(car.Events(), e => e.AlertDecided is not null);
        Assert.Contains(car.Events(), e => e.Tombstone is { Reason: "retention", Lane: Lane.Decisions } t && t.FromNumber == rejected.Number);
        Assert.Contains(car.Audit(), r => r is { Kind: AuditKind.Deleted, Subject: "rejected 1", Purpose: "retention/0" });
    }

    [Fact]
    public async Task A_confirmed_alert_and_its_details_stay_for_their_days_and_no_longer()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates(l => l.Plates[0].Plate = Plate).Accepted);
        Assert.Equal("", Take(car, 1, p => (p.ConfirmedDays, p.DetailDays) = (3, 2)));
        await DecideAsync(car, "confirmed", "", "note");
        car.Time.Jump(TimeSpan.FromDays(2.1));
        car.Get<RetentionStage>().Sweep();
        Assert.Contains(car.Events(), e => e.AlertDecided is not null);
        Assert.Contains(car.Audit(), r => r is { Kind: AuditKind.Deleted, Subject: "details 1", Purpose: "retention/1" });
        car.Time.Jump(TimeSpan.FromDays(1));
        car.Get<RetentionStage>().Sweep();
        Assert.DoesNotContain(car.Events(), e => e.AlertDecided is not null);
        Assert.True(car.VerifyAudit().Whole);
    }

    [Fact]
    public async Task A_hold_of_the_centre_keeps_what_is_confirmed_until_it_ends_and_nothing_keeps_what_is_rejected()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates(l => l.Plates[0].Plate = Plate).Accepted);
        Assert.Equal("", Take(car, 1, p => p.ConfirmedDays = 3));
        RetentionDesk desk = car.Get<RetentionDesk>();
        await DecideAsync(car, "confirmed", "", "");
        Event confirmed = Assert.Single(car.Events(), e => e.AlertDecided is not null);
        Assert.Equal("reason_required", desk.Hold("li", new EvidenceHold { EventId = confirmed.Id, Hold = true }));
        Assert.Equal("bad_event_id", desk.Hold("li", new EvidenceHold { Hold = true, Reason = "case 17" }));
        Assert.Equal("", desk.Hold("li", new EvidenceHold { EventId = confirmed.Id, Hold = true, Reason = "case 17" }));
        car.Time.Jump(TimeSpan.FromDays(20));
        car.Get<RetentionStage>().Sweep();
        Assert.Contains(car.Events(), e => e.Id == confirmed.Id);
        Assert.Equal("", desk.Hold("li", new EvidenceHold { EventId = confirmed.Id, Hold = false, Reason = "closed" }));
        car.Get<RetentionStage>().Sweep();
        Assert.DoesNotContain(car.Events(), e => e.Id == confirmed.Id);
        Assert.Equal(["hold", "release"], car.Audit().Where(r => r.Kind == AuditKind.Hold).Select(r => r.Subject.Split(' ')[0]));
    }

    [Fact]
    public async Task Calls_that_are_over_and_instructions_that_nobody_read_go_on_their_clocks()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        OutboxStore outbox = car.Get<OutboxStore>();
        var over = new Call { CallId = Id(1), Revision = 1, State = CallState.Closed, ReceivedAtUnixMs = TestLists.Now };
        var open = new Call { CallId = Id(2), Revision = 1, State = CallState.Handling, ReceivedAtUnixMs = TestLists.Now };
        var told = new Command { Id = Id(3), IssuedAtUnixMs = TestLists.Now, Instruction = new Instruction { InstructionId = Id(4), Text = "x" } };
        outbox.Write((c, t) =>
        {
            car.Get<CallBook>().Take(over, c, t);
            car.Get<CallBook>().Take(open, c, t);
            car.Get<InstructionBook>().Take(told, c, t);
        });
        car.Get<CallBook>().Took(over);
        car.Get<CallBook>().Took(open);
        car.Get<InstructionBook>().Took(told);
        car.Time.Jump(TimeSpan.FromDays(31));
        car.Get<RetentionStage>().Sweep();
        Assert.Equal(Id(2), Assert.Single(car.Get<CallBook>().Calls).CallId);
        Assert.Empty(car.Get<InstructionBook>().Unread);
        Assert.Equal((1L, 0L), outbox.Read(c => (Count(c, "calls"), Count(c, "instructions"))));
    }

    [Fact]
    public async Task Time_that_nobody_is_sure_of_destroys_nothing()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates(l => l.Plates[0].Plate = Plate).Accepted);
        await DecideAsync(car, "rejected", "not_same_plate", "");
        car.Time.SetWall(DateTimeOffset.FromUnixTimeMilliseconds(TestLists.Now).AddYears(3));
        car.Clock.GnssSaid(TestLists.Now + (400L * 24 * 3_600_000));
        car.Get<RetentionStage>().Sweep();
        Assert.Contains(car.Events(), e => e.AlertDecided is not null);
    }

    [Theory]
    [InlineData("retention_bad_clock", 2UL, 25U, true)]
    [InlineData("retention_bad_clock", 2UL, 0U, true)]
    [InlineData("retention_not_newer", 1UL, 12U, true)]
    [InlineData("retention_not_signed_by_centre", 2UL, 12U, false)]
    public async Task A_policy_that_keeps_longer_is_older_or_not_the_centres_changes_nothing(string code, ulong version, uint hours, bool ours)
    {
        BenchCar car = await BenchCar.StartAsync();
        using var stranger = new TestPki();
        Assert.Equal("", Take(car, 1, p => (p.RejectedHours, p.PlateSeconds) = (6, 60)));
        Assert.Equal(code, Take(car, version, p => p.RejectedHours = hours, ours ? null : stranger));
        Assert.Equal((1UL, 6U), (car.Get<PolicyBook>().Current.Version, car.Get<PolicyBook>().Current.RejectedHours));
        await using (FakeEyes eyes = await car.EyesAsync())
            await Eventually.HoldsAsync(() => eyes.Seeing.PlateMemoryMs == 60_000, "eyes are told how long to remember plates");
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal((1UL, 6U), (car.Get<PolicyBook>().Current.Version, car.Get<PolicyBook>().Current.RejectedHours));
        string kept = Path.Combine(car.Data, "retention.signed");
        byte[] spoiled = await File.ReadAllBytesAsync(kept);
        spoiled[60] ^= 1;
        await File.WriteAllBytesAsync(kept, spoiled);
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal((0UL, 24U), (car.Get<PolicyBook>().Current.Version, car.Get<PolicyBook>().Current.RejectedHours));
        await car.DisposeAsync();
    }

    private static async Task DecideAsync(BenchCar car, string verdict, string reason, string note)
    {
        _ = await car.SignInAsync();
        await using FakeEyes eyes = await car.EyesAsync();
        await using Page page = await car.PageAsync();
        await eyes.SeePlateAsync(Plate);
        string id = (string)(await page.UntilAsync("alert"))["id"]!;
        _ = (await car.DecideAsync(id, verdict, reason, note)).EnsureSuccessStatusCode();
    }

    private static string Take(BenchCar car, ulong version, Action<RetentionPolicy> change, TestPki? signer = null)
    {
        RetentionPolicy policy = RetentionClocks.Standard;
        (policy.Version, policy.Region, policy.Authority, policy.LegalReference) = (version, "T", "Test bureau", "T-2026-9");
        change(policy);
        return car.Get<PolicyBook>().Take(Envelopes.Sign(
            Envelopes.RetentionType, policy.ToByteArray(), TestPki.Signer(SignerRole.Centre, (signer ?? car.Pki).CentreSigner)));
    }

    private static long Count(Microsoft.Data.Sqlite.SqliteConnection connection, string table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table}";
        return (long)command.ExecuteScalar()!;
    }

    private static ByteString Id(byte last) => ByteString.CopyFrom([.. new byte[15], last]);
}
