using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>A whole centre on loopback over a data folder of its own: real SQLite or PostgreSQL, TLS, gRPC and HTTP.</summary>
internal sealed class CentreUnderTest : IAsyncDisposable
{
    public const string Dispatcher = "dispatcher";
    public const string Password = "correct horse battery";
    private readonly string folder = Directory.CreateTempSubdirectory("centre-test-").FullName;
    private CentreServer? server;
    private string? postgres;

    private CentreUnderTest()
    {
    }

    public string Data => Path.Combine(folder, "data");

    public string Folder => folder;

    public CentreServer Server => server ?? throw new InvalidOperationException("The centre is stopped.");

    public Uri Grpc => Server.Grpc;

    public Uri Http => Server.Http;

    /// <summary>EDGEAGENT_TEST_STORE=postgres runs on PostgreSQL what else runs on SQLite alone.</summary>
    public static CentreStore UsualStore { get; } =
        Environment.GetEnvironmentVariable("EDGEAGENT_TEST_STORE") == "postgres" ? CentreStore.Postgres : CentreStore.Sqlite;

    public static async Task<CentreUnderTest> StartAsync(string? webRoot = null, CentreStore? store = null)
    {
        var centre = await MakeAsync(store ?? UsualStore);
        await centre.StartServerAsync(webRoot);
        return centre;
    }

    /// <summary>The data folder alone, no server.</summary>
    public static CentreUnderTest Make() => Make(null);

    /// <summary>The data folder and, for PostgreSQL, a database of its own, no server.</summary>
    public static async Task<CentreUnderTest> MakeAsync(CentreStore store) =>
        Make(store == CentreStore.Postgres ? await (await PostgresForTests.StartedAsync()).NewDatabaseAsync() : null);

    /// <summary>On a database whose server is the test's own; it goes with that.</summary>
    public static Task<CentreUnderTest> MakeOnAsync(string postgres)
    {
        var centre = Make(postgres);
        centre.postgres = null;
        return Task.FromResult(centre);
    }

    private static CentreUnderTest Make(string? postgres)
    {
        var centre = new CentreUnderTest { postgres = postgres };
        var data = new DataFolder(centre.Data);
        _ = CentreKeys.Create(data, TimeProvider.System);
        if (postgres is not null)
            PrivateFiles.Write(data.KeyFile("postgres"), System.Text.Encoding.UTF8.GetBytes(postgres));
        CentreDatabase.Of(data).Checkpoint();
        return centre;
    }

    /// <summary>Every byte that the database has on disk.</summary>
    public byte[] StoredBytes()
    {
        if (postgres is null)
            return [.. Directory.EnumerateFiles(Data, "centre.db*").SelectMany(File.ReadAllBytes)];
        using var centre = new OpenCentre(Data);
        var (id, data) = centre.Database.Read(c =>
        {
            _ = Dapper.SqlMapper.Execute(c, "CHECKPOINT", commandType: System.Data.CommandType.Text);
            return Dapper.SqlMapper.QuerySingle<(long, string)>(c, "SELECT oid::bigint, current_setting('data_directory') FROM pg_database WHERE datname = current_database()");
        });
        return [.. Directory.EnumerateFiles(Path.Combine(data, "base", id.ToString())).SelectMany(File.ReadAllBytes)];
    }

    /// <summary>Stops and starts on the same port, as after a power cut that a car sits through.</summary>
    public async Task RestartAsync(int grpcPort)
    {
        await StopServerAsync();
        await StartServerAsync(null, grpcPort);
    }

    public Task StartServerAsync(string? webRoot = null, int grpcPort = 0) => StartWithAsync(options => options with
    {
        Grpc = new(System.Net.IPAddress.Loopback, grpcPort),
        WebRoot = webRoot ?? folder,
    });

    /// <summary>With what the test sets of its options, and its clock.</summary>
    public async Task StartWithAsync(Func<CentreOptions, CentreOptions> change, TimeProvider? time = null)
    {
        var options = new CentreOptions
        {
            DataDirectory = Data,
            Grpc = new(System.Net.IPAddress.Loopback, 0),
            Http = new(System.Net.IPAddress.Loopback, 0),
            WebRoot = folder,
        };
        server = await CentreServer.StartAsync(change(options), time ?? TimeProvider.System);
    }

    public async Task RestartWithAsync(Func<CentreOptions, CentreOptions> change, TimeProvider? time = null)
    {
        await StopServerAsync();
        await StartWithAsync(change, time);
    }

    /// <summary>One more gateway over the same keys, evidence and database.</summary>
    public Task<CentreServer> StartAnotherAsync() => CentreServer.StartAsync(
        new CentreOptions
        {
            DataDirectory = Data,
            Grpc = new(System.Net.IPAddress.Loopback, 0),
            Http = new(System.Net.IPAddress.Loopback, 0),
            WebRoot = folder,
        },
        TimeProvider.System);

    public async Task StopServerAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        server = null;
    }

    public T Get<T>()
        where T : notnull => Server.Services.GetRequiredService<T>();

    /// <summary>As `enrol` does; the code without its fingerprint.</summary>
    public string EnrolmentCode(string unitId, TimeSpan? valid = null, long? nowUnixMs = null)
    {
        using var centre = new OpenCentre(Data);
        return centre.Database.Write(transaction =>
        {
            UnitTable.Register(transaction, unitId, $"Beat {unitId}", OpenCentre.Now);
            ChangeTable.Note(transaction, ChangeKind.Units, unitId, OpenCentre.Now);
            return EnrolmentCodes.Create(transaction, unitId, valid ?? TimeSpan.FromHours(1), nowUnixMs ?? OpenCentre.Now);
        });
    }

    /// <summary>The running server knows the unit when this returns.</summary>
    public async Task<RawCar> EnrolAsync(string unitId)
    {
        var car = await RawCar.EnrolAsync(Grpc, EnrolmentCode(unitId));
        Get<UnitFacts>().Refresh();
        return car;
    }

    /// <summary>Runs a sub-command in a process of its own, as a technician would beside the running server.</summary>
    public Task<CommandResult> CommandAsync(string? input, params string[] arguments) => CommandResult.RunAsync([.. arguments, "--data", Data], input);

    public IssuedList IssuePlates(string listId, params string[] plates)
    {
        using var centre = new OpenCentre(Data);
        return centre.Issuing().Issue(ListBuilder.Build(PlateDraft(listId, plates), folder, TimeProvider.System), []);
    }

    public static ListDraft PlateDraft(string listId, params string[] plates) => new()
    {
        ListId = listId,
        Kind = "plates",
        Category = "stolen_vehicle",
        TitleZh = "被盗车辆",
        TitleEn = "Stolen vehicles",
        Authority = "Test bureau",
        LegalReference = "T-2026-1",
        Purpose = "find stolen vehicles",
        Source = "test",
        Entries = [.. plates.Select((plate, at) => new EntryDraft { EntryId = $"e{at}", Plate = plate, PlateClass = "blue" })],
    };

    public void AddAccount(string user = Dispatcher, string role = "dispatcher", string password = Password, string district = "")
    {
        using var centre = new OpenCentre(Data);
        _ = centre.Database.Write(transaction =>
        {
            AccountTable.Put(transaction, user, role, district, ConsoleAccess.HashPassword(user, password), OpenCentre.Now);
            return 0;
        });
    }

    /// <summary>The running server knows it when this returns.</summary>
    public void PlaceUnit(string unitId, string district, string policeType = "public_order")
    {
        using var centre = new OpenCentre(Data);
        _ = centre.Database.Write(transaction =>
        {
            UnitTable.Place(transaction, unitId, district, policeType);
            return 0;
        });
        Get<UnitFacts>().Refresh();
    }

    public UnitLedger Books(string unitId)
    {
        using var centre = new OpenCentre(Data);
        return Assert.Single(new EventLedger(centre.Database, centre.Sealing).Units(unitId, withIds: true, withDecisions: true));
    }

    /// <summary>Rows of the audit table, "actor action subject purpose".</summary>
    public IReadOnlyList<string> Audit()
    {
        using var centre = new OpenCentre(Data);
        return centre.Database.Read(c => Dapper.SqlMapper.Query<string>(c, "SELECT actor || ' ' || action || ' ' || subject || ' ' || purpose FROM audit ORDER BY seq").ToList());
    }

    public async ValueTask DisposeAsync()
    {
        await StopServerAsync();
        if (postgres is not null)
            await (await PostgresForTests.StartedAsync()).DropAsync(postgres);
        Directory.Delete(folder, recursive: true);
    }
}
