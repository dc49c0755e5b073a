using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeAgent.Agent;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Live;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Inference;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>A whole host in this process over real files, SQLite, Kestrel and the eyes' socket; only cameras and, unless given, the centre are absent.</summary>
internal sealed class BenchCar : IAsyncDisposable
{
    public const string UnitId = "unit-1", OfficerId = "o1", OtherOfficerId = "o2", Pin = "482913";

    private static int boots;

    private readonly TemporaryDirectory folder;
    private bool ownsFolder = true;
    private bool ended;
    private readonly HttpClientHandler handler = new() { UseCookies = true };

    private BenchCar(TemporaryDirectory? over, TestPki? pki, JumpTime? time)
    {
        folder = over ?? new TemporaryDirectory();
        Pki = pki ?? new TestPki();
        Time = time ?? new JumpTime();
    }

    static BenchCar() => Environment.SetEnvironmentVariable("EDGEAGENT_MODELS", Path.Combine(Repository.Root, "models"));

    public TestPki Pki { get; }

    public JumpTime Time { get; }

    public WebApplication App { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public CookieContainer Cookies => handler.CookieContainer;

    public string Data => folder.At("data");

    public string Socket => Path.Combine(Data, "run", "eyes.sock");

    public TrustedClock Clock => Get<TrustedClock>();

    public WatchlistLibrary Lists => Get<WatchlistLibrary>();

    public byte[] Model => Get<ModelStore>().Sha256Of("face-feature");

    public T Get<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>Starts a host, with a vouched time, a roster and nothing else.</summary>
    public static async Task<BenchCar> StartAsync(
        Func<CarOptions, CarOptions>? change = null, TestCentre? centre = null, BenchCar? over = null, bool vouched = true, bool sameBoot = true, BootClock? boot = null, string? parent = null, Tpm? tpm = null)
    {
        var car = new BenchCar(parent is null ? over?.folder : new TemporaryDirectory(parent), centre?.Pki ?? over?.Pki, over?.Time);
        if (over is not null)
            over.ownsFolder = false;
        else
        {
            _ = car.Pki.WriteIdentity(Path.Combine(car.Data, "identity"), UnitId, centre?.Address ?? new Uri("https://localhost:1"), tpm: tpm);
            _ = Interlocked.Increment(ref boots);
        }
        CarOptions options = Options(car.Data, centre?.Address);
        boot ??= new BootClock(sameBoot ? "boot" : $"boot-{Interlocked.Increment(ref boots)}", () => car.Time.MonoMs);
        car.App = EdgeAgent.Agent.Program.Build(change?.Invoke(options) ?? options, car.Time, boot);
        await car.App.StartAsync();
        car.Http = new HttpClient(car.handler) { BaseAddress = new Uri(car.App.Urls.Single()) };
        if (over is null)
            Assert.Equal("", car.Get<OfficerDesk>().TakeRoster(car.Roster(1)));
        if (vouched && centre is null)
            car.Clock.CentreSaid(TestLists.Now);
        return car;
    }

    public static CarOptions Options(string data, Uri? centre) => new()
    {
        DataDirectory = data,
        IdentityDirectory = Path.Combine(data, "identity"),
        Centre = (centre ?? new Uri("https://localhost:1")).ToString(),
        Terminal = new TerminalOptions { Url = "http://127.0.0.1:0" },
        Gnss = new GnssOptions { Port = 1 },
        Vision = new EyesOptions { Spawn = false },
        Cameras =
        [
            new CameraOptions { Id = "cam1", LabelZh = "前", LabelEn = "Front", Main = "rtsp://127.0.0.1:1/1" },
            new CameraOptions { Id = "cam2", LabelZh = "后", LabelEn = "Rear", Main = "rtsp://127.0.0.1:1/2" },
            new CameraOptions { Id = "cab", LabelZh = "驾驶室", LabelEn = "Cab", Main = "rtsp://127.0.0.1:1/cab", PreviewOnly = true },
        ],
    };

    public SignedEnvelope Roster(ulong version, Action<OfficerRoster>? change = null)
    {
        var roster = new OfficerRoster { Version = version, UnitId = UnitId };
        foreach (string id in (string[])[OfficerId, OtherOfficerId])
        {
            byte[] salt = RandomNumberGenerator.GetBytes(16);
            roster.Officers.Add(new Officer
            {
                OfficerId = id,
                DisplayName = id,
                Role = "officer",
                PinSalt = ByteString.CopyFrom(salt),
                PinIterations = 10_000,
                PinHash = ByteString.CopyFrom(Rfc2898DeriveBytes.Pbkdf2(Pin, salt, 10_000, HashAlgorithmName.SHA256, 32)),
            });
        }
        change?.Invoke(roster);
        return Envelopes.Sign(Envelopes.OfficersType, roster.ToByteArray(), TestPki.Signer(SignerRole.Centre, Pki.CentreSigner));
    }

    public WatchlistVerdict Take(Watchlist list) => Lists.Take(Pki.Sign(list), list.ListId, list.Version);

    public WatchlistVerdict TakePlates(Action<Watchlist>? change = null)
    {
        Watchlist list = TestLists.Plates();
        change?.Invoke(list);
        return Take(list);
    }

    public WatchlistVerdict TakeFaces(Action<Watchlist>? change = null)
    {
        Watchlist list = TestLists.Faces();
        list.EmbeddingModelSha256 = ByteString.CopyFrom(Model);
        change?.Invoke(list);
        return Take(list);
    }

    public async Task<HttpResponseMessage> SignInAsync(string officer = OfficerId, string pin = Pin) =>
        await Http.PostAsJsonAsync("/api/session", new { officerId = officer, pin });

    public async Task<FakeEyes> EyesAsync()
    {
        await Eventually.HoldsAsync(() => File.Exists(Socket), "the host listens for eyes");
        FakeEyes eyes = await FakeEyes.AttachAsync(Socket, Time);
        await Eventually.HoldsAsync(() => eyes.Told.Count >= 2 && Get<EyesMedia>().IsHeard, "eyes are configured and can be asked");
        return eyes;
    }

    public async Task<Page> PageAsync(string path = "/api/stream")
    {
        var socket = new ClientWebSocket();
        socket.Options.Cookies = Cookies;
        await socket.ConnectAsync(new Uri(Http.BaseAddress!.ToString().Replace("http://", "ws://", StringComparison.Ordinal).TrimEnd('/') + path), CancellationToken.None);
        return new Page(socket);
    }

    public Task<HttpResponseMessage> DecideAsync(string alertId, string verdict, string reason = "", string note = "") =>
        Http.PostAsJsonAsync($"/api/alerts/{alertId}/decision", new { verdict, reason, note });

    public async Task<JsonNode> JsonAsync(string path) => JsonNode.Parse(await Http.GetStringAsync(new Uri(path, UriKind.Relative)))!;

    /// <summary>What waits for the centre, as it would leave.</summary>
    public IReadOnlyList<Event> Events()
    {
        OutboxStore outbox = Get<OutboxStore>();
        IReadOnlyList<Event> events = outbox.Lease(10_000, 100_000_000);
        outbox.ReleaseLeases();
        return events;
    }

    public ChainVerdict VerifyAudit()
    {
        using FileStream file = File.Open(Path.Combine(Data, "audit", "audit.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return AuditChain.Verify(file, Get<UnitIdentity>().Certificate, Get<AuditLog>().Head);
    }

    public IReadOnlyList<AuditRecord> Audit()
    {
        var records = new List<AuditRecord>();
        using FileStream file = File.Open(Path.Combine(Data, "audit", "audit.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        while (file.Position < file.Length)
            records.Add(AuditRecord.Parser.ParseFrom(AuditEntry.Parser.ParseDelimitedFrom(file).Record));
        return records;
    }

    /// <summary>What the auditor's own program makes of the receipts of this car, which has ended.</summary>
    public EdgeAgent.AuditVerifier.Account Receipts()
    {
        using UnitIdentity unit = UnitIdentity.Load(Path.Combine(Data, "identity"));
        var account = new EdgeAgent.AuditVerifier.Account(10_000, 180_000);
        using FileStream file = File.OpenRead(Path.Combine(Data, "audit", "audit.log"));
        EdgeAgent.AuditVerifier.Finding finding = new EdgeAgent.AuditVerifier.Chain([unit.Certificate], [], account.Add).Verify(file);
        Assert.True(finding.IsWhole, $"{finding.Code} at {finding.AtRecord}");
        return account;
    }

    /// <summary>Ends this host and starts another over what it left.</summary>
    public async Task<BenchCar> RestartAsync(bool sameBoot, Func<CarOptions, CarOptions>? change = null, TestCentre? centre = null)
    {
        await EndAsync();
        return await StartAsync(change, over: this, vouched: false, sameBoot: sameBoot, centre: centre);
    }

    /// <summary>Ends the host; what it wrote stays until this is disposed, unless another has taken it over.</summary>
    public async Task EndAsync()
    {
        if (ended)
            return;
        ended = true;
        await App.StopAsync();
        await App.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        Http.Dispose();
        handler.Dispose();
        if (ownsFolder)
            folder.Dispose();
    }
}
