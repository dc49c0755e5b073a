using System.Text.Json;
using Dapper;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.LookUps;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;
using Officer = Patrol.Dispatch.V1.Officer;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A centre with a register of two entries, cars with officers, and their questions.</summary>
internal static class LookUpBench
{
    public const string Plate = "沪Z9K7Q2", Document = "11010519491231002X", OfficerId = "010001", Stranger = "020002";

    public static async Task<CentreUnderTest> WithRegisterAsync(CentreStore store = CentreStore.Sqlite)
    {
        var centre = await CentreUnderTest.StartAsync(store: store);
        var imported = await ImportAsync(centre);
        Assert.True(imported.ExitCode == 0, imported.Error);
        return centre;
    }

    public static async Task<CommandResult> ImportAsync(CentreUnderTest centre, string? json = null)
    {
        var file = Path.Combine(centre.Folder, "registry.json");
        await File.WriteAllTextAsync(file, json ?? JsonSerializer.Serialize(new
        {
            plates = new[] { new { plate = "沪Z·9K7Q2", plateClass = "blue", vehicle = "white van", stolenSince = "2026-01-02T00:00:00+08:00", insuredUntil = "2026-01-02T00:00:00+08:00", inspectedUntil = "2096-01-02T00:00:00+08:00" } },
            documents = new[] { new { number = Document, name = "张三", wantedSince = "2026-01-02T00:00:00+08:00" } },
        }));
        return await centre.CommandAsync(null, "registry", "import", "--file", file);
    }

    public static async Task<RawCar> CarAsync(CentreUnderTest centre, string unitId, params string[] officers)
    {
        var car = await centre.EnrolAsync(unitId);
        using var open = new OpenCentre(centre.Data);
        _ = open.Database.Write(transaction =>
        {
            foreach (var officer in officers)
                new OfficerTable(open.Sealing).Put(transaction, unitId, new Officer { OfficerId = officer });
            return 0;
        });
        return car;
    }

    public static async Task<LookUpReply> AskAsync(RawCar car, LookUpRequest request)
    {
        var reply = await new LookUps.LookUpsClient(car.Channel).CheckAsync(request);
        Assert.Equal(request.Id, reply.Id);
        Assert.Equal(reply.Outcome == LookUpOutcome.Refused, reply.Code.Length > 0);
        return reply;
    }

    public static LookUpRequest Request(Action<LookUpRequest>? change = null)
    {
        var request = new LookUpRequest
        {
            Id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)),
            Kind = LookUpKind.Plate,
            Subject = Plate,
            Purpose = LookUpPurpose.TrafficStop,
            OfficerId = OfficerId,
            SessionId = "s1",
            AtUnixMs = 1,
        };
        change?.Invoke(request);
        return request;
    }

    public static Event Session(ulong number, string sessionId, SessionChange change, long at)
    {
        var made = RawCar.Event(Lane.Status, number, e => e.OfficerSession = new OfficerSession { SessionId = sessionId, OfficerId = OfficerId, Change = change });
        (made.OfficerId, made.CapturedAtUnixMs) = (OfficerId, at);
        return made;
    }

    public static void Sweep(CentreUnderTest centre, DateTimeOffset now)
    {
        using var open = new OpenCentre(centre.Data);
        _ = open.Database.Write(transaction =>
        {
            new LookUpSweep(new LookUpTable(open.Sealing), open.Sealing).Run(transaction, now);
            return 0;
        });
    }

    public static List<AuditRow> Audit(CentreUnderTest centre)
    {
        using var open = new OpenCentre(centre.Data);
        return open.Database.Read(c => c.Query<AuditRow>(
            "SELECT actor AS Actor, action AS Action, subject AS Subject, purpose AS Purpose FROM audit WHERE action LIKE 'look_up%' ORDER BY seq").AsList());
    }
}

/// <summary>The book over a real database, at whatever time.</summary>
internal sealed class LookUpBookBench : IDisposable
{
    private readonly CentreUnderTest centre = CentreUnderTest.Make();
    private readonly OpenCentre open;
    private readonly LookUpBook book;

    public LookUpBookBench(LookUpLimits limits)
    {
        open = new OpenCentre(centre.Data);
        book = new LookUpBook(new LookUpTable(open.Sealing), limits, open.Reading());
        _ = open.Database.Write(transaction =>
        {
            UnitTable.Register(transaction, "PB-1", "", 1);
            foreach (var officer in (string[])["o1", "o2", "o3"])
                new OfficerTable(open.Sealing).Put(transaction, "PB-1", new Officer { OfficerId = officer });
            return 0;
        });
    }

    public TimeSpan Wait { get; private set; }

    public List<string> Ask(DateTimeOffset now, string officer, int times, params string[] subjects) =>
        [.. Enumerable.Range(0, times).Select(i => open.Database.Write(transaction =>
        {
            (var code, Wait) = book.Take(transaction, "PB-1", LookUpBench.Request(r => (r.OfficerId, r.Subject) = (officer, subjects.ElementAtOrDefault(i) ?? LookUpBench.Plate)), "", now);
            return code;
        }))];

    public List<string> Patterns() => open.Database.Read(c => c.Query<string>("SELECT actor || ' ' || purpose FROM audit WHERE action = 'look_up_pattern'").AsList());

    public void Dispose()
    {
        open.Dispose();
        Directory.Delete(centre.Folder, recursive: true);
    }
}
