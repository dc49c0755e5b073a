using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Releases;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A release goes through rings: on where a ring is well for its soak time, to a stop where it is not.</summary>
public sealed class RolloutTests : IAsyncLifetime
{
    private readonly ManualTime time = new();
    private CentreUnderTest centre = null!;
    private RawCar first = null!, second = null!;
    private int number;

    public async Task InitializeAsync()
    {
        centre = CentreUnderTest.Make();
        await centre.StartWithAsync(options => options, time);
        first = await centre.EnrolAsync("PB-1");
        second = await centre.EnrolAsync("PB-2");
        using var open = new OpenCentre(centre.Data);
        foreach (var version in (string[])["1.0.0", "1.1.0"])
        {
            var file = Path.Combine(centre.Folder, version);
            await File.WriteAllTextAsync(file, $"bundle {version}");
            _ = new ReleaseStore(open.Folder, open.Database).Add(file, version, "test", OpenCentre.Now);
        }
        await HelloAsync(first, "1.0.0");
        await HelloAsync(second, "1.0.0");
    }

    public async Task DisposeAsync()
    {
        first.Dispose();
        second.Dispose();
        await centre.DisposeAsync();
    }

    [Fact]
    public async Task A_good_ring_goes_on_after_its_soak_time_and_the_last_one_ends_it_across_a_restart()
    {
        var id = await BeginAsync();
        Assert.Equal((RolloutState.Running, 0L), await MoveAsync(id));
        Assert.Equal(["PB-1"], Offered("1.1.0"));
        await HelloAsync(first, "1.1.0");
        Assert.Equal((RolloutState.Running, 0L), await MoveAsync(id));
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal((RolloutState.Running, 0L), await MoveAsync(id));
        await centre.RestartWithAsync(options => options, time);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((RolloutState.Running, 1L), await MoveAsync(id));
        Assert.Equal((RolloutState.Running, 1L), await MoveAsync(id));
        Assert.Equal(["PB-1", "PB-2"], Offered("1.1.0"));
        second.Redial(centre.Grpc);
        await HelloAsync(second, "1.1.0");
        _ = await MoveAsync(id);
        time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal((RolloutState.Done, 1L), await MoveAsync(id));
        Assert.Contains(centre.Audit(), row => row.StartsWith("centre rollout_next_ring", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_unit_that_does_not_come_back_stops_it_and_says_which_and_why()
    {
        var id = await BeginAsync();
        _ = await MoveAsync(id);
        await TellAsync(first, e => e.ReleaseState = new ReleaseState { Version = "1.1.0", Outcome = ReleaseOutcome.Fetched });
        Assert.Equal((RolloutState.Running, 0L), await MoveAsync(id));
        time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal((RolloutState.Stopped, 0L), await MoveAsync(id));
        Assert.Equal(("not_back", "PB-1"), Stop(id));
        Assert.Equal(["PB-1"], Offered("1.1.0"));
        // A person looks at the car, leaves it out, and the rest goes on.
        Assert.Equal("", await ActAsync(id, "resume"));
        Assert.Equal((RolloutState.Running, 1L), await MoveAsync(id));
    }

    [Fact]
    public async Task A_unit_that_gave_the_release_up_without_ever_saying_hello_with_it_stops_it_at_once()
    {
        var id = await BeginAsync();
        _ = await MoveAsync(id);
        await TellAsync(first, e => e.ReleaseState = new ReleaseState { Version = "1.1.0", Outcome = ReleaseOutcome.Fetched });
        await TellAsync(first, e => e.ReleaseState = new ReleaseState { Version = "1.1.0", Outcome = ReleaseOutcome.GivenUp, Detail = "it ended by itself" });
        Assert.Equal((RolloutState.Stopped, 0L), await MoveAsync(id));
        Assert.Equal(("went_back", "PB-1"), Stop(id));
    }

    [Fact]
    public async Task A_unit_that_falls_ill_with_the_release_stops_it_and_one_that_was_ill_before_does_not()
    {
        await IllAsync(first, "cameras");
        var id = await BeginAsync();
        _ = await MoveAsync(id);
        await HelloAsync(first, "1.1.0");
        _ = await MoveAsync(id);
        await IllAsync(first, "cameras");
        Assert.Equal((RolloutState.Running, 0L), await MoveAsync(id));
        await IllAsync(first, "cameras", "matching");
        Assert.Equal((RolloutState.Stopped, 0L), await MoveAsync(id));
        Assert.Equal(("unwell", "PB-1"), Stop(id));
    }

    [Fact]
    public async Task A_unit_that_judges_itself_is_believed_so_that_a_tunnel_stops_no_rollout()
    {
        var id = await BeginAsync();
        _ = await MoveAsync(id);
        await HelloAsync(first, "1.1.0");
        _ = await MoveAsync(id);
        await JudgedAsync(first, degraded: "gnss");
        Assert.Equal((RolloutState.Running, 0L), await MoveAsync(id));
        await JudgedAsync(first, degraded: "gnss", ill: "matching");
        Assert.Equal((RolloutState.Stopped, 0L), await MoveAsync(id));
        Assert.Equal(("unwell", "PB-1"), Stop(id));
    }

    [Fact]
    public async Task A_unit_that_goes_back_by_itself_stops_it_and_rolling_back_orders_it_to_what_ran_before()
    {
        var id = await BeginAsync();
        _ = await MoveAsync(id);
        await HelloAsync(first, "1.1.0");
        _ = await MoveAsync(id);
        await HelloAsync(first, "1.0.0");
        Assert.Equal((RolloutState.Stopped, 0L), await MoveAsync(id));
        Assert.Equal(("went_back", "PB-1"), Stop(id));
        Assert.Equal("", await ActAsync(id, "roll_back"));
        // No old bundle is sent: the car would refuse it, and holds what it ran before.
        Assert.Empty(Offered("1.0.0"));
        Assert.Empty(Offered("1.1.0"));
        using (var session = await first.ConnectAsync(hello => hello.SoftwareVersion = "1.1.0"))
        {
            var envelope = (await session.CommandAsync(Command.BodyOneofCase.ReleaseRollback)).ReleaseRollback;
            var order = ReleaseRollback.Parser.ParseFrom(envelope.Payload);
            Assert.Equal(("PB-1", "1.1.0", "1.0.0", "a reason"), (order.UnitId, order.Leave, order.BackTo, order.Reason));
            Assert.True(Envelopes.OpenTrusted(envelope, Envelopes.RollbackType, SignerRole.Centre, [.. first.Reply!.CentreSigners.Select(der => System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(der.Span))]) is not null);
        }
        Assert.Contains(centre.Audit(), row => row.StartsWith("tech release_rollback_ordered PB-1 1.1.0 1.0.0", StringComparison.Ordinal));
        Assert.Equal("rollout_closed", await ActAsync(id, "resume"));
    }

    [Fact]
    public async Task A_paused_roll_out_waits_and_a_unit_stands_in_one_roll_out_only()
    {
        var id = await BeginAsync();
        _ = await MoveAsync(id);
        Assert.Equal("", await ActAsync(id, "pause"));
        await HelloAsync(first, "1.1.0");
        time.Advance(TimeSpan.FromDays(2));
        Assert.Equal((RolloutState.Paused, 0L), await MoveAsync(id));
        Assert.Equal("unit_taken", await BeginRefusedAsync("1.0.0", ["PB-2"]));
        Assert.Equal("unknown_release", await BeginRefusedAsync("9", ["PB-2"]));
        Assert.Equal("unknown_unit", await BeginRefusedAsync("1.0.0", ["PB-9"]));
        Assert.Equal("no_units", await BeginRefusedAsync("1.0.0", []));
        Assert.Equal("", await ActAsync(id, "resume"));
        Assert.Equal((RolloutState.Running, 0L), await MoveAsync(id));
    }

    [Fact]
    public async Task A_technician_begins_it_at_the_console_and_the_first_ring_is_told_at_once()
    {
        centre.AddAccount("tech", "technician");
        using var console = await ConsoleClient.SignedInAsync(centre.Http, "tech");
        using var session = await first.ConnectAsync(hello => hello.SoftwareVersion = "1.0.0");
        const string Body = """{"version":"1.1.0","rings":[["PB-1"],["PB-2"]],"soakMinutes":60,"backMinutes":30}""";
        Assert.Equal(System.Net.HttpStatusCode.OK, (await console.PostAsync("/api/admin/rollouts", Body)).Status);
        Assert.Equal("1.1.0", (await session.CommandAsync(Command.BodyOneofCase.Release)).Release.Version);
        Assert.Equal("unit_taken", (string?)(await console.PostAsync("/api/admin/rollouts", Body)).Json!["code"]);
        var view = System.Text.Json.Nodes.JsonNode.Parse(await console.Http.GetStringAsync(new Uri("/api/admin/releases", UriKind.Relative)))!["rollouts"]![0]!;
        Assert.Equal(("running", 1, 1), ((string)view["state"]!, (int)view["rings"]![0]!["counts"]!["offered"]!, (int)view["rings"]![1]!["counts"]!["waiting"]!));
    }

    private async Task<byte[]> BeginAsync()
    {
        var rollout = New("1.1.0");
        Assert.Equal("", await centre.Get<CommitQueue>().CommitAsync(transaction => centre.Get<RolloutBook>().Begin(transaction, rollout, [["PB-1"], ["PB-2"]])));
        return rollout.RolloutId;
    }

    private Task<string> BeginRefusedAsync(string version, IReadOnlyList<string> units) =>
        centre.Get<CommitQueue>().CommitAsync(transaction => centre.Get<RolloutBook>().Begin(transaction, New(version), [units]));

    private Rollout New(string version) => new() { RolloutId = Uuid7.New(time), Version = version, SoakMinutes = 60, BackMinutes = 30, MadeBy = "tech", MadeAt = Now() };

    private Task<string> ActAsync(byte[] id, string act) =>
        centre.Get<CommitQueue>().CommitAsync(transaction => centre.Get<RolloutBook>().Act(transaction, id, act, "tech", "a reason"));

    private async Task<(string State, long Ring)> MoveAsync(byte[] id)
    {
        var rollout = Row(id);
        _ = await centre.Get<CommitQueue>().CommitAsync(transaction => centre.Get<RolloutBook>().Move(transaction, rollout));
        return (Row(id).State, Row(id).Ring);
    }

    private Rollout Row(byte[] id) => centre.Get<RolloutTable>().All().Single(rollout => rollout.RolloutId.AsSpan().SequenceEqual(id));

    private (string, string) Stop(byte[] id) => (Row(id).StopCode, Row(id).StopUnit);

    private List<string> Offered(string version) => centre.Get<CentreDatabase>().Read(c => Dapper.SqlMapper.Query<string>(
        c, "SELECT unit_id FROM release_offers WHERE version = @version ORDER BY unit_id", new { version }).ToList());

    private static async Task HelloAsync(RawCar car, string version)
    {
        using var session = await car.ConnectAsync(hello => hello.SoftwareVersion = version);
    }

    private Task JudgedAsync(RawCar car, string degraded, params string[] ill) => TellAsync(car, e => e.UnitHealth = new UnitHealth
    {
        Stages = { new StageHealth { Name = degraded, State = StageState.Degraded } },
        Judgement = new SelfJudgement { Ill = { ill } },
    });

    private Task IllAsync(RawCar car, params string[] stages) => TellAsync(
        car, e => e.UnitHealth = new UnitHealth { Stages = { stages.Select(stage => new StageHealth { Name = stage, State = StageState.Degraded }) } });

    private async Task TellAsync(RawCar car, Action<Event> fill)
    {
        var running = centre.Get<UnitTable>().All().Single(unit => unit.UnitId == car.UnitId).SoftwareVersion;
        using var session = await car.ConnectAsync(hello => hello.SoftwareVersion = running);
        _ = await session.StoreAsync(RawCar.Event(Lane.Status, (ulong)++number, fill));
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
