using Dapper;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Gateways;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using EdgeAgent.Tests.Rig;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Calls over a real database with a clock that the test moves. <see cref="Restart"/> makes all of it anew over the same file.</summary>
internal sealed class CallBench : IAsyncDisposable
{
    public static readonly CallPerson Wang = new("wang", "dispatcher", ""), East = new("east", "dispatcher", "east");
    private readonly CentreUnderTest centre = CentreUnderTest.Make();
    private ulong numbered;

    private CallBench() => Restart();

    public SteppedTime Time { get; } = new();

    public string Data => centre.Data;

    public static CallBench Make() => new();

    public CentreDatabase Database { get; private set; } = null!;

    public Sealing Sealing { get; private set; } = null!;

    public CommitQueue Commits { get; private set; } = null!;

    public Fleet Fleet { get; private set; } = null!;

    public UnitFacts Units { get; private set; } = null!;

    public CallTable Calls { get; private set; } = null!;

    public CallEntryTable Entries { get; private set; } = null!;

    public CallCandidates Candidates { get; private set; } = null!;

    public CallDesk Desk { get; private set; } = null!;

    public EventIntake Intake { get; private set; } = null!;

    public CallEscalation Escalation { get; private set; } = null!;

    public CommandTable Commands { get; private set; } = null!;

    public void Restart()
    {
        var data = new DataFolder(centre.Data);
        Database = CentreDatabase.Open(data.Database);
        Sealing = CentreKeys.LoadSealing(data);
        Commits = new CommitQueue(Database);
        var (options, sessions, feed) = (new CallOptions(), new SessionRegistry(), new ConsoleFeed());
        Fleet = new Fleet(Time);
        Units = new UnitFacts(new UnitTable(Database));
        Calls = new CallTable(Database, Sealing);
        Entries = new CallEntryTable(Database, Sealing);
        Commands = new CommandTable(Database, Sealing);
        var writer = new CallWriter(Calls, Entries, Commands, options, Time);
        Candidates = new CallCandidates(Fleet, sessions, Units, Calls, options);
        Desk = new CallDesk(Calls, writer, Candidates, Units, Time);
        var steps = new CallSteps(Calls, writer, new CallNews(sessions, feed));
        Intake = new EventIntake(Commits, new DecisionCheck(new UnitTable(Database)), steps, Sealing, new Gateway(Database), Time);
        Escalation = new CallEscalation(
            Commits, Database, Calls, new CallWatch(writer, Candidates, feed, Time), Time, Microsoft.Extensions.Logging.Abstractions.NullLogger<CallEscalation>.Instance);
    }

    public void AddUnit(string unitId, string district = "", string policeType = "public_order")
    {
        _ = Database.Write(transaction =>
        {
            UnitTable.Register(transaction, unitId, $"Beat {unitId}", 1);
            UnitTable.Place(transaction, unitId, district, policeType);
            return transaction.Connection!.Execute("UPDATE units SET enrolled_at = 1 WHERE unit_id = @unitId", new { unitId }, transaction);
        });
        Units.Refresh();
    }

    /// <summary>Where a car is, seen now.</summary>
    public void Place(string unitId, double latitude, double longitude, float heading = 0, float speed = 0, string officer = "010001", string availability = "") =>
        Assert.True(Fleet.Moved(unitId, new LivePosition
        {
            Availability = availability,
            Position = new Position
            {
                Fix = GnssFix._3D,
                LatitudeDegrees = latitude,
                LongitudeDegrees = longitude,
                HeadingDegrees = heading,
                SpeedMps = speed,
                OfficerId = officer,
            },
        }));

    public static CallFacts Facts(bool urgent = false, double? latitude = 39.9, double? longitude = 116.4, string district = "", CallKind kind = CallKind.Crime) => new(
        kind, urgent, kind == CallKind.Traffic ? PoliceType.Traffic : PoliceType.PublicOrder, district,
        new CallTexts { Title = "商铺被盗", Details = "店主报称夜间被撬门", Address = "望江路 12 号", Contact = "13800000000", Latitude = latitude, Longitude = longitude });

    public async Task<CallRecord> TakeAsync(CallFacts? facts = null, CallPerson? by = null) =>
        (await Commits.CommitAsync(transaction => Desk.Take(transaction, facts ?? Facts(), by ?? Wang))).Call;

    public Task<CallAnswer> DispatchAsync(CallRecord call, string unitId, string seenOwner = "", CallPerson? by = null) =>
        Commits.CommitAsync(transaction => Desk.Dispatch(transaction, call.Id, unitId, seenOwner, by ?? Wang));

    public async Task<CallRecord> TakenBy(string unitId, CallFacts? facts = null)
    {
        var call = await TakeAsync(facts);
        return (await DispatchAsync(call, unitId)).Change!.Call;
    }

    public Event Step(CallRecord call, CallAct act, ulong seen = 0, string to = "", string text = "") => RawCar.Event(Lane.Calls, ++numbered, e => e.CallStep = new CallStep
    {
        CallId = ByteString.CopyFrom(Uuid7.ToBytes(call.Id)),
        Act = act,
        AtUnixMs = Time.GetUtcNow().ToUnixTimeMilliseconds(),
        OfficerId = "010001",
        SeenRevision = seen == 0 ? (ulong)call.Revision : seen,
        ToUnitId = to,
        Text = text,
    });

    public async Task<IReadOnlyList<EventAck>> StoreAsync(string unitId, params Event[] steps) =>
        (await Intake.StoreAsync(unitId, Incarnation(unitId), new EventBatch { Events = { steps } }, CancellationToken.None)).Acks;

    public CallRecord Now(CallRecord call) => Calls.Find(call.Id)!;

    public IReadOnlyList<string> Story(CallRecord call) => [.. Entries.Of(call.Id).Select(entry => $"{entry.What} {entry.Effect}")];

    /// <summary>What waits for this unit, by revision: the clock stands still, so times say nothing.</summary>
    public IReadOnlyList<Call> SentTo(string unitId) =>
        [.. Commands.Open(unitId, Time.GetUtcNow().ToUnixTimeMilliseconds()).Where(command => command.Call is not null).Select(command => command.Call).OrderBy(call => call.Revision)];

    public IReadOnlyList<string> Audit() =>
        Database.Read(c => c.Query<string>("SELECT actor || ' ' || action || ' ' || subject || ' ' || purpose FROM audit ORDER BY seq").ToList());

    public async ValueTask DisposeAsync()
    {
        await Commits.DisposeAsync();
        await centre.DisposeAsync();
    }

    private static byte[] Incarnation(string unitId) => [.. System.Text.Encoding.UTF8.GetBytes(unitId.PadRight(16))[..16]];
}
