using System.Text.Json.Nodes;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Patrolling;
using EdgeAgent.Contract;
using EdgeAgent.Tests.DispatchClient;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class PatrolBookTests
{
    [Fact]
    public async Task A_plan_of_the_centre_is_stored_answered_shown_and_still_there_after_a_restart()
    {
        BenchCar car = await BenchCar.StartAsync();
        Command command = Ordered(Signed(car.Pki, BenchCar.UnitId, 3));
        CommandAck ack = await car.Get<CommandDesk>().HandleAsync(command, default);
        Assert.Equal((CommandOutcome.Stored, ""), (ack.Outcome, ack.Code));
        Assert.Equal(CommandOutcome.Duplicate, (await car.Get<CommandDesk>().HandleAsync(command, default)).Outcome);
        Assert.Contains(car.Audit(), r => r is { Kind: AuditKind.Configuration, Subject: "patrol/3", Purpose: "patrol_taken", Actor: "zhao" });
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal((3UL, "night"), (car.Get<PatrolBook>().Current.Version, Assert.Single(car.Get<PatrolBook>().Current.Routes).PlanId));
        await using Page page = await car.PageAsync();
        JsonNode state = await page.UntilAsync("state");
        Assert.Equal((3, "Night round", 1), ((int)state["patrol"]!["version"]!, (string)state["patrol"]!["routes"]![0]!["name"]!, (int)state["patrol"]!["routes"]![0]!["items"]!));
        // Sealed: the file does not tell where police go.
        Assert.DoesNotContain("Night round", System.Text.Encoding.UTF8.GetString(await File.ReadAllBytesAsync(Path.Combine(car.Data, "patrol.sealed"))));
        await car.DisposeAsync();
    }

    [Theory]
    [InlineData("patrol_not_newer", 3UL, BenchCar.UnitId, "night", true)]
    [InlineData("patrol_of_other_unit", 4UL, "unit-9", "night", true)]
    [InlineData("patrol_bad_plan", 4UL, BenchCar.UnitId, "", true)]
    [InlineData("patrol_not_signed_by_centre", 4UL, BenchCar.UnitId, "night", false)]
    public async Task A_plan_that_is_older_anothers_not_whole_or_not_the_centres_changes_nothing(string code, ulong version, string unit, string plan, bool ours)
    {
        await using BenchCar car = await BenchCar.StartAsync();
        using var stranger = new TestPki();
        Assert.Equal("", car.Get<PatrolBook>().Take("zhao", Signed(car.Pki, BenchCar.UnitId, 3)));
        CommandAck ack = await car.Get<CommandDesk>().HandleAsync(Ordered(Signed(ours ? car.Pki : stranger, unit, version, plan)), default);
        Assert.Equal((CommandOutcome.Refused, code), (ack.Outcome, ack.Code));
        Assert.Equal(3UL, car.Get<PatrolBook>().Current.Version);
    }

    [Fact]
    public async Task A_dispatcher_cannot_give_a_plan_and_a_spoiled_file_leaves_none()
    {
        BenchCar car = await BenchCar.StartAsync();
        Command command = Ordered(Signed(car.Pki, BenchCar.UnitId, 1));
        command.IssuerRole = "dispatcher";
        Assert.Equal("role_not_allowed", (await car.Get<CommandDesk>().HandleAsync(command, default)).Code);
        Assert.Equal("", car.Get<PatrolBook>().Take("zhao", Signed(car.Pki, BenchCar.UnitId, 3)));
        string kept = Path.Combine(car.Data, "patrol.sealed");
        byte[] spoiled = await File.ReadAllBytesAsync(kept);
        spoiled[^5] ^= 1;
        await File.WriteAllBytesAsync(kept, spoiled);
        car = await car.RestartAsync(sameBoot: true);
        Assert.Equal(0UL, car.Get<PatrolBook>().Current.Version);
        await car.DisposeAsync();
    }

    private static Command Ordered(SignedEnvelope envelope) => new()
    {
        Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
        IssuedAtUnixMs = TestLists.Now,
        Issuer = "zhao",
        IssuerRole = "system",
        Patrol = envelope,
    };

    private static SignedEnvelope Signed(TestPki pki, string unit, ulong version, string plan = "night")
    {
        var route = new PatrolRoute { PlanId = plan, Version = 1, Name = "Night round" };
        route.Items.Add(new PatrolItem
        {
            ItemId = "p1",
            Name = "School gate",
            Kind = PatrolItemKind.Point,
            Shape = { new GeoPoint { LatitudeDegrees = 39.9, LongitudeDegrees = 116.4 } },
            ToleranceMetres = 50,
        });
        var whole = new PatrolPlan { Version = version, UnitId = unit, Routes = { route } };
        return Envelopes.Sign(Envelopes.PatrolType, whole.ToByteArray(), TestPki.Signer(SignerRole.Centre, pki.CentreSigner));
    }
}
